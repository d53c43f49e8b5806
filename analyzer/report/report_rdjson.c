/* Reviewdog's diagnostic format (reviewdog/proto/rdf): columns count bytes, as ours do. The schedule is part of the
 * message: that format's related locations are newer than many reviewdogs, which refuse what they do not know. */
#include "report_json.h"

static json_t *diagnostic(const struct report *r, const struct finding *f)
{
    static const char *const severities[] = {
        [SEVERITY_ERROR] = "ERROR", [SEVERITY_WARNING] = "WARNING", [SEVERITY_NOTE] = "INFO",
    };
    json_t *location = json_pack("{s:o}", "path", json_text(r, source_path(f->at.file, r->arena)));

    if (f->at.line)
        json_object_set_new(location, "range", json_pack("{s:{s:I, s:I}}", "start", "line", (json_int_t)f->at.line,
                                                         "column", (json_int_t)(f->at.col ? f->at.col : 1)));
    return json_pack("{s:o, s:o, s:s, s:{s:o}}", "message", json_text(r, report_words(r, f)), "location", location,
                     "severity", severities[f->severity], "code", "value", json_text(r, f->rule));
}

void report_rdjson(const struct report *r)
{
    json_t *diagnostics = json_array();

    for (uint32_t i = 0; i < r->findings->count; i++)
        json_array_append_new(diagnostics, diagnostic(r, &r->findings->list[i]));
    json_print(r, json_pack("{s:{s:s}, s:o}", "source", "name", "chanleak", "diagnostics", diagnostics), JSON_INDENT(2));
}
