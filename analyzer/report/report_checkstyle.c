/* Checkstyle's XML: an element for each file, in it one for each finding. */
#include "report.h"

#include <inttypes.h>
#include <string.h>

#include "report_escape.h"

static void attribute(const struct report *r, const char *name, const char *value)
{
    fprintf(r->out, " %s=\"", name);
    xml_print(value, r->out);
    putc('"', r->out);
}

static void begin_file(const struct report *r, const char *path)
{
    fputs("  <file", r->out);
    attribute(r, "name", source_path(path, r->arena));
    fputs(">\n", r->out);
}

static void print_error(const struct report *r, const struct finding *f)
{
    static const char *const severities[] = {
        [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "info",
    };

    fputs("    <error", r->out);
    if (f->at.line)
        fprintf(r->out, " line=\"%" PRIu32 "\"", f->at.line);
    if (f->at.col)
        fprintf(r->out, " column=\"%" PRIu32 "\"", f->at.col);
    attribute(r, "severity", severities[f->severity]);
    attribute(r, "message", report_words(r, f));
    attribute(r, "source", arena_printf(r->arena, "chanleak.%s", f->rule));
    fputs("/>\n", r->out);
}

void report_checkstyle(const struct report *r)
{
    const char *file = NULL;

    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"8.0\">\n", r->out);
    for (uint32_t i = 0; i < r->findings->count; i++) {
        const struct finding *f = &r->findings->list[i];
        const char *path = f->at.file ? f->at.file : "";

        if (!file || strcmp(file, path)) {
            fputs(file ? "  </file>\n" : "", r->out);
            begin_file(r, path);
        }
        file = path;
        print_error(r, f);
    }
    fputs(file ? "  </file>\n" : "", r->out);
    for (uint32_t i = 0; i < r->summary->failed_count; i++) {
        begin_file(r, r->summary->failed[i].file);
        fputs("    <exception>", r->out);
        xml_print(report_gap_words(r, &r->summary->failed[i]), r->out);
        fputs("</exception>\n  </file>\n", r->out);
    }
    fputs("</checkstyle>\n", r->out);
}
