#include "compdb.h"

#include <errno.h>
#include <fts.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flags.h"
#include "paths.h"
#include "source.h"

static const char database_name[] = "compile_commands.json";
static const char flags_name[] = "compile_flags.txt";   /* clangd's: one flag a line, for every file below it */

/* ---- finding it --------------------------------------------------------------------- */

static const char *search_upwards(char *directory, struct arena *arena)
{
    for (;;) {
        static const struct { const char *folder, *name; } places[] = {
            { "", database_name }, { "/build", database_name }, { "", flags_name },
        };

        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            char *path = arena_printf(arena, "%s%s/%s", directory, places[i].folder, places[i].name);

            if (path_is_file(path))
                return path_absolute("/", path, arena);
        }
        char *slash = strrchr(directory, '/');
        if (!slash || !*directory)
            return NULL;
        *slash = 0;
    }
}

static const char *find_database(const char *where, const char *near, struct arena *arena, const char **error)
{
    static const char remedy[] =
        "make one with cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON or bear -- make, say where with -p DIR, or give "
        "the flags: chanleak FILE... -- -Iinclude";
    const char *cwd = path_working_directory(arena);

    if (where) {
        char *path = path_absolute(cwd, where, arena);

        if (path_is_directory(path)) {
            char *flags = arena_printf(arena, "%s/%s", path, flags_name);

            path = arena_printf(arena, "%s/%s", path, database_name);
            path = path_is_file(flags) && !path_is_file(path) ? flags : path;
        }
        if (!path_is_file(path))
            *error = arena_printf(arena, "no compile database '%s': %s", path, remedy);
        return path;
    }
    char *start = path_absolute(cwd, near ? near : ".", arena);
    if (!path_is_directory(start) && strrchr(start, '/'))
        *strrchr(start, '/') = 0;
    const char *found = search_upwards(arena_strdup(arena, start), arena);
    if (!found)
        *error = arena_printf(arena, "no %s in '%s', its parents or their build/: %s", database_name,
                              *start ? start : "/", remedy);
    return found;
}

/* ---- entries --------------------------------------------------------------------------- */

/* "/b/CMakeFiles/name.dir" of "/b/CMakeFiles/name.dir/x.c.o". */
static const char *target_of(const char *directory, const char *output, struct arena *arena)
{
    char *path = output ? path_absolute(directory, output, arena) : NULL;
    char *in = path ? strstr(path, "/CMakeFiles/") : NULL;
    char *end = in ? strstr(in, ".dir/") : NULL;

    if (!end)
        return "";
    end[4] = 0;
    return path;
}

static const char *string_member(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool is_c_source(const char *file, const struct words *arguments)
{
    size_t n = strlen(file);

    for (uint32_t i = 0; i + 1 < arguments->count; i++)
        if (!strcmp(arguments->list[i], "-x"))
            return !strcmp(arguments->list[i + 1], "c");
    return n > 2 && (!strcmp(file + n - 2, ".c") || !strcmp(file + n - 2, ".i"));
}

static struct words entry_words(json_t *entry, struct arena *arena)
{
    json_t *arguments = json_object_get(entry, "arguments"), *argument;
    const char *command = string_member(entry, "command");
    struct words w = { .arena = arena };
    size_t i;

    if (!json_is_array(arguments))
        return words_split(command ? command : "", arena);
    json_array_foreach(arguments, i, argument)
        if (json_is_string(argument))
            words_add(&w, arena_strdup(arena, json_string_value(argument)));
    return w;
}

static bool same_entry(const struct compdb_entry *a, const struct compdb_entry *b)
{
    if (strcmp(a->file, b->file) || strcmp(a->directory, b->directory) || strcmp(a->target, b->target) ||
        a->argument_count != b->argument_count)
        return false;
    for (uint32_t i = 0; i < a->argument_count; i++)
        if (strcmp(a->arguments[i], b->arguments[i]))
            return false;
    return true;
}

/* Entries of one file stand together as a rule: of equal ones, one is enough. */
static bool is_known(const struct compdb *db, const struct compdb_entry *e)
{
    enum { NEIGHBOURS = 16 };

    for (uint32_t i = db->count; i-- > 0 && db->count - i <= NEIGHBOURS;)
        if (same_entry(&db->entries[i], e))
            return true;
    return false;
}

static void add_entry(struct compdb *db, const char *directory, const char *file, const struct words *words,
                      const char *output, uint32_t *capacity, struct arena *arena)
{
    struct compdb_entry e = { .directory = directory, .file = path_absolute(directory, file, arena) };
    struct words kept = flags_normalise(words, e.directory, &output);

    if (!is_c_source(e.file, &kept))
        return;
    words_add(&kept, NULL);
    e.arguments = kept.list;
    e.argument_count = kept.count - 1;
    e.command = words_join(words->list, words->count, arena);
    e.target = target_of(e.directory, output, arena);
    if (!is_known(db, &e))
        ARENA_PUSH(arena, db->entries, db->count, *capacity) = e;
}

/* folder: of the database. */
static void read_entry(struct compdb *db, const char *folder, json_t *entry, uint32_t *capacity, struct arena *arena)
{
    const char *directory = string_member(entry, "directory");
    struct words words = entry_words(entry, arena);

    add_entry(db, path_absolute(folder, directory ? directory : ".", arena),
              string_member(entry, "file"), &words, string_member(entry, "output"), capacity, arena);
}

/* ---- compile_flags.txt --------------------------------------------------------------------- */

static struct words read_flags(const char *path, struct arena *arena)
{
    struct words w = { .arena = arena };
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;

    words_add(&w, "cc");
    while (f && getline(&line, &room, f) >= 0) {
        line[strcspn(line, "\r\n")] = '\0';
        if (*line)
            words_add(&w, arena_strdup(arena, line));
    }
    free(line);
    if (f)
        fclose(f);
    return w;
}

/* An entry that has no command of its own. */
static void add_source(struct compdb *db, const char *directory, const char *file, const struct words *flags,
                       uint32_t *capacity, struct arena *arena)
{
    struct words words = { .arena = arena };

    for (uint32_t i = 0; i < flags->count; i++)
        words_add(&words, flags->list[i]);
    words_add(&words, "-c");
    words_add(&words, file);
    add_entry(db, directory, file, &words, NULL, capacity, arena);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Every C file below the folder, but for those in hidden folders and in builds. */
static void add_sources(struct compdb *db, const char *directory, const char *folder, const struct words *flags,
                        uint32_t *capacity, struct arena *arena)
{
    char *roots[] = { (char *)folder, NULL };
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);

    for (FTSENT *at; tree && (at = fts_read(tree));) {
        bool hidden = at->fts_level > 0 && (*at->fts_name == '.' || !strcmp(at->fts_name, "CMakeFiles"));

        if (at->fts_info == FTS_D && hidden)
            fts_set(tree, at, FTS_SKIP);
        else if (at->fts_info == FTS_F)
            add_source(db, directory, arena_strdup(arena, at->fts_path), flags, capacity, arena);
    }
    if (tree)
        fts_close(tree);
}

struct compdb *compdb_given(const char *const *files, size_t count, const char *const *flags, struct arena *arena)
{
    struct compdb *db = ARENA_NEW(arena, struct compdb);
    const char *cwd = path_working_directory(arena);
    struct words words = { .arena = arena };
    uint32_t capacity = 0;

    db->path = path_absolute(cwd, "--", arena);
    db->given = true;
    words_add(&words, "cc");
    while (*flags)
        words_add(&words, *flags++);
    for (size_t i = 0; i < count; i++) {
        const char *file = path_absolute(cwd, files[i], arena);

        if (path_is_directory(file))
            add_sources(db, cwd, file, &words, &capacity, arena);
        else if (path_is_file(file) || access(file, F_OK))      /* it may be a text that stands in for a file */
            add_source(db, cwd, file, &words, &capacity, arena);
    }
    return db;
}

/* Most entries have the directory of the one before. */
static bool has_directory(struct compdb *db, const struct compdb_entry *e)
{
    if (db->there && !strcmp(db->there, e->directory))
        return true;
    db->there = path_is_directory(e->directory) ? e->directory : NULL;
    return db->there;
}

const char *compdb_gone(struct compdb *db, const struct compdb_entry *e, bool found, struct arena *arena)
{
    if (!has_directory(db, e))
        return arena_printf(arena, "its directory '%s' is gone: make the compile database again", e->directory);
    if (found || path_is_file(e->file))
        return NULL;
    if (path_is_directory(e->file))
        return arena_printf(arena, "'%s' is a folder, not a source: mend the compile database", e->file);
    if (db->given)
        return "no such file";
    return arena_printf(arena, "'%s' is gone: make the compile database again", e->file);
}

/* The whole text at once: jansson would ask for a file's characters one by one. */
static json_t *read_json(const char *path, struct arena *scratch, struct arena *arena, const char **error)
{
    FILE *in = fopen(path, "rb");
    json_error_t wrong;
    const char *text;
    json_t *root;
    size_t size;

    if (!in) {
        *error = arena_printf(arena, "cannot read the compile database: unable to open %s: %s", path, strerror(errno));
        return NULL;
    }
    text = source_stream(in, &size, scratch);
    fclose(in);
    root = json_loadb(text, size, 0, &wrong);
    if (!root)
        *error = arena_printf(arena, "%s:%d:%d: not JSON: %s", path, wrong.line, wrong.column ? wrong.column : 1,
                              wrong.text);
    return root;
}

static void read_entries(struct compdb *db, const char *folder, struct arena *scratch, struct arena *arena,
                         const char **error)
{
    json_t *root = read_json(db->path, scratch, arena, error), *entry;
    uint32_t capacity = 0;
    size_t i;

    if (root && !json_is_array(root))
        *error = arena_printf(arena, "%s:1:1: not a compile database: a list of entries is expected", db->path);
    json_array_foreach(root, i, entry) {
        if (string_member(entry, "file"))
            read_entry(db, folder, entry, &capacity, arena);
        else if (!*error)
            *error = arena_printf(arena, "%s:1:1: not a compile database: entry %zu has no \"file\"",
                                  db->path, i + 1);
    }
}

/* jansson's memory meanwhile: it goes as a whole, as giving it back piece by piece takes as long as to read. */
static struct arena *json_arena;

static void *json_take(size_t size)
{
    return arena_alloc(json_arena, size);
}

static void json_give(void *memory)
{
    (void)memory;
}

static void read_database(struct compdb *db, const char *folder, struct arena *arena, const char **error)
{
    json_malloc_t take;
    json_free_t give;

    json_get_alloc_funcs(&take, &give);
    json_arena = arena_new();
    json_set_alloc_funcs(json_take, json_give);
    read_entries(db, folder, json_arena, arena, error);
    json_set_alloc_funcs(take, give);
    arena_free(json_arena);
}

struct compdb *compdb_load(const char *where, const char *near, struct arena *arena, const char **error)
{
    struct compdb *db = ARENA_NEW(arena, struct compdb);
    const char *folder;

    *error = NULL;
    db->path = find_database(where, near, arena, error);
    if (*error)
        return NULL;
    folder = path_folder(db->path, arena);
    if (!strcmp(path_last(db->path), flags_name)) {
        struct words flags = read_flags(db->path, arena);
        uint32_t capacity = 0;

        add_sources(db, folder, folder, &flags, &capacity, arena);
    } else {
        read_database(db, folder, arena, error);
    }
    return *error ? NULL : db;
}
