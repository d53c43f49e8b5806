#include "front.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "compdb.h"
#include "link.h"
#include "lower.h"
#include "roots.h"

enum { SMALL_DATABASE = 64 };   /* entries read in full when it is not known what belongs together */

struct loader {
    const struct front_options *options;
    struct arena               *arena;
    struct models              *models;
    struct compdb              *db;
    bool                       *wanted;     /* entries that were asked for */
    bool                       *read;       /* and those their programs may need */
    struct front               *front;
    uint32_t                    unit_capacity;
    struct link_unit           *linked;
    uint32_t                   *linked_entry;
    uint32_t                    linked_count;
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

static void want_file(struct loader *l, const char *cwd, const char *name)
{
    static const char *const none[] = { NULL };
    const char *path = compdb_path(cwd, name, l->arena);
    bool found = false;

    for (uint32_t i = 0; i < l->db->count; i++)
        if (is_under(l->db->entries[i].file, path))
            found = l->wanted[i] = true;
    if (!found)
        add_unit(l, (struct front_unit){
            .file = path, .directory = cwd, .arguments = none, .wanted = true,
            .error = access(path, F_OK) ? "no such file"
                : arena_printf(l->arena, "not in the compile database '%s'", l->db->path),
        });
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

static void choose_entries(struct loader *l)
{
    uint32_t n = l->db->count;
    char cwd[4096];

    l->wanted = ARENA_ARRAY(l->arena, bool, n);
    l->read = ARENA_ARRAY(l->arena, bool, n);
    if (!getcwd(cwd, sizeof cwd))
        strcpy(cwd, "/");
    for (size_t i = 0; i < l->options->file_count; i++)
        want_file(l, arena_strdup(l->arena, cwd), l->options->files[i]);
    if (!l->options->file_count)
        memset(l->wanted, 1, n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < n && !l->read[i]; k++)
            l->read[i] = i == k ? l->wanted[i]
                : l->wanted[k] && belong_together(l, &l->db->entries[k], &l->db->entries[i]);
}

/* ---- reading ---------------------------------------------------------------------------- */

static void hash_file(XXH3_state_t *state, const char *path)
{
    char buffer[65536];
    FILE *f = fopen(path, "rb");
    size_t n;

    if (!f)
        return;
    while ((n = fread(buffer, 1, sizeof buffer, f)) > 0)
        XXH3_64bits_update(state, buffer, n);
    fclose(f);
}

/* Included files count by size and time: to read them all would cost as much as
 * parsing. */
static void hash_stamp(XXH3_state_t *state, const char *path)
{
    struct stat s;
    struct { int64_t size, seconds, nanoseconds; } stamp;

    memset(&stamp, 0, sizeof stamp);
    if (!stat(path, &s)) {
        stamp.size = s.st_size;
        stamp.seconds = s.st_mtim.tv_sec;
        stamp.nanoseconds = s.st_mtim.tv_nsec;
    }
    XXH3_64bits_update(state, path, strlen(path) + 1);
    XXH3_64bits_update(state, &stamp, sizeof stamp);
}

static uint64_t hash_unit(const struct loader *l, const struct compdb_entry *e, const struct unit *unit)
{
    XXH3_state_t *state = XXH3_createState();

    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, unit_compiler_version(), strlen(unit_compiler_version()));
    for (uint32_t i = 0; i < e->argument_count; i++)
        XXH3_64bits_update(state, e->arguments[i], strlen(e->arguments[i]) + 1);
    for (size_t i = 0; i < l->options->model_count; i++)
        hash_stamp(state, l->options->models[i]);
    hash_file(state, e->file);
    for (uint32_t i = 0; i < unit->include_count; i++)
        hash_stamp(state, unit->includes[i]);
    uint64_t hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}

static const char *lower_entry(struct loader *l, uint32_t at, const struct unit *unit)
{
    const struct compdb_entry *e = &l->db->entries[at];
    struct flow *flow = lower_unit(unit, l->models, l->arena, NULL);
    const char *wrong = flow_check(flow);

    if (wrong)
        return arena_printf(l->arena, "internal error: %s", wrong);
    l->linked_entry[l->linked_count] = at;
    l->linked[l->linked_count++] = (struct link_unit){ flow, e->file, e->target };
    return NULL;
}

static void read_entry(struct loader *l, uint32_t at)
{
    const struct compdb_entry *e = &l->db->entries[at];
    struct front_unit u = {
        .file = e->file, .directory = e->directory, .arguments = e->arguments,
        .wanted = l->wanted[at], .error = compdb_gone(e, l->arena),
    };

    if (!u.error) {
        struct arena *scratch = arena_new();
        struct unit unit = unit_open(e->directory, e->file, e->arguments, e->argument_count, NULL, 0, scratch);

        u.hash = hash_unit(l, e, &unit);
        u.error = unit.error ? arena_strdup(l->arena, unit.error) : lower_entry(l, at, &unit);
        u.warning = unit.warning ? arena_strdup(l->arena, unit.warning) : NULL;
        unit_close(&unit);
        arena_free(scratch);
    }
    add_unit(l, u);
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

static void add_programs(struct loader *l)
{
    struct programs programs = link_programs(l->linked, l->linked_count, l->models, l->arena);
    uint32_t capacity = 0;

    for (uint32_t i = 0; i < programs.count; i++) {
        const struct program *p = &programs.list[i];
        struct front_program f = { .name = p->name, .flow = p->flow };

        if (!is_asked_for(l, p))
            continue;
        f.roots = roots_of(p->flow, l->arena, &f.root_count);
        f.parts = parts_of(l, p);
        f.part_count = p->unit_count;
        ARENA_PUSH(l->arena, l->front->programs, l->front->program_count, capacity) = f;
    }
}

struct front *front_load(const struct front_options *options, struct arena *arena, const char **error)
{
    struct loader l = { .options = options, .arena = arena, .front = ARENA_NEW(arena, struct front) };

    l.db = compdb_load(options->database, options->file_count ? options->files[0] : NULL, arena, error);
    if (!l.db)
        return NULL;
    l.models = models_load(options->models, options->model_count, arena, error);
    if (!l.models)
        return NULL;
    choose_entries(&l);
    l.linked = ARENA_ARRAY(arena, struct link_unit, l.db->count);
    l.linked_entry = ARENA_ARRAY(arena, uint32_t, l.db->count);
    for (uint32_t i = 0; i < l.db->count; i++)
        if (l.read[i])
            read_entry(&l, i);
    add_programs(&l);
    l.front->database = l.db->path;
    return l.front;
}

void front_free(struct front *front)
{
    (void)front;                /* everything is the arena's */
}
