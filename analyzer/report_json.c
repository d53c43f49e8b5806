/* Findings for programs: plain JSON. */
#include "report.h"

#include <jansson.h>

/* Text of the source may be in any encoding; JSON is UTF-8. */
static json_t *text(const char *s)
{
    json_t *value = json_string(s ? s : "");

    return value ? value : json_string("(not UTF-8)");
}

static json_t *site(const struct report *r, struct site at)
{
    if (!at.file)
        return json_null();
    return json_pack("{s:o, s:I, s:I}", "file", text(source_path(at.file, r->arena)),
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
            json_object_set_new(note, "task", text(trace_task_name(f, notes[i].task, r->arena)));
        json_object_set_new(note, "text", text(arena_printf(r->arena, "%s%s", notes[i].text, notes[i].turns)));
        json_array_append_new(list, note);
    }
    return list;
}

static json_t *finding(const struct report *r, const struct finding *f)
{
    json_t *o = site(r, f->at);

    if (json_is_null(o))
        o = json_object();
    json_object_set_new(o, "rule", text(f->rule));
    json_object_set_new(o, "severity", text(severity_name(f->severity)));
    json_object_set_new(o, "message", text(f->message));
    json_object_set_new(o, "help", text(source_relative(f->help, r->arena)));
    json_object_set_new(o, "function", text(f->function));
    json_object_set_new(o, "root", text(f->root));
    json_object_set_new(o, "task", text(trace_task_name(f, f->task, r->arena)));
    json_object_set_new(o, "entry", text(f->entry));
    json_object_set_new(o, "started", site(r, f->spawned));
    json_object_set_new(o, "made", site(r, f->made));
    json_object_set_new(o, "confirmed", f->confirmed ? text(f->confirmed) : json_null());
    json_object_set_new(o, "trace", trace(r, f));
    return o;
}

static json_t *gaps(const struct report *r, const struct gap *list, uint32_t count)
{
    json_t *array = json_array();

    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(array, json_pack(
            "{s:o, s:I, s:o*, s:o}", "file", text(source_path(list[i].file, r->arena)),
            "line", (json_int_t)list[i].line,
            "root", list[i].root ? text(list[i].root) : NULL, "reason", text(list[i].reason)));
    return array;
}

void report_json(const struct report *r)
{
    const struct summary *s = r->summary;
    json_t *findings = json_array();

    for (uint32_t i = 0; i < r->findings->count; i++)
        json_array_append_new(findings, finding(r, &r->findings->list[i]));

    json_t *top = json_pack("{s:s, s:o, s:{s:I, s:I, s:I, s:I, s:f, s:o, s:o}}", "version", CHANLEAK_VERSION,
                            "findings", findings, "summary", "files", (json_int_t)s->files,
                            "roots", (json_int_t)s->roots,
                            "explored", (json_int_t)(s->roots - s->partial_roots),
                            "cut", (json_int_t)s->cut_roots, "seconds", s->seconds,
                            "not_analysed", gaps(r, s->failed, s->failed_count),
                            "not_explored", gaps(r, s->partial, s->partial_count));

    json_dumpf(top, r->out, JSON_INDENT(2));
    putc('\n', r->out);
    json_decref(top);
}
