#include "front.h"

#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "compdb.h"
#include "flow_pack.h"
#include "link.h"
#include "parser.h"
#include "paths.h"
#include "places.h"
#include "roots.h"

enum { SMALL_DATABASE = 64 };   /* entries read in full when it is not known what belongs together */

struct loader {
    const struct front_options *options;
    struct arena               *arena;
    struct parser              *parser;
    uint64_t                    identity;   /* of what parses */
    struct models              *models;
    struct compdb              *db;
    bool                        includes;   /* something was asked for that is no source: what includes it is */
    bool                       *wanted;     /* entries that were asked for */
    bool                       *read;       /* and those their programs may need */
    struct front               *front;
    uint32_t                    unit_capacity;
    uint32_t                   *entry_unit; /* of the entries that are read: index into front->units */
    int64_t                    *row;        /* likewise, in the cache */
    struct flow               **known;      /* and what was there */
    struct link_unit           *linked;
    uint32_t                   *linked_entry;
    uint32_t                    linked_count;
    uint32_t                    parsed, to_parse;
};

/* ---- which entries ------------------------------------------------------------------- */

static bool is_under(const char *file, const char *path)
{
    size_t n = strlen(path);

    return !strncmp(file, path, n) && (!file[n] || file[n] == '/' || (n && path[n - 1] == '/'));
}

static void add_unit(struct loader *l, struct front_unit unit)
{
    ARENA_PUSH(l->arena, l->front->units, l->front->unit_count, l->unit_capacity) = unit;
}

static bool is_excluded(const struct loader *l, const char *file)
{
    return l->options->excluded && l->options->excluded(l->options->self, file);
}

static bool want_path(struct loader *l, const char *path)
{
    bool found = false;

    for (uint32_t i = 0; i < l->db->count; i++) {
        const char *file = l->db->entries[i].file;

        if (!is_under(file, path))
            continue;
        found = true;
        l->wanted[i] = l->wanted[i] || !strcmp(file, path) || !is_excluded(l, file);
    }
    return found;
}

struct users {
    struct loader *loader;
    bool           found;
};

static void want_user(void *self, const char *source)
{
    struct users *u = self;

    u->found |= want_path(u->loader, source);
}

/* Headers are read with the units that include them. */
static bool want_users(struct loader *l, const char *path)
{
    const struct unit_cache *cache = l->options->cache;
    struct users u = { .loader = l };

    if (cache)
        cache->users(cache->self, path, want_user, &u);
    return u.found;
}

static const struct unit_file *text_of(const struct loader *l, const char *file)
{
    for (size_t i = 0; i < l->options->overlay_count; i++)
        if (!strcmp(l->options->overlay[i].path, file))
            return &l->options->overlay[i];
    return NULL;
}

static bool text_is_gone(const struct loader *l, const char *file)
{
    const struct unit_file *text = text_of(l, file);

    return text && !text->text;
}

static const char *why_not(const struct loader *l, const char *path)
{
    const char *end = strrchr(path, '.');

    if (access(path, F_OK) && !text_of(l, path))
        return "no such file";
    if (end && !strcmp(end, ".h"))
        return "no unit is known to include it: check the whole project once";
    if (l->options->flags)
        return "not a C source";
    return arena_printf(l->arena, "not in the compile database '%s'", l->db->path);
}

static void want_file(struct loader *l, const char *cwd, const char *name)
{
    static const char *const none[] = { NULL };
    const char *path = path_absolute(cwd, name, l->arena);

    if (want_path(l, path))
        return;
    l->includes = true;
    if (!want_users(l, path))
        add_unit(l, (struct front_unit){ .file = path, .directory = cwd, .arguments = none,
                                         .wanted = !l->options->some, .left_out = l->options->some,
                                         .error = why_not(l, path) });
}

static uint64_t key_of(const struct loader *l, const struct compdb_entry *e)
{
    XXH3_state_t *state = XXH3_createState();
    uint64_t key;

    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, &l->identity, sizeof l->identity);
    XXH3_64bits_update(state, e->file, strlen(e->file) + 1);
    XXH3_64bits_update(state, e->directory, strlen(e->directory) + 1);
    for (uint32_t i = 0; i < e->argument_count; i++)
        XXH3_64bits_update(state, e->arguments[i], strlen(e->arguments[i]) + 1);
    key = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return key;
}

/* Two entries that may end up in one program. */
static bool belong_together(const struct loader *l, const struct compdb_entry *a, const struct compdb_entry *b)
{
    const char *slash = strrchr(a->file, '/');

    if (*a->target && *b->target)
        return !strcmp(a->target, b->target);
    return l->db->count <= SMALL_DATABASE ||
           (!strncmp(a->file, b->file, (size_t)(slash - a->file) + 1));
}

/* It may include what was asked for: nobody has ever looked. */
static bool is_unknown(const struct loader *l, const struct compdb_entry *e)
{
    const struct unit_cache *cache = l->options->cache;

    return l->options->some && l->includes && (!cache || !cache->knows(cache->self, key_of(l, e)));
}

static void choose_entries(struct loader *l)
{
    const char *cwd = path_working_directory(l->arena);
    uint32_t n = l->db->count;

    l->wanted = ARENA_ARRAY(l->arena, bool, n);
    l->read = ARENA_ARRAY(l->arena, bool, n);
    for (size_t i = 0; i < l->options->file_count; i++)
        want_file(l, cwd, l->options->files[i]);
    for (uint32_t i = 0; i < n && !l->options->file_count; i++)
        l->wanted[i] = !is_excluded(l, l->db->entries[i].file);
    for (uint32_t i = 0; i < n; i++)
        l->wanted[i] = l->wanted[i] || is_unknown(l, &l->db->entries[i]);
    memcpy(l->read, l->wanted, n * sizeof *l->read);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < n && !l->read[i]; k++)
            l->read[i] = l->wanted[k] && belong_together(l, &l->db->entries[k], &l->db->entries[i]);
}

/* ---- what is known of them ---------------------------------------------------------------- */

/* NULL: it is there, on disk or as a text. */
static const char *why_gone(const struct loader *l, const struct compdb_entry *e)
{
    const struct unit_file *text = text_of(l, e->file);
    const struct unit_cache *cache = l->options->cache;

    if (text)
        return text->text ? NULL : "it is not part of this state of the files";
    return compdb_gone(l->db, e, cache && inputs_is_file(cache->inputs, e->file), l->arena);
}

static void look_up(struct loader *l, uint32_t at)
{
    const struct compdb_entry *e = &l->db->entries[at];
    const struct unit_cache *cache = l->options->cache;
    struct front_unit u = {
        .file = e->file, .directory = e->directory, .arguments = e->arguments,
        .wanted = l->wanted[at], .error = why_gone(l, e), .key = key_of(l, e),
    };

    u.left_out = u.error && text_of(l, e->file);
    u.wanted = u.wanted && !u.left_out;
    if (!u.error && cache)
        u.cached = cache->find(cache->self, u.key, &u.warning, &u.hash, &l->row[at]);
    if (!u.error && !u.cached)
        parser_prepare(l->parser);
    l->entry_unit[at] = l->front->unit_count;
    add_unit(l, u);
}

static void sum_up(struct front *front)
{
    XXH3_state_t *state = XXH3_createState();

    XXH3_64bits_reset(state);
    front->unchanged = true;
    for (uint32_t i = 0; i < front->unit_count; i++) {
        const struct front_unit *u = &front->units[i];
        uint64_t parts[] = { u->key, u->hash, u->wanted };

        XXH3_64bits_update(state, parts, sizeof parts);
        front->unchanged = front->unchanged && (u->cached || u->left_out);
    }
    front->hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
}

/* ---- reading ---------------------------------------------------------------------------- */

/* Paths that are not absolute are the unit's. */
static void keep(struct loader *l, struct front_unit *u, const struct parse_job *job)
{
    const struct unit_cache *cache = l->options->cache;
    uint32_t *numbers = ARENA_ARRAY(l->arena, uint32_t, job->include_count + 1), *places, place_count;

    numbers[0] = inputs_number(cache->inputs, u->file);
    for (uint32_t i = 0; i < job->include_count; i++)
        numbers[i + 1] = inputs_number(cache->inputs, path_absolute(u->directory, job->includes[i], l->arena));
    u->hash = inputs_hash_all(cache->inputs, numbers, job->include_count + 1);
    if (inputs_newer(cache->inputs, numbers, job->include_count + 1, job->started)) {
        u->hash = (uint64_t)inputs_now();       /* what was parsed may be another state: nothing is to be known by it */
        return;
    }
    places = places_of(cache->inputs, u->directory, u->arguments, numbers, job->include_count + 1, &place_count);
    cache->keep(cache->self, &(struct cached_unit){
        .file = u->file, .directory = u->directory, .arguments = u->arguments, .key = u->key, .hash = u->hash,
        .inputs = numbers, .input_count = job->include_count + 1, .places = places, .place_count = place_count, .error = u->error, .warning = u->warning,
        .flow = job->flow,
    });
}

static void parsed(void *self, const struct parse_job *job)
{
    struct loader *l = self;
    struct front_unit *u = &l->front->units[job->number];

    u->parsed = true;
    u->error = job->error;
    u->warning = job->warning;
    if (l->options->cache)
        keep(l, u, job);
    if (l->options->parsed)
        l->options->parsed(l->options->self, u->file, ++l->parsed, l->to_parse);
}

static void take(struct loader *l, uint32_t at, struct flow *flow)
{
    const struct compdb_entry *e = &l->db->entries[at];

    if (!flow) {
        l->front->units[l->entry_unit[at]].error = "internal: what was parsed cannot be read; chanleak clean helps";
        return;
    }
    l->linked_entry[l->linked_count] = at;
    l->linked[l->linked_count++] = (struct link_unit){ flow, e->file, e->target };
}

static void read_known(struct loader *l)
{
    const struct unit_cache *cache = l->options->cache;

    l->known = ARENA_ARRAY(l->arena, struct flow *, l->db->count);
    for (uint32_t i = 0; i < l->db->count; i++)
        if (l->read[i] && l->front->units[l->entry_unit[i]].cached)
            l->known[i] = flow_unpack(cache->flow(cache->self, l->row[i], l->arena), l->arena);
}

/* Everything that is not in the cache, side by side, and what is there meanwhile. */
static const char *parse_rest(struct loader *l, struct parse_job *jobs)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < l->db->count; i++) {
        const struct compdb_entry *e = &l->db->entries[i];
        const struct front_unit *u = &l->front->units[l->entry_unit[i]];

        if (l->read[i] && !u->error && !u->cached)
            jobs[count++] = (struct parse_job){ .number = l->entry_unit[i], .file = e->file, .directory = e->directory,
                                                .arguments = e->arguments, .argument_count = e->argument_count };
    }
    l->to_parse = count;
    parser_begin(l->parser, jobs, count);
    read_known(l);
    return parser_run(l->parser, jobs, count);
}

/* In the order of the database, whichever was done first. */
static void take_all(struct loader *l, const struct parse_job *jobs)
{
    for (uint32_t i = 0; i < l->db->count; i++) {
        const struct front_unit *u = &l->front->units[l->entry_unit[i]];

        if (l->read[i] && u->cached)
            take(l, i, l->known[i]);
        else if (l->read[i] && jobs->file == u->file && !(jobs++)->error)
            take(l, i, flow_unpack(jobs[-1].flow, l->arena));
    }
}

/* ---- programs ----------------------------------------------------------------------------- */

static bool is_asked_for(const struct loader *l, const struct program *p)
{
    for (uint32_t i = 0; i < p->unit_count; i++)
        if (l->wanted[l->linked_entry[p->units[i]]])
            return true;
    return false;
}

static const struct front_part *parts_of(const struct loader *l, const struct program *p)
{
    struct front_part *parts = ARENA_ARRAY(l->arena, struct front_part, p->unit_count);

    for (uint32_t i = 0; i < p->unit_count; i++) {
        const struct compdb_entry *e = &l->db->entries[l->linked_entry[p->units[i]]];

        parts[i] = (struct front_part){ e->file, e->directory, e->command };
    }
    return parts;
}

/* The models were read by what parses, which is in every unit's key. */
static uint64_t hash_of(const struct loader *l, const struct program *p)
{
    XXH3_state_t *state = XXH3_createState();
    uint64_t hash;

    XXH3_64bits_reset(state);
    for (uint32_t i = 0; i < p->unit_count; i++) {
        const struct front_unit *u = &l->front->units[l->entry_unit[l->linked_entry[p->units[i]]]];

        XXH3_64bits_update(state, &u->key, sizeof u->key);
        XXH3_64bits_update(state, &u->hash, sizeof u->hash);
    }
    hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}

static bool is_configured(const struct loader *l, const struct flow *flow, uint32_t function)
{
    for (size_t i = 0; i < l->options->root_count; i++)
        if (!strcmp(l->options->roots[i], flow_function_name(flow, function)))
            return true;
    return false;
}

/* Those found, and then those that were asked for. */
static const uint32_t *roots_besides(struct loader *l, const struct flow *flow, uint32_t *count)
{
    uint32_t found, *roots = roots_of(flow, l->arena, &found), capacity = found;

    *count = found;
    for (uint32_t f = 0; f < flow->function_count && l->options->root_count; f++) {
        bool known = !flow->functions[f].block_count || !is_configured(l, flow, f);

        for (uint32_t i = 0; i < found; i++)
            known |= roots[i] == f;
        if (!known)
            ARENA_PUSH(l->arena, roots, *count, capacity) = f;
    }
    return roots;
}

static void add_programs(struct loader *l)
{
    struct programs programs = link_programs(l->linked, l->linked_count, l->models, l->arena);
    uint32_t capacity = 0;

    for (uint32_t i = 0; i < programs.count; i++) {
        const struct program *p = &programs.list[i];
        struct front_program f = { .name = p->name, .flow = p->flow, .hash = hash_of(l, p) };

        if (!is_asked_for(l, p))
            continue;
        f.roots = roots_besides(l, p->flow, &f.root_count);
        f.parts = parts_of(l, p);
        f.part_count = p->unit_count;
        ARENA_PUSH(l->arena, l->front->programs, l->front->program_count, capacity) = f;
    }
}

/* ---- all of it ---------------------------------------------------------------------------- */

struct front *front_open(const struct front_options *options, struct arena *arena, const char **error)
{
    struct loader *l = ARENA_NEW(arena, struct loader);
    struct parser_options parser = {
        .processes = options->processes, .models = options->models, .model_count = options->model_count,
        .overlay = options->overlay, .overlay_count = options->overlay_count, .keeper = options->keeper,
        .parsed = parsed, .self = l,
    };

    l->options = options;
    l->arena = arena;
    l->front = ARENA_NEW(arena, struct front);
    l->front->loader = l;
    l->db = options->flags ? compdb_given(options->files, options->file_count, options->flags, arena)
                           : compdb_load(options->database, options->file_count ? options->files[0] : NULL, arena, error);
    if (!l->db)
        return NULL;
    l->front->database = l->db->path;
    l->parser = parser_new(&parser, arena);
    l->identity = parser_identity(l->parser);
    choose_entries(l);
    l->entry_unit = ARENA_ARRAY(arena, uint32_t, l->db->count);
    l->row = ARENA_ARRAY(arena, int64_t, l->db->count);
    for (uint32_t i = 0; i < l->db->count; i++)
        if (l->read[i])
            look_up(l, i);
    sum_up(l->front);
    return l->front;
}

static void found_user(void *self, const char *source)
{
    struct users *u = self;

    for (uint32_t i = 0; i < u->loader->db->count && !u->found; i++)
        u->found = u->loader->read[i] && !strcmp(u->loader->db->entries[i].file, source);
}

/* A header of which nobody knew who includes it, until all that was unknown had been parsed. */
static void settle_headers(struct loader *l)
{
    const struct unit_cache *cache = l->options->cache;

    for (uint32_t i = 0; cache && i < l->front->unit_count; i++) {
        struct front_unit *u = &l->front->units[i];
        struct users users = { .loader = l };

        if (u->left_out && !text_is_gone(l, u->file))
            cache->users(cache->self, u->file, found_user, &users);
        if (users.found)
            u->error = NULL;
    }
}

bool front_read(struct front *front, const char **error)
{
    struct loader *l = front->loader;
    struct parse_job *jobs = ARENA_ARRAY(l->arena, struct parse_job, l->db->count + 1);

    *error = parse_rest(l, jobs);
    if (!*error)
        l->models = parser_models(l->parser, error);
    parser_dismiss(l->parser);
    if (*error)
        return false;
    l->linked = ARENA_ARRAY(l->arena, struct link_unit, l->db->count);
    l->linked_entry = ARENA_ARRAY(l->arena, uint32_t, l->db->count);
    take_all(l, jobs);
    sum_up(front);
    add_programs(l);
    settle_headers(l);
    return true;
}

void front_free(struct front *front)
{
    if (front)
        parser_free(front->loader->parser);     /* the rest is the arena's */
}
