#include "unit.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flags.h"
#include "unit_kept.h"

#define UNDECLARED "-Wimplicit-function-declaration"

/* ---- the compiler's own headers --------------------------------------------------- */

/* libclang looks for stddef.h and its kin beside itself. Where a distribution has
 * split them off, those of another clang serve, or of gcc. NULL: none found. */
static const char *find_headers(struct arena *arena)
{
    static const char *const places[] = {
        "/usr/lib/llvm-*/lib/clang/*/include/stddef.h", "/usr/lib/clang/*/include/stddef.h",
        "/usr/lib64/clang/*/include/stddef.h", "/usr/lib/gcc/*/*/include/stddef.h",
    };
    const char *found = NULL;

    for (size_t i = 0; i < sizeof places / sizeof *places && !found; i++) {
        glob_t match;

        if (!glob(places[i], 0, NULL, &match) && match.gl_pathc) {
            const char *path = match.gl_pathv[match.gl_pathc - 1];

            found = arena_printf(arena, "%.*s", (int)(strlen(path) - strlen("/stddef.h")), path);
        }
        globfree(&match);
    }
    return found;
}

static bool lacks_headers(const struct unit *unit)
{
    return unit->error && strstr(unit->error, "'std") && strstr(unit->error, "file not found");
}

/* ---- diagnostics --------------------------------------------------------------------- */

static char *diagnostic_text(CXDiagnostic d, struct arena *arena)
{
    CXString text = clang_getDiagnosticSpelling(d);
    char *copy = arena_strdup(arena, clang_getCString(text));

    clang_disposeString(text);
    return copy;
}

/* "file:line:col: error: text", or without a place. */
static char *located_text(CXDiagnostic d, struct arena *arena)
{
    CXFile file;
    unsigned line, col;

    clang_getExpansionLocation(clang_getDiagnosticLocation(d), &file, &line, &col, NULL);
    if (!file)
        return arena_printf(arena, "error: %s", diagnostic_text(d, arena));
    CXString name = clang_getFileName(file);
    char *text = arena_printf(arena, "%s:%u:%u: error: %s", clang_getCString(name), line, col,
                              diagnostic_text(d, arena));
    clang_disposeString(name);
    return text;
}

static bool is_about_flags(CXDiagnostic d)
{
    CXFile file;

    clang_getExpansionLocation(clang_getDiagnosticLocation(d), &file, NULL, NULL, NULL);
    return !file && clang_getDiagnosticCategory(d) == 0;
}

static bool is_about_undeclared(CXDiagnostic d)
{
    CXString option = clang_getDiagnosticOption(d, NULL);
    bool is = !strcmp(clang_getCString(option), UNDECLARED);

    clang_disposeString(option);
    return is;
}

/* What is called and not declared is analysed as it is run, but its name may well be a slip of the pen. */
static void add_undeclared(struct unit *unit, CXDiagnostic d, struct arena *arena)
{
    static const char words[] = "functions are called that are not declared: ";
    const char *before = unit->warning ? unit->warning : "";
    CXString text = clang_getDiagnosticSpelling(d);
    const char *from = strchr(clang_getCString(text), '\''), *to = from ? strchr(from + 1, '\'') : NULL;
    unsigned line;

    clang_getExpansionLocation(clang_getDiagnosticLocation(d), NULL, &line, NULL, NULL);
    if (to)
        unit->warning = arena_printf(arena, "%s%s%s%.*s (line %u)", before,
                                     strstr(before, words) ? ", " : *before ? "; " : "",
                                     strstr(before, words) ? "" : words, (int)(to + 1 - from), from, line);
    clang_disposeString(text);
}

/* The first error, and what was said about flags, which do not matter to us. */
static void read_diagnostics(struct unit *unit, CXTranslationUnit tu, struct arena *arena)
{
    unsigned count = clang_getNumDiagnostics(tu);

    for (unsigned i = 0; i < count && !unit->error; i++) {
        CXDiagnostic d = clang_getDiagnostic(tu, i);

        if (clang_getDiagnosticSeverity(d) >= CXDiagnostic_Error) {
            if (!is_about_flags(d))
                unit->error = located_text(d, arena);
            else if (!unit->warning)
                unit->warning = diagnostic_text(d, arena);
        } else if (is_about_undeclared(d)) {
            add_undeclared(unit, d, arena);
        }
        clang_disposeDiagnostic(d);
    }
}

/* ---- parsing --------------------------------------------------------------------------- */

static CXIndex the_index(void)
{
    static CXIndex index;

    if (!index) {
        setenv("LIBCLANG_NOTHREADS", "1", 1);       /* its own have small stacks (deep.h) */
        index = clang_createIndex(0, 0);
        clang_toggleCrashRecovery(0);   /* what is left of libclang after a crash is not to be relied on: see parser.h */
    }
    return index;
}

static CXTranslationUnit parse(const struct source *source, const struct words *a)
{
    CXTranslationUnit tu = NULL;

    if (source->kept)
        return kept_parse(source, a->list, a->count);
    if (clang_parseTranslationUnit2(the_index(), source->path, a->list, (int)a->count, source->overlay,
                                    source->overlay_count, CXTranslationUnit_None, &tu) && tu) {
        clang_disposeTranslationUnit(tu);
        tu = NULL;
    }
    return tu;
}

/* gcc's -m flags for another machine are the ones that keep libclang from parsing at all. */
static struct words without_machine(const struct words *a)
{
    struct words kept = { .arena = a->arena };

    for (uint32_t i = 0; i < a->count; i++)
        if (strncmp(a->list[i], "-m", 2))
            words_add(&kept, a->list[i]);
    return kept;
}

struct inclusions {
    struct unit  *unit;
    struct arena *arena;
    uint32_t      capacity;
};

static void add_inclusion(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
    struct inclusions *in = data;
    struct unit *unit = in->unit;

    (void)stack;
    if (!depth)
        return;
    CXString name = clang_getFileName(file);
    ARENA_PUSH(in->arena, unit->includes, unit->include_count, in->capacity) =
        arena_strdup(in->arena, clang_getCString(name));
    clang_disposeString(name);
}

static struct words arguments_for(const char *directory, const char *const *args, size_t count,
                                      struct arena *arena)
{
    /* what the gcc of the day lets pass and clang has made errors */
    static const char *const lenient[] = {
        "-Wno-error=implicit-function-declaration", "-Wno-implicit-int", "-Wno-int-conversion",
        "-Wno-incompatible-pointer-types", "-Wno-incompatible-function-pointer-types",
    };
    struct words a = { .arena = arena };

    for (size_t i = 0; i < count; i++)
        words_add(&a, args[i]);
    words_add(&a, arena_printf(arena, "-working-directory=%s", directory));
    words_add(&a, "-Wno-everything");
    words_add(&a, UNDECLARED);
    for (size_t i = 0; i < sizeof lenient / sizeof *lenient; i++)
        words_add(&a, lenient[i]);
    return a;
}

/* Parse, a second time without the flags that kept libclang from it. */
static struct unit open_once(const struct source *source, struct words *a)
{
    struct unit unit = { .kept = source->kept };

    unit.tu = parse(source, a);
    if (!unit.tu) {
        *a = without_machine(a);
        unit.tu = parse(source, a);
        unit.warning = "flags for another machine were left out";
    }
    if (unit.tu)
        read_diagnostics(&unit, unit.tu, a->arena);
    else
        unit.error = arena_printf(a->arena, "%s:1:1: error: libclang could not parse this file with its flags",
                                  source->path);
    return unit;
}

static struct source source_of(const char *directory, const char *file, const struct unit_file *overlay,
                               size_t overlay_count, struct arena *arena)
{
    struct source source = {
        .path = *file == '/' ? file : arena_printf(arena, "%s/%s", directory, file),
        .overlay = ARENA_ARRAY(arena, struct CXUnsavedFile, overlay_count + 1),
        .overlay_count = (unsigned)overlay_count,
    };

    for (size_t i = 0; i < overlay_count; i++)
        source.overlay[i] = (struct CXUnsavedFile){ overlay[i].path, overlay[i].text, strlen(overlay[i].text) };
    return source;
}

static struct unit open_source(const struct source *source, struct words a, struct arena *arena)
{
    struct unit unit = { 0 };
    struct inclusions in = { .unit = &unit, .arena = arena };
    const char *headers;

    if (!source->overlay_count && access(source->path, R_OK)) {
        unit.error = arena_printf(arena, "%s:1:1: error: cannot open it: %m", source->path);
        return unit;
    }
    unit = open_once(source, &a);
    if (lacks_headers(&unit) && (headers = find_headers(arena))) {
        unit_close(&unit);
        words_add(&a, "-isystem");
        words_add(&a, headers);
        unit = open_once(source, &a);
    }
    if (unit.tu)
        clang_getInclusions(unit.tu, add_inclusion, &in);
    return unit;
}

struct unit unit_open(const char *directory, const char *file, const char *const *args, size_t count,
                      const struct unit_file *overlay, size_t overlay_count, struct arena *arena)
{
    struct source source = source_of(directory, file, overlay, overlay_count, arena);

    return open_source(&source, arguments_for(directory, args, count, arena), arena);
}

struct unit unit_open_kept(const char *directory, const char *file, const char *const *args, size_t count,
                           const struct unit_file *overlay, size_t overlay_count, struct arena *arena)
{
    struct source source = source_of(directory, file, overlay, overlay_count, arena);

    source.kept = true;
    return open_source(&source, arguments_for(directory, args, count, arena), arena);
}

void unit_close(struct unit *unit)
{
    if (unit->tu && !unit->kept)
        clang_disposeTranslationUnit(unit->tu);
    unit->tu = NULL;
}

const char *unit_compiler_version(void)
{
    static char version[256];

    if (!*version) {
        CXString text = clang_getClangVersion();

        snprintf(version, sizeof version, "%s", clang_getCString(text));
        clang_disposeString(text);
    }
    return version;
}
