#include "report.h"

#include <string.h>

static const struct report_format formats[] = {
    { "text", report_text },
    { "json", report_json },
    { "sarif", report_sarif },
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
