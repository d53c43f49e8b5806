#include "flags.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "paths.h"

void words_add(struct words *w, const char *word)
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

struct words words_split(const char *command, struct arena *arena)
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
        "-o", "-MF", "-MT", "-MQ", "-MJ", "--param", "-Xlinker", "-Xassembler", "-Xclang",
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
    char *whole = path_absolute(directory, path, arena);
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

    while (i < w->count && is_in(path_last(w->list[i]), wrappers))
        i++;
    while (i < w->count && *w->list[i] != '-' && strchr(w->list[i], '='))   /* env A=B cc */
        i++;
    return i + 1;
}

static struct words keep_what_matters(const struct words *w, uint32_t first, const char *directory,
                                      const char **output)
{
    struct words kept = { .arena = w->arena };

    for (uint32_t i = first; i < w->count; i++) {
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

/* ---- @files ------------------------------------------------------------------------------- */

enum { RESPONSE_DEPTH = 10, RESPONSE_SIZE = 1 << 20 };

static char *read_text(const char *path, struct arena *arena)
{
    FILE *f = fopen(path, "r");
    char *text = f ? arena_alloc(arena, RESPONSE_SIZE + 1) : NULL;

    if (!f)
        return NULL;
    text[fread(text, 1, RESPONSE_SIZE, f)] = '\0';
    fclose(f);
    return text;
}

/* "-Wp,-DA,-DB" */
static void add_preprocessor_words(struct words *to, const char *list)
{
    while (*list) {
        size_t size = strcspn(list, ",");

        words_add(to, arena_printf(to->arena, "%.*s", (int)size, list));
        list += size + (list[size] == ',');
    }
}

/* gcc takes an @word for what it says when there is no such file. */
static void expand(struct words *to, const struct words *from, const char *directory, unsigned depth)
{
    for (uint32_t i = 0; i < from->count; i++) {
        const char *word = from->list[i];
        char *text = *word == '@' && depth < RESPONSE_DEPTH
            ? read_text(path_absolute(directory, word + 1, to->arena), to->arena) : NULL;

        if (text) {
            struct words more = words_split(text, to->arena);

            expand(to, &more, directory, depth + 1);
        } else if (begins(word, "-Wp,")) {
            add_preprocessor_words(to, word + strlen("-Wp,"));
        } else {
            words_add(to, word);
        }
    }
}

/* ---- the machine ---------------------------------------------------------------------------- */

static bool has_target(const struct words *w)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (begins(w->list[i], "--target=") || !strcmp(w->list[i], "-target"))
            return true;
    return false;
}

/* "aarch64-linux-gnu" of "aarch64-linux-gnu-gcc-12"; NULL: a compiler for this machine. */
static const char *machine_of(const char *compiler, struct arena *arena)
{
    static const char *const names[] = { "-gcc", "-clang", "-cc", "-tcc" };
    const char *name = path_last(compiler);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *end = strstr(name, names[i]);
        size_t size = end ? strlen(names[i]) : 0;

        if (end && end != name && (!end[size] || end[size] == '-') && memchr(name, '-', (size_t)(end - name)))
            return arena_printf(arena, "%.*s", (int)(end - name), name);
    }
    return NULL;
}

struct words flags_normalise(const struct words *w, const char *directory, const char **output)
{
    struct words all = { .arena = w->arena }, kept;
    const char *machine;
    uint32_t first;

    expand(&all, w, directory, 0);
    first = first_argument(&all);
    kept = keep_what_matters(&all, first, directory, output);
    machine = first && first <= all.count ? machine_of(all.list[first - 1], w->arena) : NULL;
    if (machine && !has_target(&kept))
        words_add(&kept, arena_printf(w->arena, "--target=%s", machine));
    return kept;
}

const char *words_join(const char *const *list, uint32_t count, struct arena *arena)
{
    size_t size = 1, at = 0;
    char *text;

    for (uint32_t i = 0; i < count; i++)
        size += strlen(list[i]) + 1;
    text = arena_alloc(arena, size);
    for (uint32_t i = 0; i < count; i++) {
        size_t n = strlen(list[i]);

        memcpy(text + at, list[i], n);
        text[at + n] = '\n';
        at += n + 1;
    }
    return text;
}
