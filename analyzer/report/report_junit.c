/* JUnit's XML, as build servers read it (the Jenkins xUnit plugin's junit-10.xsd): a suite for each file with
 * findings, a failed case for each finding; what was not looked at are errors and skipped cases. */
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

static const char *place(const struct report *r, struct site at)
{
    const char *path = source_path(at.file, r->arena);

    return at.line ? arena_printf(r->arena, "%s:%" PRIu32 ":%" PRIu32, path, at.line, at.col) : path;
}

/* kind: failure, error or skipped */
static void print_case(const struct report *r, struct site at, const char *name, const char *kind, const char *type,
                       const char *message, const char *body)
{
    fputs("    <testcase time=\"0\"", r->out);
    attribute(r, "classname", place(r, at));
    attribute(r, "name", name);
    fprintf(r->out, ">\n      <%s", kind);
    if (type)
        attribute(r, "type", type);
    if (message)
        attribute(r, "message", message);
    putc('>', r->out);
    xml_print(body, r->out);
    fprintf(r->out, "</%s>\n    </testcase>\n", kind);
}

/* Notes do not fail a run: their cases pass, and say it. */
static void print_finding(const struct report *r, const struct finding *f)
{
    bool fails = f->severity != SEVERITY_NOTE;

    print_case(r, f->at, f->rule, fails ? "failure" : "system-out", fails ? severity_name(f->severity) : NULL,
               fails ? f->message : NULL, report_words(r, f));
}

static void print_suite(const struct report *r, const char *name, uint32_t tests, uint32_t failures, uint32_t errors,
                        uint32_t skipped)
{
    fputs("  <testsuite", r->out);
    attribute(r, "name", name);
    fprintf(r->out, " tests=\"%" PRIu32 "\" failures=\"%" PRIu32 "\" errors=\"%" PRIu32 "\" skipped=\"%" PRIu32
            "\" time=\"0\">\n", tests, failures, errors, skipped);
}

static bool same_file(const struct finding *a, const struct finding *b)
{
    return !strcmp(a->at.file ? a->at.file : "", b->at.file ? b->at.file : "");
}

/* Those of one file, from `first` on. Returns where the next file's begin. */
static uint32_t print_file(const struct report *r, uint32_t first)
{
    const struct finding *list = r->findings->list;
    uint32_t end = first, failures = 0;

    for (; end < r->findings->count && same_file(&list[first], &list[end]); end++)
        failures += list[end].severity != SEVERITY_NOTE;
    print_suite(r, source_path(list[first].at.file, r->arena), end - first, failures, 0, 0);
    for (uint32_t i = first; i < end; i++)
        print_finding(r, &list[i]);
    fputs("  </testsuite>\n", r->out);
    return end;
}

/* A report without any case would be taken for one that went wrong. */
static void print_run(const struct report *r)
{
    const struct summary *s = r->summary;

    print_suite(r, "chanleak", 1 + s->failed_count + s->partial_count, 0, s->failed_count, s->partial_count);
    fprintf(r->out, "    <testcase classname=\"chanleak\" name=\"%" PRIu32 " of %" PRIu32 " files analysed\" time=\"%.3f\"/>\n",
            s->files - s->failed_count, s->files, s->seconds);
    for (uint32_t i = 0; i < s->failed_count; i++)
        print_case(r, (struct site){ s->failed[i].file, 0, 0 }, "not analysed", "error", "not analysed", s->failed[i].reason, "");
    for (uint32_t i = 0; i < s->partial_count; i++)
        print_case(r, (struct site){ s->partial[i].file, s->partial[i].line, s->partial[i].col }, "not explored in full",
                   "skipped", NULL, report_gap_words(r, &s->partial[i]), "");
    fputs("  </testsuite>\n", r->out);
}

void report_junit(const struct report *r)
{
    uint32_t failures = 0;

    for (uint32_t i = 0; i < r->findings->count; i++)
        failures += r->findings->list[i].severity != SEVERITY_NOTE;
    fprintf(r->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"chanleak\" tests=\"%" PRIu32
            "\" failures=\"%" PRIu32 "\" errors=\"%" PRIu32 "\" time=\"%.3f\">\n",
            1 + r->findings->count + r->summary->failed_count + r->summary->partial_count, failures,
            r->summary->failed_count, r->summary->seconds);
    print_run(r);
    for (uint32_t i = 0; i < r->findings->count;)
        i = print_file(r, i);
    fputs("</testsuites>\n", r->out);
}
