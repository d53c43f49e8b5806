/* A wait that a context may end: the operation becomes a select on it and on the context's channel. How that is
 * written is said by the header that declares the operation (CHANRT_UNLESS of chanrt.h).
 *
 * Liu et al. (fix.h) end a blocked goroutine with a channel of its own that its waiter closes, their strategies II and
 * III; here it is a context that the program has already.
 */
#include <ctype.h>
#include <string.h>

#include "fix_plan.h"

enum { CONTEXTS_MAX = 2, ARGUMENTS = 4 };

struct wait {
    struct fix_plan *plan;
    uint32_t         call, statement, function;
    const char      *channel, *value;       /* as they are written; value NULL: not in the file as such */
    const char      *context;
    const char      *verb;
};

/* ---- texts ----------------------------------------------------------------------------------- */

/* An argument of a macro: what has a comma of its own, as a literal may, needs parentheses. */
static const char *as_argument(const struct wait *w, const char *text)
{
    return strchr(text, ',') && strchr(text, '{') ? arena_printf(w->plan->arena, "(%s)", text) : text;
}

/* The template with its $0, $1, ...; NULL: the header has none. */
static const char *written(const struct wait *w, const char *value, const char *ok)
{
    const struct outline *o = &w->plan->source->outline;
    const char *done = outline_word(o, FLOW_CTX_DONE), *from = outline_unless(o, o->nodes[w->call].op, ok != NULL);
    const char *arguments[ARGUMENTS] = { w->channel, value, "", ok ? ok : "" };
    char *out = "";

    if (!done || !from)
        return NULL;
    arguments[2] = arena_printf(w->plan->arena, "%s(%s)", done, w->context);
    while (*from) {
        size_t n = strcspn(from, "$");
        unsigned number = from[n] ? (unsigned)(from[n + 1] - '0') : ARGUMENTS;

        out = arena_printf(w->plan->arena, "%s%.*s%s", out, (int)n, from,
                           number < ARGUMENTS ? as_argument(w, arguments[number]) : "");
        from += n + (from[n] ? 2 : 0);
    }
    return out;
}

static void offer(const struct wait *w, const char *how, const struct fix_edit *edits, uint32_t count)
{
    fix_plan_add(w->plan, arena_printf(w->plan->arena, "let '%s' end the %s%s", w->context, w->verb, how), edits, count);
}

/* ---- ways on when the context was first --------------------------------------------------------- */

/* What gives back what the function holds; it stands behind everything else. */
static bool gives_back(enum flow_op op)
{
    static const enum flow_op ops[] = { FLOW_FREE, FLOW_RELEASE, FLOW_CLOSE, FLOW_WG_DONE, FLOW_UNLOCK, FLOW_RDUNLOCK,
                                        FLOW_WRUNLOCK, FLOW_CTX_CANCEL, FLOW_CTX_RELEASE, FLOW_TICKER_STOP };

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (ops[i] == op)
            return true;
    return false;
}

static bool is_part_of_body(const struct outline *o, uint32_t node, uint32_t function)
{
    uint32_t block = o->nodes[node].parent;

    return block != FLOW_NONE && o->nodes[block].kind == OUTLINE_BLOCK && o->nodes[block].parent == function;
}

/* The statements at the function's end that give back, "; " between and behind them; what they need was declared before. */
static const char *last_words(const struct wait *w)
{
    const struct outline *o = &w->plan->source->outline;
    const char *text = "";

    for (uint32_t i = w->statement + 1; i < o->count && outline_is_within(o, i, w->function); i++) {
        const struct outline_node *n = &o->nodes[i];

        if (!is_part_of_body(o, i, w->function) || n->begin < o->nodes[w->statement].end || n->kind == OUTLINE_RETURN)
            continue;
        text = n->kind == OUTLINE_EXPRESSION && i + 1 < o->count && o->nodes[i + 1].kind == OUTLINE_CALL &&
                       o->nodes[i + 1].begin == n->begin && gives_back(o->nodes[i + 1].op)
            ? arena_printf(w->plan->arena, "%s%s; ", text, fix_plan_text(w->plan, i)) : "";
    }
    return text;
}

/* A return as the function has one on another early way out; of bool functions, false. */
static const char *return_text(const struct wait *w)
{
    const struct outline *o = &w->plan->source->outline;

    if (o->nodes[w->function].result == RESULT_VOID)
        return "return";
    if (o->nodes[w->function].result == RESULT_BOOL)
        return "return false";
    for (uint32_t i = w->function + 1; i < o->count && outline_is_within(o, i, w->function); i++)
        if (o->nodes[i].kind == OUTLINE_RETURN && !o->nodes[i].macro_begin && !is_part_of_body(o, i, w->function))
            return fix_plan_text(w->plan, i);
    return NULL;
}

/* A goto of the function to a label behind the wait; NULL: there is none. */
static const char *goto_text(const struct wait *w)
{
    const struct outline *o = &w->plan->source->outline;

    for (uint32_t i = w->function + 1; i < o->count && outline_is_within(o, i, w->function); i++) {
        const char *text = o->nodes[i].kind == OUTLINE_JUMP ? fix_plan_text(w->plan, i) : "";
        const char *name = !strncmp(text, "goto ", 5) ? text + 5 : NULL;

        for (uint32_t l = w->statement; name && l < o->count && outline_is_within(o, l, w->function); l++)
            if (o->nodes[l].kind == OUTLINE_LABEL && !strncmp(fix_plan_text(w->plan, l), name, strlen(name)))
                return text;
    }
    return NULL;
}

static bool can_break(const struct wait *w)
{
    const struct outline *o = &w->plan->source->outline;
    uint32_t loop = outline_around(o, w->statement, OUTLINE_LOOP), other = outline_around(o, w->statement, OUTLINE_SWITCH);

    return loop != FLOW_NONE && (other == FLOW_NONE || other < loop);
}

/* ---- a wait that is a statement -------------------------------------------------------------------- */

static void offer_leaving(const struct wait *w, const char *select, const char *statements, const char *how)
{
    const struct fix_source *s = w->plan->source;
    const struct outline_node *n = &s->outline.nodes[w->statement];
    uint32_t first = w->function + 1;
    struct fix_edit edit = { n->begin, fix_statement_end(s->text, n->end), NULL };

    while (!is_part_of_body(&s->outline, first, w->function))
        first++;
    edit.text = fix_if(s->text, n->begin, s->outline.nodes[first].begin,
                       arena_printf(w->plan->arena, "%s == 1", select), statements, w->plan->arena);
    offer(w, how, &edit, 1);
}

static void offer_ways_out(const struct wait *w, const char *select)
{
    const struct outline_node *parent = &w->plan->source->outline.nodes[w->plan->source->outline.nodes[w->statement].parent];
    const char *back = return_text(w), *jump = goto_text(w);

    if ((parent->kind != OUTLINE_BLOCK && parent->kind != OUTLINE_LOOP) || parent->macro_begin)
        return;                         /* an if would take the else behind it */
    if (can_break(w))
        offer_leaving(w, select, "break", ", and the loop");
    if (jump)
        offer_leaving(w, select, jump, arena_printf(w->plan->arena, ", and %s", jump));
    else if (back)
        offer_leaving(w, select, arena_printf(w->plan->arena, "%s%s", last_words(w), back), ", and return");
}

/* Nobody needs to know which it was where nothing was received. */
static void offer_going_on(const struct wait *w, const char *select)
{
    const struct outline_node *n = &w->plan->source->outline.nodes[w->statement];

    offer(w, "", &(struct fix_edit){ n->begin, n->end, select }, 1);
}

static bool is_last(const struct wait *w)
{
    const struct outline *o = &w->plan->source->outline;

    for (uint32_t i = w->statement + 1; i < o->count && outline_is_within(o, i, w->function); i++)
        if (o->nodes[i].begin >= o->nodes[w->statement].end && o->nodes[i].parent != FLOW_NONE &&
            (o->nodes[i].kind == OUTLINE_EXPRESSION || o->nodes[i].kind == OUTLINE_RETURN))
            return false;
    return !can_break(w);
}

static void plan_statement(const struct wait *w)
{
    const struct outline *o = &w->plan->source->outline;
    const char *select = w->value ? written(w, w->value, NULL) : NULL;
    bool sends = o->nodes[w->call].op != FLOW_RECV, tells = o->nodes[w->function].result == RESULT_BOOL;

    if (!select || o->nodes[w->statement].macro_begin != o->nodes[w->call].macro_begin)
        return;
    if ((sends && !tells) || is_last(w)) {
        offer_going_on(w, select);
        offer_ways_out(w, select);
    } else {
        offer_ways_out(w, select);
        if (sends)
            offer_going_on(w, select);
    }
}

/* ---- a receive whose result counts ------------------------------------------------------------------- */

static bool is_named(const struct outline *o, uint32_t function, const char *name)
{
    for (uint32_t i = function; i < o->count && outline_is_within(o, i, function); i++)
        if ((o->nodes[i].kind == OUTLINE_USE || o->nodes[i].kind == OUTLINE_VARIABLE) && !strcmp(outline_name(o, i), name))
            return true;
    return false;
}

/* A name for "an element was received" that the function does not use. */
static const char *free_name(const struct wait *w)
{
    static const char *const names[] = { "ok", "received", "is_open" };
    const struct outline *o = &w->plan->source->outline;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!is_named(o, w->function, names[i]))
            return names[i];
    return NULL;
}

/* The bool behind the declarations in front of the statement, or else right before it. */
static struct fix_edit declared(const struct wait *w, const char *ok)
{
    const struct fix_source *s = w->plan->source;
    const struct outline *o = &s->outline;
    const char *text = arena_printf(w->plan->arena, "bool %s", ok);
    uint32_t at = o->nodes[w->statement].begin, before = FLOW_NONE;

    for (uint32_t i = o->nodes[w->statement].parent + 1; i < w->statement; i++)
        if (o->nodes[i].parent == o->nodes[w->statement].parent)
            before = i;
    if (before == FLOW_NONE || o->nodes[before].kind != OUTLINE_DECL || o->nodes[before].macro_begin)
        return (struct fix_edit){ at, at, fix_before(s->text, at, text, w->plan->arena) };
    at = fix_statement_end(s->text, o->nodes[before].end);
    return (struct fix_edit){ at, at, fix_after(s->text, o->nodes[before].begin, text, w->plan->arena) };
}

/* Two edits: the bool, and `text` in the place of the call. */
static void offer_result(const struct wait *w, const char *ok, const char *text)
{
    const struct outline_node *call = &w->plan->source->outline.nodes[w->call];
    struct fix_edit edits[2] = { declared(w, ok), { call->begin, call->end, text } };

    if (edits[0].begin == call->begin) {
        edits[0] = (struct fix_edit){ call->begin, call->end, arena_printf(w->plan->arena, "%s%s", edits[0].text, text) };
        offer(w, "", edits, 1);
    } else {
        offer(w, "", edits, 2);
    }
}

static bool has_parentheses(const struct wait *w)
{
    const struct fix_source *s = w->plan->source;
    const struct outline_node *call = &s->outline.nodes[w->call];

    return call->begin && s->text[call->begin - 1] == '(' && s->text[call->end] == ')';
}

static void plan_condition(const struct wait *w)
{
    const char *ok = free_name(w), *select = ok && w->value ? written(w, w->value, ok) : NULL;

    if (select)
        offer_result(w, ok, arena_printf(w->plan->arena, has_parentheses(w) ? "%s == 0 && %s" : "(%s == 0 && %s)", select, ok));
}

/* A macro(type, name, channel) that declares the variable of a loop, and the loop with it. */
static void plan_range(const struct wait *w)
{
    const struct outline *o = &w->plan->source->outline;
    const struct outline_node *call = &o->nodes[w->call];
    const char *head = fix_plan_text(w->plan, w->call), *type = strchr(head, '('), *ok = free_name(w), *name, *select;
    uint32_t variable = w->statement + 1;

    while (variable < w->call && o->nodes[variable].kind != OUTLINE_VARIABLE)
        variable++;
    if (variable == w->call || !type || !ok || o->nodes[w->statement].begin != call->begin)
        return;
    type += 1 + strspn(type + 1, " ");
    name = outline_name(o, variable);
    select = written(w, arena_printf(w->plan->arena, "&%s", name), ok);
    head = arena_printf(w->plan->arena, ", %s, ", name);
    if (select && strstr(type, head))
        offer_result(w, ok, arena_printf(w->plan->arena, "for (%.*s %s; %s == 0 && %s;)", (int)(strstr(type, head) - type), type,
                                         name, select, ok));
}

/* ---- which ------------------------------------------------------------------------------------------- */

/* The block around may hold a declaration in front of the statement. */
static bool has_room_before(const struct outline *o, uint32_t statement)
{
    uint32_t parent = o->nodes[statement].parent;

    return parent != FLOW_NONE && o->nodes[parent].kind == OUTLINE_BLOCK && !o->nodes[parent].macro_begin;
}

static void plan_wait(const struct wait *w)
{
    const struct outline *o = &w->plan->source->outline;

    if (o->nodes[o->nodes[w->call].parent].kind == OUTLINE_EXPRESSION)
        plan_statement(w);
    else if (o->nodes[w->call].op == FLOW_RECV && has_room_before(o, w->statement))
        (o->nodes[w->statement].macro_begin && o->nodes[w->statement].kind == OUTLINE_LOOP ? plan_range : plan_condition)(w);
}

static bool is_in_reach(const struct outline *o, uint32_t context, const struct wait *w)
{
    uint32_t of = o->nodes[context].parent, block;

    if (of == FLOW_NONE || of == w->function)
        return true;
    block = outline_around(o, of, OUTLINE_BLOCK);
    return block != FLOW_NONE && outline_is_within(o, w->call, block) && o->nodes[of].end < o->nodes[w->call].begin;
}

/* Do both begin with the same variable, and lead through it? */
static bool is_beside(const char *context, const char *channel)
{
    size_t n = strcspn(context, ".-");

    return context[n] && !strncmp(context, channel, n) && channel[n] == context[n];
}

static bool has_call(const struct outline *o, const char *function, enum flow_op op)
{
    for (uint32_t i = 0; i < o->count; i++)
        if (o->nodes[i].kind == OUTLINE_CALL && o->nodes[i].op == op &&
            (!function || !strcmp(outline_name(o, outline_around(o, i, OUTLINE_FUNCTION)), function)))
            return true;
    return false;
}

/* Will the context still be there when the task comes to the wait? It holds it, somebody waits for the task, or nobody
 * gives contexts back. */
static bool lives(const struct wait *w, uint32_t context)
{
    const struct outline *o = &w->plan->source->outline;
    const struct finding *f = w->plan->finding;

    return o->nodes[context].op == FLOW_CTX_RETAIN || f->task == 0 || has_call(o, NULL, FLOW_GROUP_SPAWN) ||
           (f->entry && has_call(o, f->entry, FLOW_WG_DONE)) ||
           (!has_call(o, NULL, FLOW_CTX_RELEASE) && !(o->scoped && strstr(w->plan->source->text, o->scoped)));
}

static void plan_contexts(struct wait *w, bool beside, uint32_t *left)
{
    const struct outline *o = &w->plan->source->outline;

    for (uint32_t i = 0; i < o->count && *left; i++) {
        if (o->nodes[i].kind != OUTLINE_CONTEXT || !is_in_reach(o, i, w) || !lives(w, i) ||
            is_beside(outline_name(o, i), w->channel) != beside)
            continue;
        w->context = outline_name(o, i);
        plan_wait(w);
        --*left;
    }
}

void fix_plan_select(struct fix_plan *p)
{
    const struct outline *o = &p->source->outline;
    uint32_t call = fix_plan_call(p, p->finding->operation), channel, value, left = CONTEXTS_MAX;
    struct wait w = { .plan = p, .call = call };

    if (call == FLOW_NONE || (o->nodes[call].op != FLOW_SEND && o->nodes[call].op != FLOW_RECV))
        return;
    w.function = outline_around(o, call, OUTLINE_FUNCTION);
    w.statement = outline_statement(o, call);
    channel = outline_argument(o, call, 0);
    value = outline_argument(o, call, 1);
    if (w.function == FLOW_NONE || w.statement == FLOW_NONE || channel == FLOW_NONE)
        return;
    w.channel = fix_plan_text(p, channel);
    w.value = value == FLOW_NONE ? NULL : fix_plan_text(p, value);
    w.verb = o->nodes[call].op == FLOW_SEND ? "send" : "receive";
    plan_contexts(&w, true, &left);
    plan_contexts(&w, false, &left);
}
