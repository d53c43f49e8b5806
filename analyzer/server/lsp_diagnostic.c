#include "lsp_diagnostic.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lsp_transport.h"

/* ---- places ------------------------------------------------------------------------------------ */

const char *lsp_uri_of(const struct lsp_words *w, const char *path)
{
    return lsp_documents_uri(w->documents, path, w->arena);
}

/* Bytes of the name at the start of the text, and of the arguments of its call when they end on the line. */
static size_t extent(const char *text)
{
    size_t name = 0, at;
    int depth = 0;

    while (isalnum((unsigned char)text[name]) || text[name] == '_')
        name++;
    at = name + strspn(text + name, " \t");
    if (text[at] != '(')
        return name ? name : *text != '\0';
    for (; text[at]; at++) {
        depth += text[at] == '(';
        depth -= text[at] == ')';
        if (!depth)
            return at + 1;
    }
    return name;
}

json_t *lsp_range_at(const struct lsp_words *w, struct site at)
{
    const char *line = source_line(at.file, at.line, w->arena);
    uint32_t row = at.line ? at.line - 1 : 0;
    size_t from = at.col ? at.col - 1 : 0, to;

    if (!line || from > strlen(line))
        return lsp_range((struct lsp_position){ row, 0 }, (struct lsp_position){ row, 0 });
    to = from + extent(line + from);
    return lsp_range((struct lsp_position){ row, lsp_character(line, from, w->documents->encoding) },
                     (struct lsp_position){ row, lsp_character(line, to, w->documents->encoding) });
}

/* ---- the page of a rule --------------------------------------------------------------------------- */

/* Clients open addresses: the page is a file beside the facts, written when it is first referred to, or was another. */
static const char *page_of(const struct lsp_words *w, const struct rule *rule)
{
    const char *path = arena_printf(w->arena, "%s/%s.md", w->pages, rule->name);
    struct stat status;
    FILE *out;
    bool fine;

    if (!stat(path, &status) && (size_t)status.st_size == strlen(rule->text))
        return lsp_uri(path, w->arena);
    if (mkdir(w->pages, 0777) && errno != EEXIST)
        return NULL;
    out = fopen(path, "w");
    if (!out)
        return NULL;
    fine = fputs(rule->text, out) >= 0;
    if (fclose(out) || !fine) {
        unlink(path);
        return NULL;
    }
    return lsp_uri(path, w->arena);
}

static json_t *description(const struct lsp_words *w, const char *name)
{
    const struct rule *rule = w->described && w->pages ? rules_find(w->rules, name) : NULL;
    const char *page = rule ? page_of(w, rule) : NULL;

    return page ? json_pack("{s:s}", "href", page) : NULL;
}

/* ---- diagnostics ------------------------------------------------------------------------------------ */

static int severity(enum severity s)
{
    switch (s) {
    case SEVERITY_ERROR:
        return 1;
    case SEVERITY_WARNING:
        return 2;
    case SEVERITY_NOTE:
        return 3;
    }
    return 1;
}

static json_t *related(const struct lsp_words *w, const struct trace_note *notes, uint32_t count)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < count; i++)
        if (notes[i].at.file)
            json_array_append_new(list, json_pack(
                "{s:{s:s, s:o}, s:o}", "location", "uri", lsp_uri_of(w, notes[i].at.file),
                "range", lsp_range_at(w, notes[i].at),
                "message", lsp_string(arena_printf(w->arena, "%s%s", notes[i].text, notes[i].turns))));
    return list;
}

static json_t *message(const struct lsp_words *w, const struct finding *f, const struct trace_note *notes,
                       uint32_t count)
{
    const char *text = f->message;

    for (uint32_t i = 0; i < count && !w->related; i++)
        text = notes[i].at.file
            ? arena_printf(w->arena, "%s\n%s:%" PRIu32 ": %s%s", text, source_path(notes[i].at.file, w->arena),
                           notes[i].at.line, notes[i].text, notes[i].turns)
            : arena_printf(w->arena, "%s\n%s%s", text, notes[i].text, notes[i].turns);
    return lsp_string(arena_printf(w->arena, "%s\nhelp: %s", text, source_relative(f->help, w->arena)));
}

json_t *lsp_diagnostic(const struct lsp_words *w, const struct finding *f)
{
    struct trace_note *notes;
    uint32_t count = trace_notes(f, false, w->arena, &notes);

    return json_pack("{s:o, s:i, s:s, s:o*, s:s, s:o, s:o*}", "range", lsp_range_at(w, f->at),
                     "severity", severity(f->severity), "code", f->rule, "codeDescription", description(w, f->rule),
                     "source", "chanleak", "message", message(w, f, notes, count),
                     "relatedInformation", w->related ? related(w, notes, count) : NULL);
}

json_t *lsp_failure(const struct lsp_words *w, const char *file, const char *reason)
{
    size_t size = strlen(file);
    struct site at = { file, 1, 1 };
    const char *why = reason;
    int read = 0;

    if (!strncmp(reason, file, size)
        && sscanf(reason + size, ":%" SCNu32 ":%" SCNu32 ": error: %n", &at.line, &at.col, &read) == 2 && read)
        why = reason + size + read;
    return json_pack("{s:o, s:i, s:s, s:s, s:o}", "range", lsp_range_at(w, at), "severity", 3,
                     "code", "not-analysed", "source", "chanleak",
                     "message", lsp_string(arena_printf(w->arena, "not analysed: %s",
                                                        source_relative(why, w->arena))));
}
