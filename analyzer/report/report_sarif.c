/* SARIF 2.1.0 (OASIS, 2020): what code hosts and editors read. A finding's codeFlow
 * holds the interleaving first, then one thread flow for each task. */
#include "report_json.h"

#include <ctype.h>
#include <string.h>

enum { LOCATIONS_MAX = 10000 };     /* of one result's flows: GitHub takes no more */

static json_t *message(const struct report *r, const char *s)
{
    return json_pack("{s:o}", "text", json_text(r, s));
}

/* ---- places ------------------------------------------------------------------- */

/* Relative to the working directory, or file:///; as RFC 3986 wants it. */
static const char *uri(const struct report *r, const char *path)
{
    const char *shown = source_path(path, r->arena);
    char *out = arena_alloc(r->arena, strlen(shown) * 3 + 8), *to = out;

    if (*shown == '/')
        to += sprintf(to, "file://");
    for (; *shown; shown++) {
        if (isalnum((unsigned char)*shown) || strchr("/._-~+", *shown))
            *to++ = *shown;
        else
            to += sprintf(to, "%%%02X", (unsigned char)*shown);
    }
    return out;
}

/* SARIF counts UTF-16 units, compilers bytes. */
static uint32_t utf16_column(const struct report *r, struct site at)
{
    const char *line = source_line(at.file, at.line, r->arena);
    uint32_t units = 1;

    if (!line || !at.col)
        return at.col ? at.col : 1;
    for (uint32_t i = 0; i + 1 < at.col && line[i]; i++) {
        unsigned char c = (unsigned char)line[i];

        units += (c & 0xc0) != 0x80;    /* a character begins */
        units += (c & 0xf8) == 0xf0;    /* one of two units */
    }
    return units;
}

static json_t *physical(const struct report *r, struct site at)
{
    return json_pack("{s:{s:{s:o}, s:{s:I, s:I}}}", "physicalLocation", "artifactLocation", "uri",
                     json_text(r, uri(r, at.file)), "region", "startLine",
                     (json_int_t)(at.line ? at.line : 1), "startColumn",
                     (json_int_t)utf16_column(r, at));
}

static json_t *location(const struct report *r, struct site at, const char *words)
{
    json_t *l = physical(r, at);

    if (words)
        json_object_set_new(l, "message", message(r, words));
    return l;
}

/* ---- schedules ---------------------------------------------------------------- */

static void append_flow_step(const struct report *r, json_t *flow, const struct trace_note *note,
                             const char *turns, uint32_t order)
{
    const char *words = arena_printf(r->arena, "%s%s", note->text, turns);

    json_array_append_new(json_object_get(flow, "locations"), json_pack(
        "{s:o, s:I}", "location", location(r, note->at, words),
        "executionOrder", (json_int_t)order + 1));
}

static json_t *thread_flow(const struct report *r, const char *id, const char *words)
{
    return json_pack("{s:o, s:o, s:[]}", "id", json_text(r, id), "message", message(r, words), "locations");
}

/* What is too long for a code host is told as in text: the steps that matter. */
static uint32_t flow_notes(const struct report *r, const struct finding *f, struct trace_note **notes)
{
    uint32_t count = trace_notes(f, true, r->arena, notes);

    return 2 * count <= LOCATIONS_MAX ? count : trace_notes(f, false, r->arena, notes);
}

/* The steps of one task, or of all. NULL: it has none. */
static json_t *flow_of(const struct report *r, const struct trace_note *notes, uint32_t count,
                       uint32_t task, const char *id, const char *words)
{
    json_t *flow = thread_flow(r, id, words);

    for (uint32_t i = 0; i < count; i++)
        if (task == FLOW_NONE || notes[i].task == task)
            append_flow_step(r, flow, &notes[i], task == FLOW_NONE ? notes[i].turns : "", i);
    if (json_array_size(json_object_get(flow, "locations")))
        return flow;
    json_decref(flow);
    return NULL;
}

static json_t *code_flows(const struct report *r, const struct finding *f)
{
    struct trace_note *notes;
    uint32_t count = flow_notes(r, f, &notes), tasks = 1;
    json_t *flows = json_array(), *flow = flow_of(r, notes, count, FLOW_NONE, "schedule",
                                                  "the schedule, all tasks");

    for (uint32_t i = 0; i < count; i++)
        if (notes[i].task != FLOW_NONE && notes[i].task >= tasks)
            tasks = notes[i].task + 1;
    if (flow)
        json_array_append_new(flows, flow);
    for (uint32_t task = 0; task < tasks; task++) {
        const char *name = trace_task_name(f, task, r->arena);

        flow = flow_of(r, notes, count, task, name, arena_printf(r->arena, "what %s does", name));
        if (flow)
            json_array_append_new(flows, flow);
    }
    if (!json_array_size(flows)) {
        json_decref(flows);
        return json_array();
    }
    return json_pack("[{s:o}]", "threadFlows", flows);
}

static json_t *related(const struct report *r, const struct finding *f)
{
    struct trace_note *notes;
    uint32_t count = trace_notes(f, false, r->arena, &notes);
    json_t *list = json_array();

    for (uint32_t i = 0; i < count; i++) {
        json_t *l = location(r, notes[i].at, notes[i].text);

        json_object_set_new(l, "id", json_integer(i + 1));
        json_array_append_new(list, l);
    }
    return list;
}

/* ---- results ------------------------------------------------------------------ */

/* SARIF has no word of its own for a finding that was seen to happen: a property bag may
 * hold any. */
static json_t *confirmation(const struct report *r, const struct finding *f)
{
    return f->confirmed ? json_pack("{s:o}", "chanleak/confirmed", json_text(r, f->confirmed)) : NULL;
}

/* An empty list says that nothing silences it: either all results have one, or none has. */
static json_t *suppressions(const struct report *r, const struct finding *f)
{
    const char *kind = f->silence == SILENCE_COMMENT ? "inSource" : "external";

    if (f->silence == SILENCE_NONE)
        return json_array();
    return json_pack("[{s:s, s:o}]", "kind", kind, "justification", json_text(r, f->justification));
}

static json_t *result(const struct report *r, const struct finding *f)
{
    const struct rule *rule = rules_find(r->rules, f->rule);
    json_t *place = f->at.file ? physical(r, f->at) : json_object();
    const char *words = arena_printf(r->arena, "%s. Help: %s.", f->message,
                                     source_relative(f->help, r->arena));

    if (*f->function)
        json_object_set_new(place, "logicalLocations",
                            json_pack("[{s:o, s:s}]", "name", json_text(r, f->function), "kind", "function"));
    return json_pack("{s:o, s:I, s:s, s:o, s:[o], s:o, s:o, s:{s:s}, s:o, s:o*}", "ruleId", json_text(r, f->rule),
                     "ruleIndex", (json_int_t)(rule ? rule - r->rules->list : -1),
                     "level", severity_name(f->severity), "message", message(r, words),
                     "locations", place, "codeFlows", code_flows(r, f),
                     "relatedLocations", related(r, f),
                     "partialFingerprints", "chanleak/v1", report_fingerprint(r, f, source_path(f->at.file, r->arena)),
                     "suppressions", suppressions(r, f),
                     "properties", confirmation(r, f));
}

static json_t *rule_of(const struct report *r, const struct rule *rule)
{
    return json_pack("{s:o, s:o, s:{s:o, s:o}, s:{s:s, s:b}}", "id", json_text(r, rule->name),
                     "shortDescription", message(r, rule->title), "help", "text", json_text(r, rule->text),
                     "markdown", json_text(r, rule->text), "defaultConfiguration", "level",
                     severity_name(rule->severity), "enabled", !rule->off);
}

/* What was not looked at, as notifications of the tool. */
static json_t *notifications(const struct report *r, const struct gap *gaps, uint32_t count,
                             const char *level)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < count; i++) {
        const struct gap *g = &gaps[i];
        const char *words = g->root ? arena_printf(r->arena, "root %s: %s", g->root, g->reason)
                                    : arena_printf(r->arena, "not analysed: %s", g->reason);
        json_t *n = json_pack("{s:s, s:o}", "level", level, "message", message(r, words));

        if (g->file)
            json_object_set_new(n, "locations",
                                json_pack("[o]", physical(r, (struct site){ g->file, g->line, g->col })));
        json_array_append_new(list, n);
    }
    return list;
}

static json_t *invocation(const struct report *r)
{
    const struct summary *s = r->summary;
    json_t *list = notifications(r, s->failed, s->failed_count, "error");
    json_t *partial = notifications(r, s->partial, s->partial_count, "warning");

    json_array_extend(list, partial);
    json_decref(partial);
    return json_pack("{s:b, s:o}", "executionSuccessful", s->failed_count == 0,
                     "toolExecutionNotifications", list);
}

void report_sarif(const struct report *r)
{
    json_t *rules = json_array(), *results = json_array();

    for (uint32_t i = 0; i < r->rules->count; i++)
        json_array_append_new(rules, rule_of(r, &r->rules->list[i]));
    for (uint32_t i = 0; i < r->findings->count; i++)
        json_array_append_new(results, result(r, &r->findings->list[i]));
    for (uint32_t i = 0; r->silenced && i < r->silenced->count; i++)
        json_array_append_new(results, result(r, &r->silenced->list[i]));

    json_t *top = json_pack(
        "{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:s, s:[o], s:o}]}",
        "$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version", "2.1.0", "runs", "tool", "driver", "name", "chanleak",
        "semanticVersion", CHANLEAK_VERSION, "rules", rules, "columnKind", "utf16CodeUnits",
        "invocations", invocation(r), "results", results);

    json_print(r, top, JSON_INDENT(2));
}
