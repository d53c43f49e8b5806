#include "report.h"

#include <string.h>

static const struct report_format formats[] = {
    { .name = "text", .words = "for people, as compilers say it", .print = report_text },
    { .name = "json", .words = "one document: findings with their schedules, and what was not analysed", .print = report_json },
    { .name = "jsonl", .words = "the same, a line each (jsonl.schema.json)", .print = report_jsonl },
    { .name = "sarif", .words = "SARIF 2.1.0: code hosts, editors", .print = report_sarif },
    { .name = "html", .words = "one page with the schedules as pictures, for a browser or on paper", .print = report_html,
      .draws = true },
    { .name = "github", .words = "annotations of a GitHub workflow", .print = report_github },
    { .name = "gitlab", .words = "Code Quality of GitLab", .print = report_gitlab },
    { .name = "junit", .words = "JUnit XML: Jenkins and other build servers", .print = report_junit },
    { .name = "checkstyle", .words = "Checkstyle XML: build servers, editors", .print = report_checkstyle },
    { .name = "rdjson", .words = "reviewdog", .print = report_rdjson },
};
enum { FORMATS = sizeof formats / sizeof *formats };

const struct report_format *report_format_named(const char *name)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (!strcmp(name, formats[i].name))
            return &formats[i];
    return NULL;
}

const char *report_format_names(void)
{
    static char names[256];

    names[0] = '\0';
    for (size_t i = 0; i < FORMATS; i++) {
        strncat(names, i == 0 ? "" : i + 1 < FORMATS ? ", " : " or ", sizeof names - strlen(names) - 1);
        strncat(names, formats[i].name, sizeof names - strlen(names) - 1);
    }
    return names;
}

void report_format_help(FILE *out)
{
    for (size_t i = 0; i < FORMATS; i++)
        fprintf(out, "  %-18s %s\n", formats[i].name, formats[i].words);
}
