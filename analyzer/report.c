#include "report.h"

#include <string.h>

static const struct report_format formats[] = {
    { "text", "for people, as compilers say it", report_text },
    { "json", "one document: findings with their schedules, and what was not analysed", report_json },
    { "jsonl", "the same, a line each (jsonl.schema.json)", report_jsonl },
    { "sarif", "SARIF 2.1.0: code hosts, editors", report_sarif },
    { "github", "annotations of a GitHub workflow", report_github },
    { "gitlab", "Code Quality of GitLab", report_gitlab },
    { "junit", "JUnit XML: Jenkins and other build servers", report_junit },
    { "checkstyle", "Checkstyle XML: build servers, editors", report_checkstyle },
    { "rdjson", "reviewdog", report_rdjson },
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
