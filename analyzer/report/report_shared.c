/* What several formats say in the same way. */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "finding_key.h"

static uint64_t identity(const struct report *r, const struct finding *f, const char *path)
{
    struct finding_key key = finding_key(f, path, source_line(f->at.file, f->at.line, r->arena), r->arena);

    return finding_key_hash(&key);
}

const char *report_fingerprint(const struct report *r, const struct finding *f, const char *path)
{
    return arena_printf(r->arena, "%016" PRIx64, identity(r, f, path));
}

static bool same_text(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

/* Findings are in the order of files and lines: of two that are alike the first stays the first. */
const char *report_unique_fingerprint(const struct report *r, const struct finding *f, const char *path)
{
    uint64_t hash = identity(r, f, path);
    uint32_t before = 0;

    for (const struct finding *g = f; g-- > r->findings->list && same_text(g->at.file, f->at.file);)
        before += !strcmp(g->rule, f->rule) && same_text(g->function, f->function) && identity(r, g, path) == hash;
    return before ? arena_printf(r->arena, "%016" PRIx64 "-%" PRIu32, hash, before + 1)
                  : arena_printf(r->arena, "%016" PRIx64, hash);
}

const char *report_host_path(const struct report *r, const char *path, const char *variable)
{
    const char *folder = getenv(variable), *shown = source_path(path, r->arena);
    char *real = folder && *folder ? realpath(folder, NULL) : NULL, *file = path ? realpath(path, NULL) : NULL;
    size_t size = real ? strlen(real) : 0;

    if (real && file && size > 1 && !strncmp(file, real, size) && file[size] == '/')
        shown = arena_strdup(r->arena, file + size + 1);
    free(real);
    free(file);
    return shown;
}

const char *report_words(const struct report *r, const struct finding *f)
{
    const char *words = arena_printf(r->arena, "%s", f->message);
    struct trace_note *notes;
    uint32_t count = trace_notes(f, r->full_trace, r->arena, &notes);

    for (uint32_t i = 0; i < count; i++)
        words = arena_printf(r->arena, "%s\n%s:%" PRIu32 ": %s%s", words, source_path(notes[i].at.file, r->arena),
                             notes[i].at.line, notes[i].text, notes[i].turns);
    if (f->confirmed)
        words = arena_printf(r->arena, "%s\nconfirmed: %s", words, confirmed_words(f, r->arena));
    if (f->help && *f->help)
        words = arena_printf(r->arena, "%s\nhelp: %s", words, source_relative(f->help, r->arena));
    return words;
}

const char *report_gap_words(const struct report *r, const struct gap *gap)
{
    return gap->root ? arena_printf(r->arena, "root %s: %s", gap->root, gap->reason)
                     : arena_printf(r->arena, "not analysed: %s", gap->reason);
}
