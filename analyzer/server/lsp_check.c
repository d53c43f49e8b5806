#include "lsp_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "compdb.h"
#include "lsp_diagnostic.h"
#include "lsp_lens.h"
#include "lsp_transport.h"
#include "paths.h"

/* ---- lines to the server ------------------------------------------------------------------------- */

static int output;                  /* of this process: it does one analysis */

static void say(json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    size_t size = text ? strlen(text) : 0, at = 0;

    if (text)
        text[size++] = '\n';        /* in place of the NUL */
    while (at < size) {
        ssize_t n = write(output, text + at, size - at);

        if (n <= 0)
            break;
        at += (size_t)n;
    }
    free(text);
    json_decref(line);
}

static void progress(const char *what, const char *name)
{
    static double last;
    char text[160];

    if (session_now() - last < 0.1)
        return;
    last = session_now();
    snprintf(text, sizeof text, "%s %s", what, name);
    say(json_pack("{s:o}", "progress", lsp_string(text)));
}

/* ---- what to check ---------------------------------------------------------------------------------- */

static bool has_file(const struct compdb *db, const char *file)
{
    for (uint32_t i = 0; i < db->count; i++)
        if (!strcmp(db->entries[i].file, file))
            return true;
    return false;
}

/* Sources of the database alone need only their programs; after anything else (a header, a new file) everything
 * is checked, which costs little when little depends on it. */
static bool only_sources(const struct lsp_request *r, struct arena *arena)
{
    const char *error;
    const struct compdb *db = compdb_load(r->options->database, r->file_count ? r->files[0] : NULL, arena, &error);

    for (size_t i = 0; db && i < r->file_count; i++)
        if (!has_file(db, r->files[i]))
            return false;
    return db && r->file_count;
}

static const char *folder_of(const char *store, struct arena *arena)
{
    const char *path = path_absolute(path_working_directory(arena), store, arena);

    return arena_printf(arena, "%s/rules", path_folder(path, arena));
}

/* ---- the outcome ---------------------------------------------------------------------------------------- */

static json_t *list_of(json_t *object, const char *key)
{
    if (!json_object_get(object, key))
        json_object_set_new(object, key, json_array());
    return json_object_get(object, key);
}

static json_t *member_of(json_t *object, const char *key)
{
    if (!json_object_get(object, key))
        json_object_set_new(object, key, json_object());
    return json_object_get(object, key);
}

static const char *program_key(int64_t program, struct arena *arena)
{
    return arena_printf(arena, "%" PRId64, program);
}

static json_t *programs_of(const struct session *s, const struct lsp_words *w)
{
    json_t *programs = json_object();

    for (uint32_t i = 0; i < s->program_count; i++)
        json_object_set_new(programs, program_key(s->programs[i], w->arena), json_object());
    for (uint32_t i = 0; i < s->findings.count; i++) {
        const struct finding *f = &s->findings.list[i];

        if (f->at.file)
            json_array_append_new(list_of(member_of(programs, program_key(f->program, w->arena)),
                                          lsp_uri_of(w, f->at.file)), lsp_diagnostic(w, f));
    }
    return programs;
}

static json_t *failures_of(const struct session *s, const struct lsp_words *w)
{
    json_t *failed = json_object();

    for (uint32_t i = 0; i < s->summary.failed_count; i++) {
        const struct gap *g = &s->summary.failed[i];

        json_array_append_new(list_of(failed, lsp_uri_of(w, g->file)), lsp_failure(w, g->file, g->reason));
    }
    return failed;
}

static json_t *summary_of(const struct session *s, struct arena *arena)
{
    struct report report = { .findings = &s->findings, .rules = &s->rules, .summary = &s->summary, .arena = arena };
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    json_t *value;

    report_summary(&report, false, out);
    fclose(out);
    if (size)
        text[size - 1] = '\0';      /* the end of the line */
    value = lsp_string(text);
    free(text);
    return value;
}

static void tell(struct session *s, const struct lsp_words *w, bool whole)
{
    s->summary.seconds = session_now() - s->started;
    say(json_pack("{s:b, s:o, s:o, s:o}", "whole", whole, "programs", programs_of(s, w),
                  "failed", failures_of(s, w), "summary", summary_of(s, w->arena)));
}

/* Findings first: lenses take the programs, which a check that is told again has not read. */
static void tell_all(struct session *s, const struct lsp_words *w, bool whole, bool known)
{
    tell(s, w, whole);
    if (!known && s->program_count && w->documents->count && (s->front->program_count || session_read(s)))
        say(json_pack("{s:o}", "lenses", lsp_lenses(s, w)));
}

/* ---- an analysis ---------------------------------------------------------------------------------------- */

/* Half a word is typed, and the file does not parse: what was said of it before is of more use than what can be
 * said of a program without it. */
static bool is_being_typed(const struct session *s, const struct lsp_documents *documents)
{
    for (uint32_t i = 0; i < s->summary.failed_count; i++)
        if (lsp_document_find(documents, s->summary.failed[i].file))
            return true;
    return false;
}

static bool check(struct session *s, const struct lsp_documents *documents, bool *whole)
{
    if (!session_store(s) || !session_open(s))
        return false;
    if (check_again(s))
        return true;
    if (!session_read(s))
        return false;
    if (!is_being_typed(s, documents))
        return check_read(s);
    *whole = false;
    return true;
}

/* What the last check has found, if there was one. */
static bool recall(struct session *s)
{
    const char *error;

    s->store = store_open_last(s->options->store, s->arena, &error);
    if (s->store)
        store_read_findings(s->store, &s->findings);
    return s->store != NULL;
}

void lsp_check(const struct lsp_request *r, int out)
{
    struct arena *arena = arena_new();
    struct options options = *r->options;
    struct session s = { .options = &options, .arena = arena, .started = session_now(), .progress = progress,
                         .overlay = lsp_documents_overlay(r->documents, arena),
                         .overlay_count = r->documents->count, .keeper = r->keeper };
    bool whole = r->known || !only_sources(r, arena);
    struct lsp_words w = { .rules = &s.rules, .documents = r->documents, .arena = arena, .related = r->related,
                           .described = r->described, .pages = folder_of(options.store, arena) };

    output = out;
    s.findings.arena = arena;
    source_overlay(s.overlay, s.overlay_count);
    options.files = whole ? NULL : (const char **)r->files;
    options.file_count = whole ? 0 : r->file_count;
    if (session_configure(&s, &options) && (r->known ? recall(&s) : check(&s, r->documents, &whole)))
        tell_all(&s, &w, whole, r->known);
    store_close(s.store);
    front_free(s.front);
    arena_free(arena);
}
