#include "compdb.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char database_name[] = "compile_commands.json";

/* ---- paths ----------------------------------------------------------------------- */

char *compdb_path(const char *directory, const char *path, struct arena *arena)
{
    char *whole = *path == '/' ? arena_strdup(arena, path)
                               : arena_printf(arena, "%s/%s", directory, path);
    char *out = arena_strdup(arena, whole), *to = out;

    for (const char *from = whole; *from;) {
        from += strspn(from, "/");
        size_t n = strcspn(from, "/");

        if (n == 2 && from[0] == '.' && from[1] == '.') {
            while (to > out && *--to != '/')
                ;
        } else if (n && !(n == 1 && *from == '.')) {
            *to++ = '/';
            memcpy(to, from, n);
            to += n;
        }
        from += n;
    }
    if (to == out)
        *to++ = '/';
    *to = 0;
    return out;
}

static bool is_directory(const char *path)
{
    struct stat s;

    return !stat(path, &s) && S_ISDIR(s.st_mode);
}

static bool is_file(const char *path)
{
    struct stat s;

    return !stat(path, &s) && S_ISREG(s.st_mode);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static const char *working_directory(struct arena *arena)
{
    char cwd[4096];

    return arena_strdup(arena, getcwd(cwd, sizeof cwd) ? cwd : "/");
}

/* ---- finding it --------------------------------------------------------------------- */

static const char *search_upwards(char *directory, struct arena *arena)
{
    for (;;) {
        static const char *const places[] = { "", "/build" };

        for (int i = 0; i < 2; i++) {
            char *path = arena_printf(arena, "%s%s/%s", directory, places[i], database_name);

            if (is_file(path))
                return compdb_path("/", path, arena);
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
        "make one with cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON or bear -- make, or say where with -p DIR";
    const char *cwd = working_directory(arena);

    if (where) {
        char *path = compdb_path(cwd, where, arena);

        if (is_directory(path))
            path = arena_printf(arena, "%s/%s", path, database_name);
        if (!is_file(path))
            *error = arena_printf(arena, "no compile database '%s': %s", path, remedy);
        return path;
    }
    char *start = compdb_path(cwd, near ? near : ".", arena);
    if (!is_directory(start) && strrchr(start, '/'))
        *strrchr(start, '/') = 0;
    const char *found = search_upwards(arena_strdup(arena, start), arena);
    if (!found)
        *error = arena_printf(arena, "no %s in '%s', its parents or their build/: %s", database_name,
                              *start ? start : "/", remedy);
    return found;
}

/* ---- arguments ----------------------------------------------------------------------- */

struct words {
    struct arena *arena;
    const char  **list;
    uint32_t      count, capacity;
};

static void words_add(struct words *w, const char *word)
{
    ARENA_PUSH(w->arena, w->list, w->count, w->capacity) = word;
}

/* One word of a shell command, quotes removed; *s goes past it. */
static char *shell_word(const char **s, struct arena *arena)
{
    char *word = arena_strdup(arena, *s), *out = word;
    char quote = 0;

    for (; **s && (quote || !strchr(" \t\n", **s)); ++*s) {
        char c = **s;

        if (quote == '\'' ? c == quote : c == quote && quote) {
            quote = 0;
        } else if (!quote && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == '\\' && quote != '\'' && (*s)[1] &&
                   (!quote || strchr("\"\\$`\n", (*s)[1]))) {
            *out++ = *++*s;
        } else {
            *out++ = c;
        }
    }
    *out = 0;
    return word;
}

static struct words split_command(const char *command, struct arena *arena)
{
    struct words w = { .arena = arena };

    for (;;) {
        command += strspn(command, " \t\n");
        if (!*command)
            return w;
        words_add(&w, shell_word(&command, arena));
    }
}

static bool begins(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

static bool is_in(const char *s, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(s, *list))
            return true;
    return false;
}

/* Options that take the next word and mean nothing for parsing. */
static bool drops_two(const char *a)
{
    static const char *const list[] = {
        "-o", "-MF", "-MT", "-MQ", "-MJ", "--param", "-Xlinker", "-Xassembler", "-Xpreprocessor", "-Xclang",
        "-T", "-u", "-z", "-L", "-l", "-aux-info", "-arch", "-dumpbase", "-dumpdir", "-wrapper", "-G", NULL,
    };

    return is_in(a, list);
}

/* Options with a path, in the same word or the next one. */
static const char *path_option(const char *a)
{
    static const char *const list[] = {
        "-isystem", "-iquote", "-idirafter", "-include", "-imacros", "-isysroot", "-I", "-F", NULL,
    };

    for (const char *const *o = list; *o; o++)
        if (begins(a, *o))
            return *o;
    return NULL;
}

/* What else changes the meaning of the source. The rest is gcc's own, or about code and warnings. */
static bool is_kept(const char *a)
{
    static const char *const exact[] = {
        "-ansi", "-pthread", "-nostdinc", "-undef", "-trigraphs", "-traditional", "-fshort-enums",
        "-fno-short-enums", "-fsigned-char", "-funsigned-char", "-fms-extensions", "-fplan9-extensions",
        "-ffreestanding", "-fno-builtin", "-fgnu89-inline", "-fopenmp", "-fshort-wchar", "-fblocks",
        "-fdollars-in-identifiers", "-fpack-struct", "-nostdlibinc", NULL,
    };
    static const char *const prefixes[] = {
        "-D", "-U", "-std=", "--std=", "--sysroot=", "--target=", "-m", "-fpack-struct=", NULL,
    };

    if (is_in(a, exact))
        return true;
    for (const char *const *p = prefixes; *p; p++)
        if (begins(a, *p))
            return true;
    return false;
}

/* A path after -include may also be found along -I. */
static const char *absolute(const char *directory, const char *option, const char *path, struct arena *arena)
{
    char *whole = compdb_path(directory, path, arena);
    bool searched = begins(option, "-include") || begins(option, "-imacros");

    return searched && access(whole, R_OK) ? path : whole;
}

static void keep_path(struct words *kept, const char *directory, const char *option, const char *path)
{
    words_add(kept, option);
    words_add(kept, absolute(directory, option, path, kept->arena));
}

/* The first words are compilers and what wraps them. */
static uint32_t first_argument(const struct words *w)
{
    static const char *const wrappers[] = { "ccache", "sccache", "distcc", "icecc", "env", NULL };
    uint32_t i = 0;

    while (i < w->count && is_in(base_name(w->list[i]), wrappers))
        i++;
    while (i < w->count && *w->list[i] != '-' && strchr(w->list[i], '='))   /* env A=B cc */
        i++;
    return i + 1;
}

static struct words normalise(const struct words *w, const char *directory, const char **output)
{
    struct words kept = { .arena = w->arena };

    for (uint32_t i = first_argument(w); i < w->count; i++) {
        const char *a = w->list[i], *next = i + 1 < w->count ? w->list[i + 1] : NULL;
        const char *option = path_option(a);

        if (!strcmp(a, "-o") && next)
            *output = next;
        if (drops_two(a)) {
            i++;
        } else if (option && a[strlen(option)]) {
            keep_path(&kept, directory, option, a + strlen(option));
        } else if (option && next) {
            keep_path(&kept, directory, option, next);
            i++;
        } else if ((!strcmp(a, "-D") || !strcmp(a, "-U") || !strcmp(a, "-x") || !strcmp(a, "-target") ||
                    !strcmp(a, "--sysroot")) && next) {
            words_add(&kept, a);
            words_add(&kept, next);
            i++;
        } else if (is_kept(a)) {
            words_add(&kept, a);
        }
    }
    return kept;
}

/* "/b/CMakeFiles/name.dir" of "/b/CMakeFiles/name.dir/x.c.o". */
static const char *target_of(const char *directory, const char *output, struct arena *arena)
{
    char *path = output ? compdb_path(directory, output, arena) : NULL;
    char *in = path ? strstr(path, "/CMakeFiles/") : NULL;
    char *end = in ? strstr(in, ".dir/") : NULL;

    if (!end)
        return "";
    end[4] = 0;
    return path;
}

/* ---- entries --------------------------------------------------------------------------- */

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
        return split_command(command ? command : "", arena);
    json_array_foreach(arguments, i, argument)
        if (json_is_string(argument))
            words_add(&w, arena_strdup(arena, json_string_value(argument)));
    return w;
}

static const char *join_words(const struct words *w)
{
    size_t size = 1, at = 0;
    char *text;

    for (uint32_t i = 0; i < w->count; i++)
        size += strlen(w->list[i]) + 1;
    text = arena_alloc(w->arena, size);
    for (uint32_t i = 0; i < w->count; i++)
        at += (size_t)sprintf(text + at, "%s\n", w->list[i]);
    text[at] = 0;
    return text;
}

static void read_entry(struct compdb *db, json_t *entry, uint32_t *capacity, struct arena *arena)
{
    const char *file = string_member(entry, "file"), *directory = string_member(entry, "directory");
    const char *output = string_member(entry, "output");
    const char *slash = strrchr(db->path, '/');
    struct compdb_entry e = { 0 };

    char *base = arena_printf(arena, "%.*s", (int)(slash - db->path), db->path);
    e.directory = compdb_path(base, directory ? directory : ".", arena);
    e.file = compdb_path(e.directory, file, arena);
    struct words words = entry_words(entry, arena);
    struct words kept = normalise(&words, e.directory, &output);
    if (!is_c_source(e.file, &kept))
        return;
    words_add(&kept, NULL);
    e.arguments = kept.list;
    e.argument_count = kept.count - 1;
    e.command = join_words(&words);
    e.target = target_of(e.directory, output, arena);
    ARENA_PUSH(arena, db->entries, db->count, *capacity) = e;
}

const char *compdb_gone(const struct compdb_entry *e, struct arena *arena)
{
    if (!is_directory(e->directory))
        return arena_printf(arena, "its directory '%s' is gone: make the compile database again", e->directory);
    if (is_directory(e->file))
        return arena_printf(arena, "'%s' is a folder, not a source: mend the compile database", e->file);
    if (!is_file(e->file))
        return arena_printf(arena, "'%s' is gone: make the compile database again", e->file);
    return NULL;
}

struct compdb *compdb_load(const char *where, const char *near, struct arena *arena, const char **error)
{
    struct compdb *db = ARENA_NEW(arena, struct compdb);
    uint32_t capacity = 0;
    json_error_t wrong;
    json_t *entry;
    size_t i;

    *error = NULL;
    db->path = find_database(where, near, arena, error);
    if (*error)
        return NULL;
    json_t *root = json_load_file(db->path, 0, &wrong);
    if (!root) {
        *error = wrong.line < 0         /* it was not even read */
            ? arena_printf(arena, "cannot read the compile database: %s", wrong.text)
            : arena_printf(arena, "%s:%d:%d: not JSON: %s", db->path, wrong.line, wrong.column, wrong.text);
        return NULL;
    }
    if (!json_is_array(root))
        *error = arena_printf(arena, "%s:1:1: not a compile database: a list of entries is expected", db->path);
    json_array_foreach(root, i, entry) {
        if (string_member(entry, "file"))
            read_entry(db, entry, &capacity, arena);
        else if (!*error)
            *error = arena_printf(arena, "%s:1:1: not a compile database: entry %zu has no \"file\"",
                                  db->path, i + 1);
    }
    json_decref(root);
    return *error ? NULL : db;
}
