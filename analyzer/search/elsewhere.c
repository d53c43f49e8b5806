#include "elsewhere.h"

#include "cases.h"

/* Variables that hold the same channel are one class: registers, and memory by its key (flow.h).
 * Unification, as in Steensgaard, "Points-to Analysis in Almost Linear Time" (1996). */
struct classes {
    const struct flow *flow;
    uint32_t *up;               /* union-find */
    uint32_t *first;            /* per function: variable of its register 0; then its result */
};

enum { RECEIVES = 1, SENDS = 2, CLOSES = 4 };

static uint32_t find(struct classes *c, uint32_t v)
{
    while (c->up[v] != v)
        v = c->up[v] = c->up[c->up[v]];
    return v;
}

static void join(struct classes *c, uint32_t a, uint32_t b)
{
    if (a != FLOW_NONE && b != FLOW_NONE)
        c->up[find(c, a)] = find(c, b);
}

static uint32_t variable_of(const struct classes *c, uint32_t f, uint32_t expr)
{
    const struct expr *e;

    if (expr == FLOW_NONE)
        return FLOW_NONE;
    e = &c->flow->functions[f].exprs[expr];
    if (e->kind == EXPR_CAST)
        return variable_of(c, f, e->a);
    if (e->kind == EXPR_REG)
        return c->first[f] + e->index;
    return e->kind == EXPR_LOAD ? e->index : FLOW_NONE;
}

static uint32_t result_of(const struct classes *c, uint32_t f)
{
    return c->first[f] + c->flow->functions[f].reg_count;
}

static uint32_t argument(const struct function *fn, const struct instr *in, uint32_t i)
{
    return i < in->arg_count ? fn->args[in->first_arg + i] : FLOW_NONE;
}

static void join_call(struct classes *c, uint32_t f, const struct instr *in)
{
    const struct function *fn = &c->flow->functions[f], *to;
    uint32_t callee = in->symbol == FLOW_NONE ? FLOW_NONE : c->flow->symbols[in->symbol].function;

    if (callee == FLOW_NONE)
        return;
    to = &c->flow->functions[callee];
    for (uint32_t i = 0; i < to->param_count; i++)
        if (!to->params[i].in_slot)
            join(c, variable_of(c, f, argument(fn, in, i)), c->first[callee] + to->params[i].index);
    if (in->dst != FLOW_NONE)
        join(c, c->first[f] + in->dst, result_of(c, callee));
}

/* A task's only parameter is what was handed to the spawn. */
static void join_spawn(struct classes *c, uint32_t f, const struct instr *in)
{
    const struct function *fn = &c->flow->functions[f];
    uint32_t at = in->op == FLOW_GROUP_SPAWN, entry = argument(fn, in, at), callee;
    const struct expr *e = entry == FLOW_NONE ? NULL : &fn->exprs[entry];

    if (!e || e->kind != EXPR_GLOBAL || (callee = c->flow->symbols[e->index].function) == FLOW_NONE ||
        c->flow->functions[callee].param_count == 0 || c->flow->functions[callee].params[0].in_slot)
        return;
    join(c, variable_of(c, f, argument(fn, in, at + 1)), c->first[callee] + c->flow->functions[callee].params[0].index);
}

static void join_function(struct classes *c, uint32_t f)
{
    const struct function *fn = &c->flow->functions[f];

    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];

        if (in->kind == INSTR_SET)
            join(c, c->first[f] + in->dst, variable_of(c, f, in->a));
        else if (in->kind == INSTR_STORE && !cases_is_store(fn, in))
            join(c, in->key, variable_of(c, f, in->b));
        else if (in->kind == INSTR_CALL)
            join_call(c, f, in);
        else if (in->kind == INSTR_OP && (in->op == FLOW_SPAWN || in->op == FLOW_GROUP_SPAWN))
            join_spawn(c, f, in);
        else if (in->kind == INSTR_OP && in->op == FLOW_RETAIN && in->dst != FLOW_NONE)
            join(c, c->first[f] + in->dst, variable_of(c, f, argument(fn, in, 0)));
    }
    for (uint32_t b = 0; b < fn->block_count; b++)
        if (fn->blocks[b].term == TERM_RETURN)
            join(c, result_of(c, f), variable_of(c, f, fn->blocks[b].cond));
}

static void classes_init(struct classes *c, const struct flow *flow, struct arena *arena)
{
    uint32_t count = flow->string_count;

    c->flow = flow;
    c->first = ARENA_ARRAY(arena, uint32_t, flow->function_count + 1);
    for (uint32_t f = 0; f < flow->function_count; f++) {
        c->first[f] = count;
        count += flow->functions[f].reg_count + 1;
    }
    c->up = ARENA_ARRAY(arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++)
        c->up[i] = i;
    for (uint32_t f = 0; f < flow->function_count; f++)
        join_function(c, f);
}

static unsigned does(enum flow_op op)
{
    switch (op) {
    case FLOW_SEND: case FLOW_SEND_SIZED: case FLOW_TRY_SEND:
        return SENDS;
    case FLOW_RECV: case FLOW_TRY_RECV:
        return RECEIVES;
    case FLOW_CLOSE:
        return CLOSES;
    default:
        return 0;
    }
}

/* Does the operation do one of `wanted` on a channel of the class? */
static bool does_on(struct classes *c, uint32_t f, uint32_t at, unsigned wanted, uint32_t class)
{
    const struct function *fn = &c->flow->functions[f];
    const struct instr *in = &fn->instrs[at];
    struct case_list cases;
    uint32_t v;

    if (in->kind != INSTR_OP)
        return false;
    v = does(in->op) & wanted ? variable_of(c, f, argument(fn, in, 0)) : FLOW_NONE;
    if (v != FLOW_NONE && find(c, v) == class)
        return true;
    if ((in->op != FLOW_SELECT && in->op != FLOW_POLL && in->op != FLOW_SELECT_TIMEOUT) || !cases_of(fn, at, &cases))
        return false;
    for (uint32_t i = 0; i < cases.count; i++) {
        v = (cases.of[i].is_send ? SENDS : RECEIVES) & wanted ? variable_of(c, f, cases.of[i].channel) : FLOW_NONE;
        if (v != FLOW_NONE && find(c, v) == class)
            return true;
    }
    return false;
}

static bool is_served(struct classes *c, const struct plan *plan, uint32_t f, uint32_t channel, bool is_send)
{
    uint32_t v = variable_of(c, f, channel);

    if (v == FLOW_NONE)
        return false;
    for (uint32_t g = 0; g < c->flow->function_count; g++)
        for (uint32_t i = 0; !plan->functions[g].reached && i < c->flow->functions[g].instr_count; i++)
            if (does_on(c, g, i, is_send ? RECEIVES : SENDS | CLOSES, find(c, v)))
                return true;
    return false;
}

bool is_served_elsewhere(const struct flow *flow, const struct plan *plan, struct place at)
{
    const struct function *fn = &flow->functions[at.function];
    const struct instr *in = &fn->instrs[at.instr];
    struct arena *arena = arena_new();
    struct case_list cases;
    struct classes c;
    bool served = false;

    classes_init(&c, flow, arena);
    if (does(in->op))
        served = is_served(&c, plan, at.function, argument(fn, in, 0), does(in->op) == SENDS);
    else if (cases_of(fn, at.instr, &cases))
        for (uint32_t i = 0; i < cases.count; i++)
            served |= is_served(&c, plan, at.function, cases.of[i].channel, cases.of[i].is_send);
    arena_free(arena);
    return served;
}
