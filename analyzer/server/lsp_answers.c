/* What the client asks about a place: hover, code lenses, diagnostics when it asks for them. */
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

        if (lsp_range_touches(json_object_get(d, "range"), at, at))
            return json_pack("{s:{s:s, s:o}, s:O}", "contents", "kind", s->client.markdown ? "markdown" : "plaintext",
                             "value", lsp_string(hover_text(s, d)), "range", json_object_get(d, "range"));
    }
    return json_null();
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
