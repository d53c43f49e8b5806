/* What the client asks about a place: hover, code actions, code lenses, diagnostics when it asks for them. */
#include "lsp_server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- places -------------------------------------------------------------------------------------------------- */

static const char *uri_in(const json_t *params)
{
    return json_string_value(json_object_get(json_object_get(params, "textDocument"), "uri"));
}

static bool before(struct lsp_position a, struct lsp_position b)
{
    return a.line != b.line ? a.line < b.line : a.character < b.character;
}

/* Do they touch? */
static bool touches(const json_t *range, struct lsp_position from, struct lsp_position to)
{
    struct lsp_position start, end;

    return lsp_read_range(range, &start, &end) && !before(to, start) && !before(end, from);
}

/* ---- hover ----------------------------------------------------------------------------------------------------- */

/* The page without the list of its properties at the top, and without its query. */
static const char *page_of(const struct lsp_server *s, const struct rule *rule)
{
    const char *prose = strstr(rule->text, "\n\n"), *end = strstr(rule->text, "\n## Query");

    while (prose && (!strncmp(prose, "\n\n- ", 4) || prose[2] == '\n'))
        prose = strstr(prose + 2, "\n\n");
    if (!prose || (end && end < prose))
        return "";
    return arena_printf(s->scratch, "%.*s", end ? (int)(end - prose) : (int)strlen(prose), prose);
}

static const char *hover_text(const struct lsp_server *s, const json_t *diagnostic)
{
    const char *code = json_string_value(json_object_get(diagnostic, "code"));
    const char *message = json_string_value(json_object_get(diagnostic, "message"));
    const struct rule *rule = code ? rules_find(&s->configured.rules, code) : NULL;

    if (!rule)
        return message ? message : "";
    if (!s->client.markdown)
        return arena_printf(s->scratch, "%s [%s]\n\n%s: %s%s", message, rule->name, rule->name, rule->title,
                            page_of(s, rule));
    return arena_printf(s->scratch, "%s\n\n---\n**%s**: %s%s", message, rule->name, rule->title, page_of(s, rule));
}

json_t *lsp_hover(struct lsp_server *s, const json_t *params)
{
    const json_t *list = json_object_get(s->shown, uri_in(params) ? uri_in(params) : "");
    struct lsp_position at;

    if (!lsp_read_position(json_object_get(params, "position"), &at))
        return json_null();
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *d = json_array_get(list, i);

        if (touches(json_object_get(d, "range"), at, at))
            return json_pack("{s:{s:s, s:o}, s:O}", "contents", "kind", s->client.markdown ? "markdown" : "plaintext",
                             "value", lsp_string(hover_text(s, d)), "range", json_object_get(d, "range"));
    }
    return json_null();
}

/* ---- code actions -------------------------------------------------------------------------------------------------- */

/* The blanks its line begins with. */
static const char *indentation(struct lsp_server *s, const char *uri, uint32_t line)
{
    const char *path = lsp_path(uri, s->scratch);
    struct lsp_document *doc = path ? lsp_document_find(&s->documents, path) : NULL;
    const char *text;

    if (!doc)
        return "";
    text = doc->text.bytes + lsp_text_offset(&doc->text, (struct lsp_position){ line, 0 }, LSP_UTF8);
    return arena_printf(s->scratch, "%.*s", (int)strspn(text, " \t"), text);
}

static json_t *suppression(struct lsp_server *s, const char *uri, json_t *diagnostic)
{
    const char *code = json_string_value(json_object_get(diagnostic, "code"));
    struct lsp_position start, end;

    if (!code || !rules_find(&s->configured.rules, code)
        || !lsp_read_range(json_object_get(diagnostic, "range"), &start, &end))
        return NULL;
    start.character = 0;
    return json_pack("{s:o, s:s, s:[O], s:{s:{s:[{s:o, s:o}]}}}",
                     "title", lsp_string(arena_printf(s->scratch, "Suppress %s here (fill in the reason)", code)),
                     "kind", "quickfix", "diagnostics", diagnostic, "edit", "changes", uri,
                     "range", lsp_range(start, start),
                     "newText", lsp_string(arena_printf(s->scratch, "%s// chanleak-ignore(%s): reason\n",
                                                        indentation(s, uri, start.line), code)));
}

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

json_t *lsp_code_actions(struct lsp_server *s, const json_t *params)
{
    const char *uri = uri_in(params);
    const json_t *list = json_object_get(s->shown, uri ? uri : "");
    struct lsp_position from, to;
    json_t *actions = json_array();

    if (!wants_fixes(json_object_get(params, "context")) || !lsp_read_range(json_object_get(params, "range"), &from, &to))
        return actions;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *d = json_array_get(list, i);
        json_t *action = touches(json_object_get(d, "range"), from, to) ? suppression(s, uri, d) : NULL;

        if (action)
            json_array_append_new(actions, action);
    }
    return actions;
}

/* ---- code lenses ----------------------------------------------------------------------------------------------------- */

json_t *lsp_code_lenses(struct lsp_server *s, const json_t *params)
{
    const json_t *list = json_object_get(s->lenses, uri_in(params) ? uri_in(params) : "");
    json_t *lenses = json_array();

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *lens = json_array_get(list, i);

        json_array_append_new(lenses, json_pack("{s:O, s:{s:O, s:s}}", "range", json_object_get(lens, "range"),
                                                "command", "title", json_object_get(lens, "title"), "command", ""));
    }
    return lenses;
}

/* ---- diagnostics, asked for ------------------------------------------------------------------------------------------- */

/* The same as long as the list is. */
static const char *result_id(const struct lsp_server *s, const json_t *list)
{
    char *text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
    const char *id = arena_printf(s->scratch, "%016" PRIx64, (uint64_t)XXH3_64bits(text ? text : "", text ? strlen(text) : 0));

    free(text);
    return id;
}

/* Takes over the list. */
static json_t *full_report(const struct lsp_server *s, json_t *list, const char *previous)
{
    const char *id = result_id(s, list);

    if (!previous || strcmp(previous, id))
        return json_pack("{s:s, s:s, s:o}", "kind", "full", "resultId", id, "items", list);
    json_decref(list);
    return json_pack("{s:s, s:s}", "kind", "unchanged", "resultId", id);
}

json_t *lsp_pull(struct lsp_server *s, const json_t *params)
{
    const char *uri = uri_in(params);

    return full_report(s, uri ? lsp_diagnostics_of(s, uri) : json_array(),
                       json_string_value(json_object_get(params, "previousResultId")));
}

static const char *previous_of(const json_t *params, const char *uri)
{
    const json_t *list = json_object_get(params, "previousResultIds");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *known = json_string_value(json_object_get(json_array_get(list, i), "uri"));

        if (known && !strcmp(known, uri))
            return json_string_value(json_object_get(json_array_get(list, i), "value"));
    }
    return NULL;
}

json_t *lsp_pull_all(struct lsp_server *s, const json_t *params)
{
    json_t *items = json_array(), *shown;
    const char *uri;

    json_object_foreach(s->shown, uri, shown) {
        json_t *report = full_report(s, lsp_diagnostics_of(s, uri), previous_of(params, uri));

        json_object_set_new(report, "uri", lsp_string(uri));
        json_object_set_new(report, "version", json_null());
        json_array_append_new(items, report);
    }
    return json_pack("{s:o}", "items", items);
}
