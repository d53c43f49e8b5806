#include "fix_plan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- parts -------------------------------------------------------------------------------- */

const char *fix_plan_text(const struct fix_plan *p, uint32_t node)
{
    const struct outline_node *n = &p->source->outline.nodes[node];

    return arena_printf(p->arena, "%.*s", (int)(n->end - n->begin), p->source->text + n->begin);
}

void fix_plan_add(struct fix_plan *p, const char *title, const struct fix_edit *edits, uint32_t count)
{
    struct fix_edit *copy = ARENA_ARRAY(p->arena, struct fix_edit, count);

    memcpy(copy, edits, count * sizeof *copy);
    ARENA_PUSH(p->arena, p->list, p->count, p->capacity) = (struct fix_try){ title, copy, count };
}

uint32_t fix_plan_call(const struct fix_plan *p, struct site at)
{
    if (!at.file || strcmp(at.file, p->source->file))
        return FLOW_NONE;
    return outline_call_at(&p->source->outline, at.line, at.col);
}

/* `op(argument)` as the source would write it; NULL: it has no word for that. */
static const char *call_text(const struct fix_plan *p, enum flow_op op, const char *argument)
{
    const char *word = outline_word(&p->source->outline, op);

    return word ? arena_printf(p->arena, "%s(%s)", word, argument) : NULL;
}

/* ---- room: capacity for what nobody may take -------------------------------------------------- */

static bool is_simple(const char *text)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("_.->*/ ", *text))
            return false;
    return true;
}

static bool is_constant(const char *text)
{
    for (; *text; text++)
        if (!isdigit((unsigned char)*text) && !isupper((unsigned char)*text) && *text != '_')
            return false;
    return true;
}

static void give_room(struct fix_plan *p, uint32_t argument, const char *room)
{
    const struct outline_node *n = &p->source->outline.nodes[argument];
    const char *name = p->finding->name;

    for (uint32_t i = 0; i < p->count; i++)
        if (p->list[i].edits[0].begin == n->begin && !strcmp(p->list[i].edits[0].text, room))
            return;
    fix_plan_add(p, arena_printf(p->arena, "give %s%s%s capacity %s", *name ? "'" : "", *name ? name : "the channel",
                                 *name ? "'" : "", room), &(struct fix_edit){ n->begin, n->end, room }, 1);
}

/* Does a loop have the call in it? */
static bool goes_round(const struct outline *o, uint32_t call, uint32_t loop)
{
    return call != FLOW_NONE && outline_is_within(o, call, loop);
}

/* One element; or as many as a loop beside the channel goes round; or as one elsewhere that sends or starts who does. */
static void plan_capacity(struct fix_plan *p)
{
    const struct outline *o = &p->source->outline;
    uint32_t make = fix_plan_call(p, p->finding->made), argument, function;
    const uint32_t again[] = { fix_plan_call(p, p->finding->operation), fix_plan_call(p, p->finding->spawned) };

    if (make == FLOW_NONE || o->nodes[make].op != FLOW_MAKE)
        return;
    argument = outline_argument(o, make, 1);
    function = outline_around(o, make, OUTLINE_FUNCTION);
    if (argument == FLOW_NONE || function == FLOW_NONE)
        return;
    give_room(p, argument, p->finding->capacity < 1 ? "1" : arena_printf(p->arena, "%ld", (long)p->finding->capacity + 1));
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < o->count; i++) {
            const char *text = o->nodes[i].kind == OUTLINE_BOUND ? fix_plan_text(p, i) : "0";
            uint32_t loop = o->nodes[i].parent;

            if (strcmp(text, "0") && (round ? is_constant(text) && (goes_round(o, again[0], loop) || goes_round(o, again[1], loop))
                    : outline_is_within(o, i, function) && !outline_is_within(o, make, loop) && is_simple(text)))
                give_room(p, argument, text);
        }
}

/* ---- unlock -------------------------------------------------------------------------------- */

static enum flow_op opposite_of(enum flow_op op)
{
    return op == FLOW_LOCK || op == FLOW_TRYLOCK ? FLOW_UNLOCK : op == FLOW_RDLOCK ? FLOW_RDUNLOCK
        : op == FLOW_WRLOCK ? FLOW_WRUNLOCK : FLOW_OP_NONE;
}

/* The step that took the lock the finding's task waits for. */
static const struct finding_step *taken_at(const struct finding *f)
{
    for (uint32_t i = f->step_count; i-- > 0;) {
        const struct finding_step *s = &f->steps[i];

        if ((s->kind == STEP_BLOCK || s->kind == STEP_QUEUE) && s->task == f->task)
            return s->since < f->step_count ? &f->steps[s->since] : NULL;
    }
    return NULL;
}

static void plan_unlock(struct fix_plan *p)
{
    const struct outline *o = &p->source->outline;
    const struct finding_step *taken = taken_at(p->finding);
    uint32_t lock = taken ? fix_plan_call(p, taken->at) : FLOW_NONE, argument;
    enum flow_op op = lock == FLOW_NONE ? FLOW_OP_NONE : opposite_of(o->nodes[lock].op);
    const enum flow_op ops[] = { op, FLOW_OP_NONE };
    struct fix_leaving leaving = { .from = lock, .ops = ops };

    if (op == FLOW_OP_NONE || (argument = outline_argument(o, lock, 0)) == FLOW_NONE)
        return;
    leaving.function = outline_around(o, lock, OUTLINE_FUNCTION);
    leaving.argument = fix_plan_text(p, argument);
    leaving.statements = call_text(p, op, leaving.argument);
    leaving.verb = arena_printf(p->arena, "unlock '%s'", leaving.argument + (*leaving.argument == '&'));
    if (leaving.statements)
        fix_plan_leaving(p, &leaving);
}

/* ---- a context or ticker that is lost -------------------------------------------------------- */

/* The variable that the call's result is put into where it is declared. */
static uint32_t variable_of(const struct outline *o, uint32_t call)
{
    uint32_t parent = o->nodes[call].parent;

    return parent != FLOW_NONE && o->nodes[parent].kind == OUTLINE_VARIABLE ? parent : FLOW_NONE;
}

/* Is the variable given to nothing but operations on it? Then nobody else uses what it holds. */
static bool stays(const struct outline *o, uint32_t function, uint32_t variable, const enum flow_op *ops)
{
    for (uint32_t i = variable + 1; i < o->count && outline_is_within(o, i, function); i++) {
        const struct outline_node *n = &o->nodes[i];
        const enum flow_op *op = ops;

        if (n->kind != OUTLINE_USE || strcmp(outline_name(o, i), outline_name(o, variable)))
            continue;
        while (*op != FLOW_OP_NONE && !(o->nodes[n->parent].kind == OUTLINE_CALL && o->nodes[n->parent].op == *op))
            op++;
        if (*op == FLOW_OP_NONE)
            return false;
    }
    return true;
}

static bool mentions(const struct fix_plan *p, uint32_t function, enum flow_op op, const char *argument)
{
    const struct outline *o = &p->source->outline;

    for (uint32_t i = function; i < o->count && outline_is_within(o, i, function); i++) {
        uint32_t a = o->nodes[i].kind == OUTLINE_CALL && o->nodes[i].op == op ? outline_argument(o, i, 0) : FLOW_NONE;

        if (a != FLOW_NONE && !strcmp(fix_plan_text(p, a), argument))
            return true;
    }
    return false;
}

static void plan_cancel(struct fix_plan *p)
{
    static const enum flow_op own[] = { FLOW_CTX_DONE, FLOW_CTX_ERR, FLOW_CTX_CANCEL, FLOW_CTX_RELEASE, FLOW_CTX_MAKE,
                                        FLOW_CTX_MAKE_TIMEOUT, FLOW_OP_NONE };
    static const enum flow_op ends[] = { FLOW_CTX_RELEASE, FLOW_CTX_CANCEL, FLOW_OP_NONE };
    const struct outline *o = &p->source->outline;
    uint32_t make = fix_plan_call(p, p->finding->at), variable = make == FLOW_NONE ? FLOW_NONE : variable_of(o, make);
    struct fix_leaving leaving = { .from = make, .ops = ends };
    const char *cancel, *release;
    bool alone;

    if (variable == FLOW_NONE)
        return;
    leaving.function = outline_around(o, make, OUTLINE_FUNCTION);
    leaving.argument = outline_name(o, variable);
    leaving.verb = arena_printf(p->arena, "cancel '%s'", leaving.argument);
    alone = stays(o, leaving.function, variable, own);
    cancel = call_text(p, FLOW_CTX_CANCEL, leaving.argument);
    release = call_text(p, FLOW_CTX_RELEASE, leaving.argument);
    if (alone && o->scoped && !o->nodes[variable].macro_end && !mentions(p, leaving.function, FLOW_CTX_RELEASE, leaving.argument))
        fix_plan_add(p, arena_printf(p->arena, "let '%s' end with its scope", leaving.argument), &(struct fix_edit){
            o->nodes[variable].end, o->nodes[variable].end, arena_printf(p->arena, " %s", o->scoped) }, 1);
    if (!cancel)
        return;
    leaving.statements = alone && release ? arena_printf(p->arena, "%s; %s", cancel, release) : cancel;
    fix_plan_leaving(p, &leaving);
}

static void plan_stop(struct fix_plan *p)
{
    static const enum flow_op own[] = { FLOW_TICKER_CHAN, FLOW_TICKER_STOP, FLOW_OP_NONE };
    static const enum flow_op ends[] = { FLOW_TICKER_STOP, FLOW_OP_NONE };
    const struct outline *o = &p->source->outline;
    uint32_t make = fix_plan_call(p, p->finding->at), variable = make == FLOW_NONE ? FLOW_NONE : variable_of(o, make);
    struct fix_leaving leaving = { .from = make, .ops = ends };

    if (variable == FLOW_NONE)
        return;
    leaving.function = outline_around(o, make, OUTLINE_FUNCTION);
    leaving.argument = outline_name(o, variable);
    leaving.verb = arena_printf(p->arena, "stop '%s'", leaving.argument);
    leaving.statements = call_text(p, FLOW_TICKER_STOP, leaving.argument);
    if (leaving.statements && stays(o, leaving.function, variable, own))
        fix_plan_leaving(p, &leaving);
}

/* ---- done before an early return ------------------------------------------------------------- */

/* In functions that say done on another way out. */
static void plan_done(struct fix_plan *p)
{
    static const enum flow_op ends[] = { FLOW_WG_DONE, FLOW_OP_NONE };
    const struct outline *o = &p->source->outline;

    for (uint32_t i = 0; i < o->count; i++) {
        uint32_t argument = o->nodes[i].kind == OUTLINE_CALL && o->nodes[i].op == FLOW_WG_DONE
            ? outline_argument(o, i, 0) : FLOW_NONE;
        struct fix_leaving leaving = { .from = FLOW_NONE, .ops = ends };

        if (argument == FLOW_NONE)
            continue;
        leaving.function = outline_around(o, i, OUTLINE_FUNCTION);
        leaving.argument = fix_plan_text(p, argument);
        leaving.statements = call_text(p, FLOW_WG_DONE, leaving.argument);
        leaving.verb = arena_printf(p->arena, "say done to '%s'", leaving.argument + (*leaving.argument == '&'));
        if (leaving.statements)
            fix_plan_leaving(p, &leaving);
    }
}

/* ---- close after the last send ----------------------------------------------------------------- */

static bool stands_in_schedule(const struct finding *f, const char *function)
{
    for (uint32_t i = 0; i < f->step_count; i++)
        if (f->steps[i].function && !strcmp(f->steps[i].function, function))
            return true;
    return false;
}

static void close_after(struct fix_plan *p, uint32_t statement, const char *channel, const char *where)
{
    const struct outline *o = &p->source->outline;
    const struct outline_node *n = &o->nodes[statement];
    uint32_t end = fix_statement_end(p->source->text, n->end);
    const char *call = call_text(p, FLOW_CLOSE, channel);

    if (!call || n->macro_end || n->parent == FLOW_NONE || o->nodes[n->parent].kind != OUTLINE_BLOCK ||
        o->nodes[n->parent].macro_begin)
        return;
    for (uint32_t i = 0; i < p->count; i++)
        if (p->list[i].edits[0].begin == end)
            return;
    fix_plan_add(p, arena_printf(p->arena, "close '%s' after the %s in line %u", channel, where, n->line),
                 &(struct fix_edit){ end, end, fix_after(p->source->text, n->begin, call, p->arena) }, 1);
}

/* After the outermost loop it is in, or after it. */
static void close_after_send(struct fix_plan *p, uint32_t send, const char *channel)
{
    const struct outline *o = &p->source->outline;
    uint32_t at = FLOW_NONE;

    for (uint32_t i = o->nodes[send].parent; i != FLOW_NONE; i = o->nodes[i].parent)
        if (o->nodes[i].kind == OUTLINE_LOOP)
            at = i;
    if (at != FLOW_NONE)
        close_after(p, at, channel, "loop");
    else if ((at = outline_statement(o, send)) != FLOW_NONE)
        close_after(p, at, channel, "send");
}

/* Whoever has waited for the senders may close: by the name the channel has where it is made. */
static void close_after_wait(struct fix_plan *p)
{
    const struct outline *o = &p->source->outline;
    uint32_t make = fix_plan_call(p, p->finding->made), variable = make == FLOW_NONE ? FLOW_NONE : variable_of(o, make);
    uint32_t function = make == FLOW_NONE ? FLOW_NONE : outline_around(o, make, OUTLINE_FUNCTION);

    for (uint32_t i = function; variable != FLOW_NONE && i < o->count && outline_is_within(o, i, function); i++) {
        uint32_t statement = o->nodes[i].kind == OUTLINE_CALL && o->nodes[i].op == FLOW_WG_WAIT
            ? outline_statement(o, i) : FLOW_NONE;

        if (statement != FLOW_NONE)
            close_after(p, statement, outline_name(o, variable), "wait");
    }
}

/* Does who receives find out that there was nothing? Else it would go on with an element of zeros. */
static bool sees_the_close(const struct fix_plan *p)
{
    const struct outline *o = &p->source->outline;
    uint32_t receive = fix_plan_call(p, p->finding->operation), value;

    if (receive == FLOW_NONE)
        return false;
    value = outline_argument(o, receive, 1);
    return o->nodes[o->nodes[receive].parent].kind != OUTLINE_EXPRESSION ||
           (value != FLOW_NONE && !strcmp(fix_plan_text(p, value), "NULL"));
}

static void plan_close(struct fix_plan *p)
{
    static const enum flow_op ends[] = { FLOW_CLOSE, FLOW_OP_NONE };
    const struct outline *o = &p->source->outline;

    if (!sees_the_close(p))
        return;
    for (uint32_t i = 0; i < o->count; i++) {
        enum flow_op op = o->nodes[i].kind == OUTLINE_CALL ? o->nodes[i].op : FLOW_OP_NONE;
        bool sends = op == FLOW_SEND || op == FLOW_SEND_SIZED;
        uint32_t argument = sends || op == FLOW_CLOSE ? outline_argument(o, i, 0) : FLOW_NONE;
        struct fix_leaving leaving = { .from = FLOW_NONE, .ops = ends };

        if (argument == FLOW_NONE)
            continue;
        leaving.function = outline_around(o, i, OUTLINE_FUNCTION);
        if (!stands_in_schedule(p->finding, outline_name(o, leaving.function)))
            continue;
        leaving.argument = fix_plan_text(p, argument);
        leaving.verb = arena_printf(p->arena, "close '%s'", leaving.argument);
        leaving.statements = call_text(p, FLOW_CLOSE, leaving.argument);
        if (sends && !mentions(p, leaving.function, FLOW_CLOSE, leaving.argument))
            close_after_send(p, i, leaving.argument);
        if (leaving.statements)
            fix_plan_leaving(p, &leaving);
    }
    close_after_wait(p);
}

/* ---- which ------------------------------------------------------------------------------------- */

static const struct repair {
    const char *word;
    void      (*plan)(struct fix_plan *plan);
} repairs[] = {
    { "capacity", plan_capacity },
    { "close", plan_close },
    { "unlock", plan_unlock },
    { "done", plan_done },
    { "cancel", plan_cancel },
    { "stop", plan_stop },
    { "select", fix_plan_select },
};
enum { REPAIRS = sizeof repairs / sizeof *repairs };

const char *fix_plan_words(void)
{
    return "capacity, close, unlock, done, cancel, stop, select";
}

static const struct repair *repair_named(const char *word, size_t size)
{
    for (size_t i = 0; i < REPAIRS; i++)
        if (strlen(repairs[i].word) == size && !strncmp(repairs[i].word, word, size))
            return &repairs[i];
    return NULL;
}

bool fix_plan_knows(const char *words)
{
    for (; *words; words += strcspn(words, " "), words += *words == ' ')
        if (!repair_named(words, strcspn(words, " ")))
            return false;
    return true;
}

void fix_plan_make(struct fix_plan *plan, const char *words)
{
    for (; words && *words; words += strcspn(words, " "), words += *words == ' ') {
        const struct repair *repair = repair_named(words, strcspn(words, " "));

        if (repair)
            repair->plan(plan);
    }
}
