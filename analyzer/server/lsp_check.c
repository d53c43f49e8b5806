#include "lsp_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lsp_lens.h"
#include "lsp_transport.h"
#include "lsp_work.h"

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

static json_t *failures_of(const struct lsp_work *work)
{
    const struct session *s = &work->session;
    const struct lsp_words *w = &work->words;
    json_t *failed = json_object();

    for (uint32_t i = 0; i < s->summary.failed_count; i++) {
        const struct gap *g = &s->summary.failed[i];

        json_array_append_new(list_of(failed, lsp_uri_of(w, g->file)), lsp_failure(w, g->file, g->reason));
    }
    for (size_t i = 0; i < w->documents->count; i++) {
        const struct lsp_document *doc = &w->documents->list[i];
        const char *why = lsp_work_left_out(work, doc->path);

        if (why && !json_object_get(failed, doc->uri))
            json_array_append_new(list_of(failed, doc->uri), lsp_failure(w, doc->path, why));
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

static json_t *checked(const struct lsp_work *work)
{
    json_t *files = json_object();

    for (size_t i = 0; i < work->options.file_count && !work->typed; i++)
        json_object_set_new(files, lsp_uri_of(&work->words, work->options.files[i]), json_true());
    return files;
}

static void tell(struct lsp_work *work)
{
    struct session *s = &work->session;
    const struct lsp_words *w = &work->words;

    s->summary.seconds = session_now() - s->started;
    lsp_work_says(json_pack("{s:b, s:o, s:o, s:o, s:o}", "whole", work->whole, "programs", programs_of(s, w),
                            "checked", checked(work), "failed", failures_of(work), "summary", summary_of(s, w->arena)));
}

/* Findings first: lenses take the programs, which a check that is told again has not read. */
static void tell_all(struct lsp_work *work, bool known)
{
    struct session *s = &work->session;
    const struct lsp_words *w = &work->words;

    tell(work);
    if (!known && s->program_count && w->documents->count && (s->front->program_count || session_read(s)))
        lsp_work_says(json_pack("{s:o}", "lenses", lsp_lenses(s, w)));
}

/* ---- an analysis ---------------------------------------------------------------------------------------- */

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
    struct lsp_work work;

    if (lsp_work_begins(&work, r, out) && (r->known ? recall(&work.session) : lsp_work_check(&work)))
        tell_all(&work, r->known);
    lsp_work_ends(&work);
}
