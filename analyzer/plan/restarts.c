#include "restarts.h"

/* The strongly connected components of who calls and who starts whom (Tarjan, "Depth-First Search
 * and Linear Graph Algorithms", 1972). A start within a component is part of a round. */

struct restarts {
    const struct flow *flow;
    struct plan       *plan;
    uint32_t          *number, *low;    /* per function, from 1; 0: not seen yet */
    uint32_t          *component;       /* per function, from 1; 0: not known yet */
    uint32_t          *stack, depth;
    uint32_t           seen, components;
};

static void visit(struct restarts *r, uint32_t f);

static void visit_next(struct restarts *r, uint32_t f, uint32_t next)
{
    if (next == FLOW_NONE || !r->plan->functions[next].reached)
        return;
    if (!r->number[next])
        visit(r, next);
    if (!r->component[next] && r->low[next] < r->low[f])
        r->low[f] = r->low[next];
}

static void visit_by_pointer(struct restarts *r, uint32_t f)
{
    for (uint32_t next = 0; next < r->flow->function_count; next++)
        if (r->plan->functions[next].by_pointer)
            visit_next(r, f, next);
}

static bool is_spawn(const struct flow *flow, const struct instr *in)
{
    unsigned op = in->kind == INSTR_OP ? in->op
                : in->kind == INSTR_CALL && in->symbol != FLOW_NONE ? flow->symbols[in->symbol].model : FLOW_OP_NONE;

    return (op == FLOW_SPAWN || op == FLOW_SPAWN_COPY) && in->arg_count > 0;
}

/* What a spawn starts: a function, or FLOW_NONE for any of those meant by a pointer. */
static uint32_t started(const struct flow *flow, const struct function *fn, const struct instr *in)
{
    const struct expr *e = &fn->exprs[fn->args[in->first_arg]];

    return e->kind == EXPR_GLOBAL ? flow->symbols[e->index].function : FLOW_NONE;
}

static bool follows_pointer(const struct flow *flow, const struct function *fn, const struct instr *in)
{
    return (in->kind == INSTR_CALL && in->symbol == FLOW_NONE) ||
           (is_spawn(flow, in) && fn->exprs[fn->args[in->first_arg]].kind != EXPR_GLOBAL);
}

/* A function that is named is called, started or handed to somebody who does so. */
static void visit_all(struct restarts *r, uint32_t f)
{
    const struct function *fn = &r->flow->functions[f];
    bool by_pointer = false;

    for (uint32_t e = 0; e < fn->expr_count; e++)
        if (fn->exprs[e].kind == EXPR_GLOBAL)
            visit_next(r, f, r->flow->symbols[fn->exprs[e].index].function);
    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];

        if (in->kind == INSTR_CALL && in->symbol != FLOW_NONE)
            visit_next(r, f, r->flow->symbols[in->symbol].function);
        by_pointer |= follows_pointer(r->flow, fn, in);
    }
    if (by_pointer)
        visit_by_pointer(r, f);
}

static void visit(struct restarts *r, uint32_t f)
{
    r->number[f] = r->low[f] = ++r->seen;
    r->stack[r->depth++] = f;
    visit_all(r, f);
    if (r->low[f] != r->number[f])
        return;
    r->components++;
    do
        r->component[r->stack[--r->depth]] = r->components;
    while (r->stack[r->depth] != f);
}

static bool may_restart(const struct restarts *r, uint32_t f, const struct instr *in)
{
    uint32_t to = started(r->flow, &r->flow->functions[f], in);

    if (to != FLOW_NONE)
        return r->component[to] == r->component[f];
    if (!follows_pointer(r->flow, &r->flow->functions[f], in))
        return false;
    for (uint32_t g = 0; g < r->flow->function_count; g++)
        if (r->plan->functions[g].by_pointer && r->component[g] == r->component[f])
            return true;
    return false;
}

void restarts_find(const struct flow *program, struct plan *plan, struct arena *arena)
{
    uint32_t n = program->function_count;
    struct restarts r = { .flow = program, .plan = plan, .number = ARENA_ARRAY(arena, uint32_t, n),
                          .low = ARENA_ARRAY(arena, uint32_t, n), .component = ARENA_ARRAY(arena, uint32_t, n),
                          .stack = ARENA_ARRAY(arena, uint32_t, n) };

    for (uint32_t f = 0; f < n; f++) {
        if (!plan->functions[f].reached)
            continue;
        if (!r.number[f])
            visit(&r, f);
    }
    for (uint32_t f = 0; f < n; f++)
        for (uint32_t i = 0; plan->functions[f].reached && i < program->functions[f].instr_count; i++)
            if (is_spawn(program, &program->functions[f].instrs[i]) &&
                may_restart(&r, f, &program->functions[f].instrs[i]))
                plan->functions[f].stops[i] = true;
}
