/* Annotations of a GitHub workflow: lines "::error file=a.c,line=3::message" on standard output, which GitHub
 * shows in the changed files (docs.github.com, "Workflow commands for GitHub Actions"). */
#include "report.h"

#include <inttypes.h>
#include <string.h>

#include "utf8.h"

/* What ends a line, a property or the properties is written in percent, as actions/toolkit does it. */
static void print_value(const struct report *r, const char *text, const char *special)
{
    for (text = utf8_printable(text, r->arena); *text; text++) {
        if (strchr(special, *text))
            fprintf(r->out, "%%%02X", (unsigned char)*text);
        else
            putc(*text, r->out);
    }
}

static void print_property(const struct report *r, char before, const char *name, const char *value)
{
    fprintf(r->out, "%c%s=", before, name);
    print_value(r, value, "%\r\n:,");
}

static void print_annotation(const struct report *r, const char *kind, struct site at, const char *title,
                             const char *message)
{
    fprintf(r->out, "::%s", kind);
    if (at.file)
        print_property(r, ' ', "file", report_host_path(r, at.file, "GITHUB_WORKSPACE"));
    if (at.file && at.line)
        fprintf(r->out, ",line=%" PRIu32, at.line);
    if (at.file && at.line && at.col)
        fprintf(r->out, ",col=%" PRIu32, at.col);
    print_property(r, at.file ? ',' : ' ', "title", title);
    fputs("::", r->out);
    print_value(r, message, "%\r\n");
    putc('\n', r->out);
}

void report_github(const struct report *r)
{
    static const char *const kinds[] = {
        [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "notice",
    };
    const struct summary *s = r->summary;

    for (uint32_t i = 0; i < r->findings->count; i++) {
        const struct finding *f = &r->findings->list[i];

        print_annotation(r, kinds[f->severity], f->at, arena_printf(r->arena, "chanleak: %s", f->rule), report_words(r, f));
    }
    for (uint32_t i = 0; i < s->failed_count; i++)
        print_annotation(r, "error", (struct site){ s->failed[i].file, 0, 0 }, "chanleak: not analysed", s->failed[i].reason);
    for (uint32_t i = 0; i < s->partial_count; i++)
        print_annotation(r, "notice", (struct site){ s->partial[i].file, s->partial[i].line, s->partial[i].col },
                         "chanleak: not explored in full", report_gap_words(r, &s->partial[i]));
}
