/* Findings for programs: plain JSON, as one document or a line each. */
#include "report_json.h"

#include "utf8.h"

/* Of a line of jsonl: goes up when something that was there changes its name, its meaning or goes.
 * See jsonl.schema.json. */
enum { SCHEMA = 1 };

json_t *json_text(const struct report *r, const char *text)
{
    return json_string(utf8_text(text, r->arena));
}

void json_print(const struct report *r, json_t *document, size_t flags)
{
    json_dumpf(document, r->out, flags);
    putc('\n', r->out);
    json_decref(document);
}

static json_t *site(const struct report *r, struct site at)
{
    if (!at.file)
        return json_null();
    return json_pack("{s:o, s:I, s:I}", "file", json_text(r, source_path(at.file, r->arena)),
                     "line", (json_int_t)at.line, "column", (json_int_t)at.col);
}

static json_t *trace(const struct report *r, const struct finding *f)
{
    struct trace_note *notes;
    uint32_t count = trace_notes(f, r->full_trace, r->arena, &notes);
    json_t *list = json_array();

    for (uint32_t i = 0; i < count; i++) {
        json_t *note = site(r, notes[i].at);

        if (notes[i].task != FLOW_NONE)
            json_object_set_new(note, "task", json_text(r, trace_task_name(f, notes[i].task, r->arena)));
        json_object_set_new(note, "text", json_text(r, arena_printf(r->arena, "%s%s", notes[i].text, notes[i].turns)));
        json_array_append_new(list, note);
    }
    return list;
}

static json_t *json_finding(const struct report *r, const struct finding *f)
{
    json_t *o = site(r, f->at);

    if (json_is_null(o))
        o = json_object();
    json_object_set_new(o, "rule", json_text(r, f->rule));
    json_object_set_new(o, "severity", json_text(r, severity_name(f->severity)));
    json_object_set_new(o, "message", json_text(r, f->message));
    json_object_set_new(o, "help", json_text(r, source_relative(f->help, r->arena)));
    json_object_set_new(o, "function", json_text(r, f->function));
    json_object_set_new(o, "root", json_text(r, f->root));
    json_object_set_new(o, "task", json_text(r, trace_task_name(f, f->task, r->arena)));
    json_object_set_new(o, "entry", json_text(r, f->entry));
    json_object_set_new(o, "started", site(r, f->spawned));
    json_object_set_new(o, "made", site(r, f->made));
    json_object_set_new(o, "confirmed", f->confirmed ? json_text(r, f->confirmed) : json_null());
    json_object_set_new(o, "trace", trace(r, f));
    return o;
}

static json_t *gaps(const struct report *r, const struct gap *list, uint32_t count)
{
    json_t *array = json_array();

    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(array, json_pack(
            "{s:o, s:I, s:o*, s:o}", "file", json_text(r, source_path(list[i].file, r->arena)),
            "line", (json_int_t)list[i].line,
            "root", list[i].root ? json_text(r, list[i].root) : NULL, "reason", json_text(r, list[i].reason)));
    return array;
}

/* What was looked at, and what was not. */
static json_t *json_summary(const struct report *r)
{
    const struct summary *s = r->summary;

    return json_pack("{s:I, s:I, s:I, s:I, s:f, s:o, s:o}", "files", (json_int_t)s->files, "roots", (json_int_t)s->roots,
                     "explored", (json_int_t)(s->roots - s->partial_roots), "cut", (json_int_t)s->cut_roots,
                     "seconds", s->seconds, "not_analysed", gaps(r, s->failed, s->failed_count),
                     "not_explored", gaps(r, s->partial, s->partial_count));
}

void report_json(const struct report *r)
{
    json_t *findings = json_array();

    for (uint32_t i = 0; i < r->findings->count; i++)
        json_array_append_new(findings, json_finding(r, &r->findings->list[i]));
    json_print(r, json_pack("{s:s, s:o, s:o}", "version", CHANLEAK_VERSION, "findings", findings,
                            "summary", json_summary(r)), JSON_INDENT(2));
}

/* ---- a line each --------------------------------------------------------------------- */

static void print_line(const struct report *r, const char *type, json_t *rest)
{
    json_t *line = json_pack("{s:i, s:s}", "schema", SCHEMA, "type", type);

    json_object_update(line, rest);
    json_decref(rest);
    json_print(r, line, JSON_COMPACT);
}

/* The summary is the last line: without it the output was cut off. */
void report_jsonl(const struct report *r)
{
    for (uint32_t i = 0; i < r->findings->count; i++)
        print_line(r, "finding", json_finding(r, &r->findings->list[i]));
    print_line(r, "summary", json_summary(r));
}
