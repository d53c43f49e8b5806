/* GitLab's Code Quality: issues of Code Climate's form, known again by their fingerprint
 * (docs.gitlab.com, "Code Quality report format"). */
#include "report_json.h"

static json_t *issue(const struct report *r, const struct finding *f)
{
    static const char *const severities[] = {
        [SEVERITY_ERROR] = "critical", [SEVERITY_WARNING] = "major", [SEVERITY_NOTE] = "info",
    };
    const char *path = f->at.file ? report_host_path(r, f->at.file, "CI_PROJECT_DIR") : ".", *words = f->message;

    if (f->help && *f->help)
        words = arena_printf(r->arena, "%s; help: %s", words, source_relative(f->help, r->arena));
    return json_pack("{s:s, s:[s], s:o, s:o, s:s, s:s, s:{s:o}, s:{s:o, s:{s:I}}}", "type", "issue",
                     "categories", "Bug Risk", "check_name", json_text(r, f->rule), "description", json_text(r, words),
                     "fingerprint", report_unique_fingerprint(r, f, path), "severity", severities[f->severity],
                     "content", "body", json_text(r, report_words(r, f)),
                     "location", "path", json_text(r, path),
                     "lines", "begin", (json_int_t)(f->at.line ? f->at.line : 1));
}

void report_gitlab(const struct report *r)
{
    json_t *issues = json_array();

    for (uint32_t i = 0; i < r->findings->count; i++)
        json_array_append_new(issues, issue(r, &r->findings->list[i]));
    json_print(r, issues, JSON_INDENT(2));
}
