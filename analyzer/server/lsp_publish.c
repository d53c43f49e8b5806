/* What the client is told of what was found. */
#include "lsp_server.h"

#include <string.h>

void lsp_show(struct lsp_server *s, int type, const char *text)
{
    lsp_notify(&s->transport, "window/showMessage", json_pack("{s:i, s:o}", "type", type, "message",
               lsp_string(arena_printf(s->scratch, "chanleak: %s", text))));
}

void lsp_log(struct lsp_server *s, int type, const char *text)
{
    lsp_notify(&s->transport, "window/logMessage", json_pack("{s:i, s:o}", "type", type, "message",
               lsp_string(arena_printf(s->scratch, "chanleak: %s", text))));
}

/* ---- findings of a file ----------------------------------------------------------------------------------- */

/* Two programs that share the file say the same of it. */
static bool has(const json_t *list, const json_t *diagnostic)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *d = json_array_get(list, i);

        if (json_equal(json_object_get(d, "range"), json_object_get(diagnostic, "range"))
            && json_equal(json_object_get(d, "code"), json_object_get(diagnostic, "code")))
            return true;
    }
    return false;
}

static void add_all(json_t *list, const json_t *more)
{
    for (size_t i = 0; i < json_array_size(more); i++)
        if (!has(list, json_array_get(more, i)))
            json_array_append(list, json_array_get(more, i));
}

json_t *lsp_diagnostics_of(const struct lsp_server *s, const char *uri)
{
    json_t *list = json_array(), *program;
    const char *key;

    json_object_foreach(s->programs, key, program)
        add_all(list, json_object_get(program, uri));
    add_all(list, json_object_get(s->failed, uri));
    return list;
}

/* ---- publishing ------------------------------------------------------------------------------------------- */

static const struct lsp_document *document_of(const struct lsp_server *s, const char *uri)
{
    for (size_t i = 0; i < s->documents.count; i++)
        if (!strcmp(s->documents.list[i].uri, uri))
            return &s->documents.list[i];
    return NULL;
}

static void publish(struct lsp_server *s, const char *uri, json_t *list, const json_t *versions)
{
    const struct lsp_document *doc = document_of(s, uri);
    const json_t *version = doc ? json_object_get(versions, doc->path) : NULL;

    json_object_set(s->shown, uri, list);
    if (s->client.pulls)
        json_decref(list);
    else
        lsp_notify(&s->transport, "textDocument/publishDiagnostics",
                   json_pack("{s:s, s:O*, s:o}", "uri", uri, "version", version, "diagnostics", list));
}

static void mention(json_t *uris, json_t *of)
{
    const char *uri;
    json_t *value;

    json_object_foreach(of, uri, value)
        json_object_set_new(uris, uri, json_true());
}

/* Every file of which something is known, or was said. */
static json_t *uris_of(const struct lsp_server *s)
{
    json_t *uris = json_object(), *program;
    const char *key;

    mention(uris, s->shown);
    mention(uris, s->failed);
    json_object_foreach(s->programs, key, program)
        mention(uris, program);
    for (size_t i = 0; i < s->documents.count; i++)
        json_object_set_new(uris, s->documents.list[i].uri, json_true());
    return uris;
}

static void refresh(struct lsp_server *s, const char *method)
{
    lsp_request(&s->transport, arena_printf(s->scratch, "chanleak-%u", ++s->requests), method, NULL);
}

void lsp_forget_shown(struct lsp_server *s, const char *uri)
{
    json_object_del(s->shown, uri);
}

static void rename_member(json_t *object, const char *from, const char *to)
{
    json_t *value = json_object_get(object, from);

    if (!value)
        return;
    json_object_set(object, to, value);
    json_object_del(object, from);
}

void lsp_rename_findings(struct lsp_server *s, const char *from, const char *to)
{
    const char *key;
    json_t *program;

    if (!strcmp(from, to))
        return;
    json_object_foreach(s->programs, key, program)
        rename_member(program, from, to);
    rename_member(s->failed, from, to);
    rename_member(s->lenses, from, to);
}

void lsp_publish(struct lsp_server *s, const json_t *versions)
{
    json_t *uris = uris_of(s), *value;
    const char *uri;
    bool changed = false;

    json_object_foreach(uris, uri, value) {
        json_t *list = lsp_diagnostics_of(s, uri), *shown = json_object_get(s->shown, uri);

        if (shown ? json_equal(list, shown) : !json_array_size(list) && !document_of(s, uri)) {
            json_decref(list);
            continue;
        }
        changed = true;
        publish(s, uri, list, versions);
    }
    json_decref(uris);
    if (changed && s->client.pulls && s->client.refreshes_diagnostics)
        refresh(s, "workspace/diagnostic/refresh");
}

/* ---- an outcome ------------------------------------------------------------------------------------------- */

static void replace(json_t **what, json_t *by)
{
    json_decref(*what);
    *what = json_incref(by);
}

/* Files that were asked for: what is said of them now, or nothing. */
static void take_failures(struct lsp_server *s, json_t *failed, const json_t *versions)
{
    const char *uri;
    json_t *list;

    for (size_t i = 0; i < s->documents.count; i++)
        if (json_object_get(versions, s->documents.list[i].path))
            json_object_del(s->failed, s->documents.list[i].uri);
    json_object_foreach(failed, uri, list)
        json_object_set(s->failed, uri, list);
}

/* A program that is not among those a file is in now had it once: the last of its functions has gone, or it was given to
 * another. */
static void drop_from_others(struct lsp_server *s, const json_t *programs, json_t *checked)
{
    const char *key, *uri;
    json_t *program, *value;

    json_object_foreach(s->programs, key, program)
        json_object_foreach(checked, uri, value)
            if (!json_object_get(programs, key) && json_object_get(program, uri)) {
                json_object_del(program, uri);
                s->whole_due = true;
            }
}

void lsp_take_outcome(struct lsp_server *s, json_t *outcome, const json_t *versions)
{
    json_t *programs = json_object_get(outcome, "programs"), *failed = json_object_get(outcome, "failed");
    const char *summary = json_string_value(json_object_get(outcome, "summary"));

    if (json_is_true(json_object_get(outcome, "whole"))) {
        replace(&s->programs, programs);
        replace(&s->failed, failed);
    } else {
        drop_from_others(s, programs, json_object_get(outcome, "checked"));
        json_object_update(s->programs, programs);
        take_failures(s, failed, versions);
    }
    for (size_t i = 0; i < s->documents.count && !s->client.pulls; i++)     /* that a version was looked at is news */
        if (json_object_get(versions, s->documents.list[i].path))
            lsp_forget_shown(s, s->documents.list[i].uri);
    lsp_publish(s, versions);
    if (summary && json_is_true(json_object_get(outcome, "whole")) && versions)
        lsp_log(s, 4, summary);
    json_decref(outcome);
}

void lsp_take_lenses(struct lsp_server *s, json_t *said)
{
    json_t *lenses = json_object_get(said, "lenses"), *before = json_deep_copy(s->lenses);

    json_object_update(s->lenses, lenses);
    if (!json_equal(before, s->lenses) && s->client.refreshes_lenses)
        refresh(s, "workspace/codeLens/refresh");
    json_decref(before);
    json_decref(said);
}
