/* What can be done about a finding: repairs that are proved, and a comment that silences it. Who asks waits for the proof. */
#include "lsp_server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "fix_edit.h"
#include "lsp_prove.h"

static const double patience = 15;      /* seconds for a proof, which gives up before by itself unless libclang hangs */

/* ---- what is asked about --------------------------------------------------------------------------------------- */

struct asked {
    const char         *uri, *path;
    struct lsp_position from, to;
};

static bool wants_fixes(const json_t *context)
{
    const json_t *only = json_object_get(context, "only");

    for (size_t i = 0; i < json_array_size(only); i++) {
        const char *kind = json_string_value(json_array_get(only, i));

        if (kind && (!*kind || !strcmp(kind, "quickfix")))
            return true;
    }
    return !json_is_array(only);
}

static bool read_place(struct lsp_server *s, const json_t *params, struct asked *place)
{
    place->uri = json_string_value(json_object_get(json_object_get(params, "textDocument"), "uri"));
    place->path = lsp_documents_path(&s->documents, place->uri, s->scratch);
    return place->path && wants_fixes(json_object_get(params, "context")) &&
           lsp_read_range(json_object_get(params, "range"), &place->from, &place->to);
}

static const struct rule *rule_of(const struct lsp_server *s, const json_t *diagnostic)
{
    const char *code = json_string_value(json_object_get(diagnostic, "code"));

    return code ? rules_find(&s->configured.rules, code) : NULL;
}

/* The next diagnostic there, from *at on; NULL: no more. */
static json_t *next_there(const struct lsp_server *s, const struct asked *place, size_t *at)
{
    const json_t *list = json_object_get(s->shown, place->uri);

    while (*at < json_array_size(list)) {
        json_t *d = json_array_get(list, (*at)++);

        if (rule_of(s, d) && lsp_range_touches(json_object_get(d, "range"), place->from, place->to))
            return d;
    }
    return NULL;
}

static const char *name_of(struct lsp_server *s, const struct asked *place, const json_t *diagnostic)
{
    return lsp_finding_name(place->uri, json_object_get(diagnostic, "range"), rule_of(s, diagnostic)->name, s->scratch);
}

/* ---- proofs -------------------------------------------------------------------------------------------------------- */

static void end_proof(struct lsp_server *s)
{
    lsp_run_end(&s->proof);
    json_decref(s->proving);
    s->proving = NULL;
}

void lsp_repairs_stale(struct lsp_server *s)
{
    end_proof(s);
    json_object_clear(s->repairs);
    s->state++;
}

/* Of these it is not known yet whether they can be repaired. */
static json_t *unproved(struct lsp_server *s, const struct asked *place)
{
    json_t *names = json_object(), *d;

    for (size_t at = 0; (d = next_there(s, place, &at));) {
        const char *name = name_of(s, place, d);

        if (rule_of(s, d)->repairs && !json_object_get(s->repairs, name))
            json_object_set_new(names, name, json_true());
    }
    return names;
}

/* Of what was not proved no more is to be expected. */
static void give_up(struct lsp_server *s)
{
    const char *name;
    const json_t *value;

    json_object_foreach(s->proving, name, value)
        if (!json_object_get(s->repairs, name))
            json_object_set_new(s->repairs, name, json_null());
}

/* Takes over the names. */
static void prove(struct lsp_server *s, const char *path, json_t *names)
{
    struct lsp_request request = {
        .options = &s->options, .documents = &s->documents, .files = &path, .file_count = 1, .wanted = names,
        .keeper = keeper_connect(&s->keeper, s->configured.options->models, s->configured.options->model_count),
    };

    if (request.keeper < 0)
        request.keeper = 0;
    s->proving = names;
    if (!lsp_run_start(&s->proof, &request, session_now())) {
        give_up(s);
        end_proof(s);
    }
    if (request.keeper > 0)
        close(request.keeper);
}

void lsp_hear_proof(struct lsp_server *s, int fd)
{
    const char *progress, *trouble;

    lsp_run_read(&s->proof, fd, &progress);
    if (s->proof.outcome) {
        json_object_update(s->repairs, json_object_get(s->proof.outcome, "repairs"));
        s->proof.told = true;
    }
    json_decref(s->proof.outcome);
    s->proof.outcome = NULL;
    if (!lsp_run_ended(&s->proof))
        return;
    trouble = lsp_run_trouble(&s->proof, s->scratch);
    if (trouble)
        lsp_log(s, 3, trouble);
    give_up(s);
    end_proof(s);
    lsp_answer_deferred(s, false);
}

void lsp_look_after_proof(struct lsp_server *s)
{
    if (!s->proof.pid || session_now() - s->proof.started < patience)
        return;
    lsp_log(s, 2, "the proof of a repair takes too long");
    give_up(s);
    end_proof(s);
    lsp_answer_deferred(s, false);
}

bool lsp_actions_wait(struct lsp_server *s, const json_t *params)
{
    struct asked place;
    json_t *names;
    bool some;

    if (!read_place(s, params, &place))
        return false;
    if (lsp_is_pending(s, place.path))
        return true;
    names = unproved(s, &place);
    some = json_object_size(names) > 0;
    if (some && !s->proof.pid)
        prove(s, place.path, names);
    else
        json_decref(names);
    return some && s->proof.pid;
}

void lsp_actions_cancelled(struct lsp_server *s)
{
    for (size_t i = 0; i < json_array_size(s->deferred); i++)
        if (!strcmp(json_string_value(json_object_get(json_array_get(s->deferred, i), "method")), "textDocument/codeAction"))
            return;
    end_proof(s);
}

/* ---- edits ---------------------------------------------------------------------------------------------------------- */

/* Takes over the version and the edits. */
static json_t *workspace_edit(const struct lsp_server *s, const char *uri, json_t *version, json_t *edits)
{
    if (s->client.versions)
        return json_pack("{s:[{s:{s:s, s:o}, s:o}]}", "documentChanges", "textDocument", "uri", uri, "version", version,
                         "edits", edits);
    json_decref(version);
    return json_pack("{s:{s:o}}", "changes", uri, edits);
}

/* What is on disk may have changed, and nobody has said so. */
static bool is_as_it_was(struct lsp_server *s, const json_t *repair)
{
    const char *text;

    if (!json_is_null(json_object_get(repair, "version")))
        return true;
    text = fix_read(json_string_value(json_object_get(repair, "file")), s->scratch);
    return text && (json_int_t)XXH3_64bits(text, strlen(text)) == json_integer_value(json_object_get(repair, "hash"));
}

static json_t *edit_of(const struct lsp_server *s, const json_t *repair)
{
    return workspace_edit(s, json_string_value(json_object_get(repair, "uri")),
                          json_incref(json_object_get(repair, "version")), json_incref(json_object_get(repair, "edits")));
}

/* ---- actions -------------------------------------------------------------------------------------------------------- */

static json_t *repair_action(struct lsp_server *s, const struct asked *place, json_t *diagnostic)
{
    const char *name = name_of(s, place, diagnostic);
    const json_t *repair = json_object_get(s->repairs, name);
    json_t *action;

    if (!json_is_object(repair) || !is_as_it_was(s, repair))
        return NULL;
    action = json_pack("{s:o, s:s, s:b, s:[O]}",
                       "title", lsp_string(arena_printf(s->scratch, "Repair: %s",
                                                        json_string_value(json_object_get(repair, "title")))),
                       "kind", "quickfix", "isPreferred", 1, "diagnostics", diagnostic);
    if (s->client.resolves)
        json_object_set_new(action, "data", json_pack("{s:s, s:I}", "name", name, "state", s->state));
    else
        json_object_set_new(action, "edit", edit_of(s, repair));
    return action;
}

json_t *lsp_resolve_action(struct lsp_server *s, const json_t *params)
{
    const json_t *data = json_object_get(params, "data"), *repair;
    const char *name = json_string_value(json_object_get(data, "name"));
    json_t *action;

    if (!name)
        return json_incref((json_t *)params);
    repair = json_object_get(s->repairs, name);
    if (json_integer_value(json_object_get(data, "state")) != s->state || !json_is_object(repair) ||
        !is_as_it_was(s, repair))
        return NULL;
    action = json_copy((json_t *)params);
    json_object_set_new(action, "edit", edit_of(s, repair));
    return action;
}

/* The blanks its line begins with. */
static const char *indentation(struct lsp_server *s, struct lsp_document *doc, uint32_t line)
{
    const char *text;

    if (!doc)
        return "";
    text = doc->text.bytes + lsp_text_offset(&doc->text, (struct lsp_position){ line, 0 }, LSP_UTF8);
    return arena_printf(s->scratch, "%.*s", (int)strspn(text, " \t"), text);
}

/* The comment that begins there; NULL: none does. */
static const char *comment_at(struct lsp_server *s, struct lsp_document *doc, struct lsp_position at)
{
    const char *text = doc ? doc->text.bytes + lsp_text_offset(&doc->text, at, s->documents.encoding) : "";

    return !strncmp(text, "//", 2) || !strncmp(text, "/*", 2) ? text : NULL;
}

/* A finding at a comment is about the comment, which nothing silences: it can be taken away, unless it names several rules. */
static json_t *removal(struct lsp_server *s, const struct asked *place, json_t *diagnostic)
{
    struct lsp_document *doc = lsp_document_at(&s->documents, place->uri);
    struct lsp_position start, end;
    const char *comment;
    size_t size;
    json_t *edits;

    if (!lsp_read_range(json_object_get(diagnostic, "range"), &start, &end) || !(comment = comment_at(s, doc, start)))
        return NULL;
    size = strcspn(comment, "\r\n");
    if (comment[1] == '*' || memchr(comment, ',', strcspn(comment, ":\r\n")))
        return NULL;
    end = (struct lsp_position){ start.line, start.character + lsp_character(comment, size, s->documents.encoding) };
    if (start.character == strlen(indentation(s, doc, start.line)) && comment[size])
        start.character = 0, end = (struct lsp_position){ start.line + 1, 0 };
    edits = json_pack("[{s:o, s:s}]", "range", lsp_range(start, end), "newText", "");
    return json_pack("{s:s, s:s, s:[O], s:o}", "title", "Remove the comment", "kind", "quickfix", "diagnostics", diagnostic,
                     "edit", workspace_edit(s, place->uri, json_integer(doc->version), edits));
}

static json_t *suppression(struct lsp_server *s, const struct asked *place, json_t *diagnostic)
{
    const char *rule = rule_of(s, diagnostic)->name;
    struct lsp_document *doc = lsp_document_at(&s->documents, place->uri);
    struct lsp_position start, end;
    json_t *edits;

    if (!lsp_read_range(json_object_get(diagnostic, "range"), &start, &end) || comment_at(s, doc, start))
        return NULL;
    start.character = 0;
    edits = json_pack("[{s:o, s:o}]", "range", lsp_range(start, start), "newText", lsp_string(arena_printf(
        s->scratch, "%s// chanleak-ignore(%s): reason\n", indentation(s, doc, start.line), rule)));
    return json_pack("{s:o, s:s, s:[O], s:o}",
                     "title", lsp_string(arena_printf(s->scratch, "Suppress %s here (fill in the reason)", rule)),
                     "kind", "quickfix", "diagnostics", diagnostic, "edit",
                     workspace_edit(s, place->uri, doc ? json_integer(doc->version) : json_null(), edits));
}

json_t *lsp_code_actions(struct lsp_server *s, const json_t *params)
{
    json_t *(*const kinds[])(struct lsp_server *, const struct asked *, json_t *) = { repair_action, removal, suppression };
    json_t *actions = json_array(), *d, *action;
    struct asked place;

    if (!read_place(s, params, &place))
        return actions;
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (size_t at = 0; (d = next_there(s, &place, &at));)
            if ((action = kinds[kind](s, &place, d)))
                json_array_append_new(actions, action);
    return actions;
}
