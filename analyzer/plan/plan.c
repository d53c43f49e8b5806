#include "plan.h"

#include "cfg.h"
#include "contents.h"
#include "lending.h"
#include "liveness.h"
#include "loops.h"
#include "payload.h"
#include "restarts.h"
#include "scale.h"
#include "sections.h"
#include "slice.h"
#include "sleeps.h"
#include "tallies.h"
#include "tokens.h"
#include "unguarded.h"

/* An operation that others may come before. */
static bool plan_is_visible(const struct plan *plan, enum flow_op op)
{
    switch (op) {
    case FLOW_YIELD: case FLOW_SLEEP: case FLOW_SEND: case FLOW_SEND_SIZED: case FLOW_RECV:
    case FLOW_CLOSE: case FLOW_TRY_SEND: case FLOW_TRY_RECV: case FLOW_LEN: case FLOW_SELECT:
    case FLOW_POLL: case FLOW_SELECT_TIMEOUT: case FLOW_TICKER_STOP: case FLOW_CTX_CANCEL:
    case FLOW_CTX_ERR: case FLOW_CTX_RELEASE: case FLOW_CTX_SCOPE_END: case FLOW_WG_ADD:
    case FLOW_WG_WAIT: case FLOW_LOCK: case FLOW_TRYLOCK: case FLOW_RDLOCK: case FLOW_WRLOCK:
    case FLOW_COND_WAIT: case FLOW_COND_SIGNAL: case FLOW_COND_BROADCAST: case FLOW_ONCE:
    case FLOW_GROUP_SPAWN: case FLOW_GROUP_WAIT: case FLOW_LEAK_CHECK_END: case FLOW_ATOMIC:
        return true;
    case FLOW_UNLOCK: case FLOW_RDUNLOCK: case FLOW_WRUNLOCK:
        /* Giving a lock back commutes to the left (Lipton 1975), unless somebody can see it taken. */
        return plan->has_trylock || plan->stops_at_movers;
    case FLOW_WG_DONE:
        return plan->stops_at_movers;
    default:
        return false;
    }
}

uint32_t plan_successors(const struct function *fn, const struct function_plan *p, uint32_t block, uint32_t *to,
                         uint32_t room)
{
    if (p->skip_to[block] == PLAN_RETURN)
        return 0;
    if (p->skip_to[block] == FLOW_NONE)
        return cfg_successors(fn, &fn->blocks[block], to, room);
    if (room)
        to[0] = p->skip_to[block];
    return 1;
}

/* ---- what the root reaches ---------------------------------------------- */

struct reach {
    const struct flow *flow;
    struct plan       *plan;
    bool              *global_seen;
};

static void reach_symbol(struct reach *r, uint32_t symbol);

static void reach_function(struct reach *r, uint32_t f)
{
    const struct function *fn = &r->flow->functions[f];

    if (r->plan->functions[f].reached)
        return;
    r->plan->functions[f].reached = true;
    for (uint32_t e = 0; e < fn->expr_count; e++)
        if (fn->exprs[e].kind == EXPR_GLOBAL)
            reach_symbol(r, fn->exprs[e].index);
    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];

        if (in->kind == INSTR_CALL && in->symbol != FLOW_NONE)
            reach_symbol(r, in->symbol);
        if (in->kind == INSTR_OP && in->op == FLOW_TRYLOCK)
            r->plan->has_trylock = true;
        if (in->kind == INSTR_OP && in->op < FLOW_ALLOC && in->op != FLOW_SLEEP && in->op != FLOW_YIELD)
            r->plan->operates = true;
    }
}

static void reach_symbol(struct reach *r, uint32_t symbol)
{
    const struct symbol *s = &r->flow->symbols[symbol];

    if (s->function != FLOW_NONE)
        reach_function(r, s->function);
    if (s->global == FLOW_NONE || r->global_seen[s->global])
        return;
    r->global_seen[s->global] = true;
    for (uint32_t i = 0; i < r->flow->globals[s->global].init_count; i++) {
        const struct init *init = &r->flow->globals[s->global].inits[i];

        if (init->kind == EXPR_GLOBAL)
            reach_symbol(r, init->index);
    }
}

/* ---- globals a function can touch --------------------------------------- */

static bool globals_add(const struct flow *flow, struct plan *plan, uint32_t f, uint32_t symbol)
{
    const struct symbol *s = &flow->symbols[symbol];
    bits_word *set = plan->functions[f].globals;
    bool changed = false;

    if (s->global != FLOW_NONE && !bit_test(set, s->global)) {
        bit_set(set, s->global);
        changed = true;
        for (uint32_t i = 0; i < flow->globals[s->global].init_count; i++)
            if (flow->globals[s->global].inits[i].kind == EXPR_GLOBAL)
                globals_add(flow, plan, f, flow->globals[s->global].inits[i].index);
    }
    if (s->function != FLOW_NONE && s->function != f)
        for (uint32_t w = 0; w < plan->global_words; w++) {
            bits_word more = plan->functions[s->function].globals[w] & ~set[w];
            set[w] |= more;
            changed |= more != 0;
        }
    return changed;
}

static bool globals_function(const struct flow *flow, struct plan *plan, uint32_t f)
{
    const struct function *fn = &flow->functions[f];
    bool changed = false;

    for (uint32_t e = 0; e < fn->expr_count; e++)
        if (fn->exprs[e].kind == EXPR_GLOBAL)
            changed |= globals_add(flow, plan, f, fn->exprs[e].index);
    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (fn->instrs[i].kind == INSTR_CALL && fn->instrs[i].symbol != FLOW_NONE)
            changed |= globals_add(flow, plan, f, fn->instrs[i].symbol);
    return changed;
}

static void globals_make(const struct flow *flow, struct plan *plan, struct arena *arena)
{
    bool changed = true;

    plan->global_words = flow->global_count / 64 + 1;
    for (uint32_t f = 0; f < flow->function_count; f++)
        plan->functions[f].globals = ARENA_ARRAY(arena, bits_word, plan->global_words);
    while (changed) {
        changed = false;
        for (uint32_t f = 0; f < flow->function_count; f++)
            if (plan->functions[f].reached)
                changed |= globals_function(flow, plan, f);
    }
}

/* ---- the plan ------------------------------------------------------------ */

static void find_stops(const struct flow *flow, struct plan *plan, uint32_t f, struct arena *arena)
{
    const struct function *fn = &flow->functions[f];

    plan->functions[f].stops = ARENA_ARRAY(arena, bool, fn->instr_count);
    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];
        enum flow_op op = in->kind == INSTR_OP ? (enum flow_op)in->op : FLOW_OP_NONE;

        if (in->kind == INSTR_CALL && in->symbol != FLOW_NONE &&
            flow->symbols[in->symbol].function == FLOW_NONE)
            op = flow->symbols[in->symbol].model;
        plan->functions[f].stops[i] = op != FLOW_OP_NONE && plan_is_visible(plan, op);
        plan->has_locks |= plan->functions[f].keep[i] && (op == FLOW_LOCK || op == FLOW_RDLOCK || op == FLOW_WRLOCK);
    }
}

/* Where a task may pause in its own affairs, for ways through unknown conditions to
 * meet again: blocks that begin with an instruction nobody rests on otherwise. */
static void find_pauses(const struct function *fn, struct function_plan *p)
{
    for (uint32_t b = 0; b < fn->block_count; b++) {
        const struct instr *first = &fn->instrs[fn->blocks[b].first_instr];

        p->pauses[b] = fn->blocks[b].instr_count && first->kind != INSTR_CALL && first->kind != INSTR_OP;
    }
}

static void plan_function(const struct flow *flow, struct plan *plan, uint32_t f, const struct cfg *g,
                          bool full, struct arena *arena)
{
    const struct function *fn = &flow->functions[f];
    struct function_plan *p = &plan->functions[f];

    p->pauses = ARENA_ARRAY(arena, bool, fn->block_count);
    find_pauses(fn, p);
    loops_function(flow, plan, f, g, full, arena);
    if (!full)
        sleeps_relax(fn, g, p, arena);
    unguarded_stores(fn, p, arena);
    liveness_function(flow, plan, f, arena);
}

struct plan *plan_make(const struct flow *program, uint32_t root, struct coarseness coarse, unsigned without,
                       struct arena *arena)
{
    struct plan *plan = ARENA_NEW(arena, struct plan);
    struct cfg *graphs = ARENA_ARRAY(arena, struct cfg, program->function_count);
    struct reach reach = { .flow = program, .plan = plan,
                           .global_seen = ARENA_ARRAY(arena, bool, program->global_count) };
    bool full = without & REDUCTION_SLICE;

    plan->coarse = coarse;
    plan->stops_at_movers = without & REDUCTION_MOVERS;
    plan->functions = ARENA_ARRAY(arena, struct function_plan, program->function_count);
    reach_function(&reach, root);
    if (!plan->operates)
        return plan;
    globals_make(program, plan, arena);
    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached)
            graphs[f] = cfg_make(&program->functions[f], arena);
    lending_make(program, plan, root, graphs, arena);
    do
        slice_program(program, plan, root, graphs, full, arena);
    while (!full && sections_drop(program, plan, arena));
    tokens_make(program, plan, arena);
    if (!full && payload_make(program, plan, arena))
        slice_program(program, plan, root, graphs, full, arena);
    if (coarse.scale)
        scale_program(program, plan, coarse.long_count, arena);
    if (!full)
        tallies_make(program, plan, arena);
    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached)
            find_stops(program, plan, f, arena);
    restarts_find(program, plan, arena);
    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached)
            plan_function(program, plan, f, &graphs[f], full, arena);
    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached)
            loops_ranges(program, plan, f, &graphs[f]);
    if (!full)
        contents_make(program, plan, arena);
    return plan;
}
