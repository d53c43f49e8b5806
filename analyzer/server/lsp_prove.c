#include "lsp_prove.h"

#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#include "fix.h"
#include "lsp_transport.h"
#include "lsp_work.h"

static const double patience = 10;      /* seconds: who has asked waits */

char *lsp_finding_name(const char *uri, const json_t *range, const char *code, struct arena *arena)
{
    struct lsp_position start, end;

    lsp_read_range(range, &start, &end);
    return arena_printf(arena, "%s:%" PRIu32 ":%" PRIu32 ":%s", uri, start.line, start.character, code);
}

/* ---- a repair, as JSON --------------------------------------------------------------------------- */

static json_t *edits_of(const struct lsp_words *w, const struct fix *fix)
{
    json_t *edits = json_array();

    for (uint32_t i = 0; i < fix->edit_count; i++) {
        const struct fix_edit *e = &fix->edits[i];

        json_array_append_new(edits, json_pack("{s:o, s:o}", "range", lsp_range(
            lsp_position_of(fix->before, e->begin, w->documents->encoding),
            lsp_position_of(fix->before, e->end, w->documents->encoding)), "newText", lsp_string(e->text)));
    }
    return edits;
}

static json_t *repair_of(const struct lsp_words *w, const struct fix *fix)
{
    const struct lsp_document *doc = lsp_document_find(w->documents, fix->file);

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "title", lsp_string(fix->title), "file", lsp_string(fix->file),
                     "hash", json_integer((json_int_t)XXH3_64bits(fix->before, strlen(fix->before))),
                     "version", doc ? json_integer(doc->version) : json_null(),
                     "uri", lsp_string(lsp_uri_of(w, fix->file)), "edits", edits_of(w, fix));
}

/* ---- looking for them ------------------------------------------------------------------------------- */

static bool is_late(void *self)
{
    const struct session *s = self;

    return session_now() - s->started > patience;
}

static json_t *repairs_of(struct session *s, const struct lsp_words *w, const json_t *wanted)
{
    struct fixer *fixer = fixer_new(s, s->arena);
    json_t *repairs = json_object();

    for (uint32_t i = 0; i < s->findings.count; i++) {
        const struct finding *f = &s->findings.list[i];
        json_t *range = f->at.file ? lsp_range_at(w, f->at) : NULL;
        const char *name = range ? lsp_finding_name(lsp_uri_of(w, f->at.file), range, f->rule, s->arena) : "";
        struct fix fix;

        json_decref(range);
        if (json_object_get(wanted, name) && !json_object_get(repairs, name) &&
            fixer_find(fixer, f, is_late, s, &fix))
            json_object_set_new(repairs, name, repair_of(w, &fix));
    }
    fixer_free(fixer);
    return repairs;
}

/* What a repair changes may stand in any file of the program, not only in the one that was asked about. */
static void want_all(struct session *s)
{
    for (uint32_t i = 0; i < s->front->unit_count; i++)
        s->front->units[i].wanted = !s->front->units[i].left_out;
}

void lsp_prove(const struct lsp_request *r, int out)
{
    struct lsp_work work;

    if (lsp_work_begins(&work, r, out) && lsp_work_check(&work)) {
        want_all(&work.session);
        lsp_work_says(json_pack("{s:o}", "repairs", repairs_of(&work.session, &work.words, r->wanted)));
    }
    lsp_work_ends(&work);
}
