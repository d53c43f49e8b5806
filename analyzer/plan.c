#include "plan.h"

#include "cfg.h"
#include "lending.h"
#include "liveness.h"
#include "restarts.h"
#include "scale.h"
#include "sections.h"
#include "slice.h"
#include "sleeps.h"
#include "tokens.h"
#include "unguarded.h"

bool plan_is_visible(const struct plan *plan, enum flow_op op)
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

/* ---- loops --------------------------------------------------------------- */

/* Strip what does not change which way a branch goes. *negated says whether it was turned round. */
static const struct expr *condition_core(const struct function *fn, uint32_t cond)
{
    for (;;) {
        const struct expr *e = &fn->exprs[cond];

        if (e->kind == EXPR_CAST || (e->kind == EXPR_UNARY && e->op == OP_NOT))
            cond = e->a;
        else if (e->kind == EXPR_BINARY && (e->op == OP_NE || e->op == OP_EQ) &&
                 fn->exprs[e->b].kind == EXPR_CONST && fn->exprs[e->b].number == 0)
            cond = e->a;
        else
            return e;
    }
}

static bool leaves_loop(const struct function *fn, const struct loop *l, uint32_t b)
{
    const struct block *block = &fn->blocks[b];

    return block->term == TERM_BRANCH && bit_test(l->body, b) &&
           (!bit_test(l->body, block->then_block) || !bit_test(l->body, block->else_block));
}

/* The instruction that gives register `reg` its value in block b, before its end. */
static const struct instr *setter_in(const struct function *fn, uint32_t b, uint32_t reg)
{
    const struct block *block = &fn->blocks[b];

    for (uint32_t i = block->instr_count; i-- > 0;) {
        const struct instr *in = &fn->instrs[block->first_instr + i];

        if ((in->kind == INSTR_OP || in->kind == INSTR_CALL || in->kind == INSTR_SET) && in->dst == reg)
            return in;
    }
    return NULL;
}

/* Mark the receive whose result is the condition at the end of block b, here or in
 * a function that returns it. */
static void mark_range(const struct flow *flow, struct plan *plan, uint32_t f, uint32_t b, unsigned depth)
{
    const struct function *fn = &flow->functions[f];
    const struct expr *core = condition_core(fn, fn->blocks[b].cond);
    const struct instr *in = core->kind == EXPR_REG ? setter_in(fn, b, core->index) : NULL;
    uint32_t callee;

    if (!in || depth == 0)
        return;
    if (in->kind == INSTR_OP && in->op == FLOW_RECV)
        plan->functions[f].range[in - fn->instrs] = true;
    if (in->kind != INSTR_CALL || in->symbol == FLOW_NONE)
        return;
    callee = flow->symbols[in->symbol].function;
    for (uint32_t r = 0; callee != FLOW_NONE && r < flow->functions[callee].block_count; r++)
        if (flow->functions[callee].blocks[r].term == TERM_RETURN &&
            flow->functions[callee].blocks[r].cond != FLOW_NONE)
            mark_range(flow, plan, callee, r, depth - 1);
}

static void find_ranges(const struct flow *flow, struct plan *plan, uint32_t f, const struct cfg *g)
{
    enum { WRAPPERS = 4 };

    for (uint32_t l = 0; l < g->loop_count; l++)
        for (uint32_t b = 0; b < g->block_count; b++)
            if (leaves_loop(&flow->functions[f], &g->loops[l], b))
                mark_range(flow, plan, f, b, WRAPPERS);
}

/* The register that the exit condition of block b compares with a far constant. */
static uint32_t counts_far(const struct function *fn, const struct function_plan *p, uint32_t b, int64_t far)
{
    const struct expr *e = &fn->exprs[fn->blocks[b].cond];
    const struct expr *reg, *bound;

    if (e->kind != EXPR_BINARY || e->op < OP_EQ || e->op > OP_GE)
        return FLOW_NONE;
    reg = &fn->exprs[e->a];
    bound = &fn->exprs[e->b];
    while (reg->kind == EXPR_CAST)
        reg = &fn->exprs[reg->a];
    while (bound->kind == EXPR_CAST)
        bound = &fn->exprs[bound->a];
    if (reg->kind != EXPR_REG || bound->kind != EXPR_CONST ||
        (p->scaled && p->scaled[bound - fn->exprs] != bound->number) ||
        (bound->number < far && bound->number > -far))
        return FLOW_NONE;
    return reg->index;
}

static bool reads_register(const struct function *fn, uint32_t expr, uint32_t reg)
{
    const struct expr *e = &fn->exprs[expr];

    switch ((enum expr_kind)e->kind) {
    case EXPR_REG:
        return e->index == reg;
    case EXPR_BINARY:
    case EXPR_INDEX:
        return reads_register(fn, e->a, reg) || reads_register(fn, e->b, reg);
    case EXPR_CAST:
    case EXPR_UNARY:
        return reads_register(fn, e->a, reg);
    default:
        return false;
    }
}

/* Does the loop advance reg from its own value? */
static bool loop_counts(const struct function *fn, const struct loop *l, uint32_t reg)
{
    for (uint32_t b = 0; b < fn->block_count; b++) {
        if (!bit_test(l->body, b))
            continue;
        for (uint32_t i = 0; i < fn->blocks[b].instr_count; i++) {
            const struct instr *in = &fn->instrs[fn->blocks[b].first_instr + i];

            if (in->kind == INSTR_SET && in->dst == reg && reads_register(fn, in->a, reg))
                return true;
        }
    }
    return false;
}

static bool loop_operates(const struct flow *flow, const struct function *fn, const struct loop *l,
                          const struct function_plan *p)
{
    for (uint32_t b = 0; b < fn->block_count; b++) {
        if (!bit_test(l->body, b))
            continue;
        for (uint32_t i = 0; i < fn->blocks[b].instr_count; i++) {
            uint32_t at = fn->blocks[b].first_instr + i;
            const struct instr *in = &fn->instrs[at];
            bool looks = in->op == FLOW_POLL || in->op == FLOW_TRY_RECV || in->op == FLOW_YIELD ||
                         in->op == FLOW_SLEEP || in->op == FLOW_LEN || in->op == FLOW_CTX_ERR;

            if (p->keep[at] && ((in->kind == INSTR_OP && !looks) ||
                                (in->kind == INSTR_CALL && (in->symbol == FLOW_NONE ||
                                                            flow->symbols[in->symbol].function != FLOW_NONE))))
                return true;
        }
    }
    return false;
}

static void find_long_loops(const struct flow *flow, struct plan *plan, uint32_t f, const struct cfg *g,
                            struct arena *arena)
{
    struct function_plan *p = &plan->functions[f];
    const struct function *fn = &flow->functions[f];

    for (uint32_t l = 0; l < g->loop_count; l++)
        for (uint32_t b = 0; b < fn->block_count; b++) {
            const struct loop *loop = &g->loops[l];
            uint32_t reg, *widen, n = 0;

            if (!leaves_loop(fn, loop, b) || !p->decides[b])
                continue;
            reg = counts_far(fn, p, b, plan->coarse.long_count);
            if (reg == FLOW_NONE || !loop_counts(fn, loop, reg))
                continue;
            plan->long_loops++;
            p->long_loop[loop->head] = loop_operates(flow, fn, loop, p) ? 2 : 1;
            widen = ARENA_ARRAY(arena, uint32_t, fn->reg_count + 1);
            for (uint32_t r = 0; r < fn->reg_count; r++)
                if (loop_counts(fn, loop, r))
                    widen[n++] = r;
            widen[n] = FLOW_NONE;
            p->widen[loop->head] = widen;
        }
}

/* Is expr an address that moves on as reg does? An index that wraps round does not. */
static bool moves_with(const struct function *fn, uint32_t expr, uint32_t reg)
{
    const struct expr *e = &fn->exprs[expr];

    switch ((enum expr_kind)e->kind) {
    case EXPR_REG:
        return e->index == reg;
    case EXPR_BINARY:
        return (e->op == OP_ADD || e->op == OP_SUB) && (moves_with(fn, e->a, reg) || moves_with(fn, e->b, reg));
    case EXPR_INDEX:
        return moves_with(fn, e->a, reg) || moves_with(fn, e->b, reg);
    case EXPR_LOAD:
    case EXPR_CAST:
        return moves_with(fn, e->a, reg);
    default:
        return false;
    }
}

/* Does expr hang on an element that reg leads to? */
static bool reads_along(const struct function *fn, uint32_t expr, uint32_t reg)
{
    const struct expr *e = &fn->exprs[expr];

    switch ((enum expr_kind)e->kind) {
    case EXPR_LOAD:
        return moves_with(fn, e->a, reg);
    case EXPR_BINARY:
        return reads_along(fn, e->a, reg) || reads_along(fn, e->b, reg);
    case EXPR_CAST:
    case EXPR_UNARY:
        return reads_along(fn, e->a, reg);
    default:
        return false;
    }
}

/* Does a way out of the loop hang on reg? */
static bool loop_ends_directly_by(const struct function *fn, const struct loop *l, const struct function_plan *p,
                                  uint32_t reg)
{
    for (uint32_t b = 0; b < fn->block_count; b++)
        if (leaves_loop(fn, l, b) && p->decides[b] && reads_register(fn, fn->blocks[b].cond, reg))
            return true;
    return false;
}

static bool is_copy(const struct function *fn, const struct instr *in, uint32_t of)
{
    const struct expr *e = &fn->exprs[in->a];

    while (e->kind == EXPR_CAST)
        e = &fn->exprs[e->a];
    return e->kind == EXPR_REG && e->index == of && in->dst != of;
}

/* Or on what it was before it was counted: while (n--) tests a copy. */
static bool loop_ends_by(const struct function *fn, const struct loop *l, const struct function_plan *p, uint32_t reg)
{
    for (uint32_t b = 0; b < fn->block_count; b++)
        for (uint32_t i = 0; bit_test(l->body, b) && i < fn->blocks[b].instr_count; i++) {
            const struct instr *in = &fn->instrs[fn->blocks[b].first_instr + i];

            if (in->kind == INSTR_SET && is_copy(fn, in, reg) && loop_ends_directly_by(fn, l, p, in->dst))
                return true;
        }
    return loop_ends_directly_by(fn, l, p, reg);
}

/* Or on an element that reg leads to? The loop may also take the element into a register first. */
static bool loop_ends_along(const struct function *fn, const struct loop *l, const struct function_plan *p,
                            uint32_t reg)
{
    for (uint32_t b = 0; b < fn->block_count; b++) {
        if (leaves_loop(fn, l, b) && p->decides[b] && reads_along(fn, fn->blocks[b].cond, reg))
            return true;
        for (uint32_t i = 0; bit_test(l->body, b) && i < fn->blocks[b].instr_count; i++) {
            const struct instr *in = &fn->instrs[fn->blocks[b].first_instr + i];

            if (in->kind == INSTR_SET && in->dst != reg && reads_along(fn, in->a, reg) &&
                loop_ends_by(fn, l, p, in->dst))
                return true;
        }
    }
    return false;
}

/* Which way does `reg = value` take it? */
static void find_direction(const struct function *fn, uint32_t value, struct counter *c)
{
    const struct expr *e = &fn->exprs[value];
    const struct expr *by = e->kind == EXPR_BINARY ? &fn->exprs[e->b] : NULL;
    bool steps = by && by->kind == EXPR_CONST && fn->exprs[e->a].kind == EXPR_REG;

    c->up |= !(steps && ((e->op == OP_SUB && by->number >= 0) || (e->op == OP_ADD && by->number <= 0)));
    c->down |= !(steps && ((e->op == OP_ADD && by->number >= 0) || (e->op == OP_SUB && by->number <= 0)));
}

static struct counter counter_of(const struct function *fn, const struct loop *l, uint32_t reg)
{
    struct counter c = { .reg = reg };

    for (uint32_t b = 0; b < fn->block_count; b++)
        for (uint32_t i = 0; bit_test(l->body, b) && i < fn->blocks[b].instr_count; i++) {
            const struct instr *in = &fn->instrs[fn->blocks[b].first_instr + i];

            if (in->kind == INSTR_SET && in->dst == reg && reads_register(fn, in->a, reg))
                find_direction(fn, in->a, &c);
        }
    return c;
}

static bool loop_computes(const struct function *fn, const struct loop *l, const struct function_plan *p)
{
    for (uint32_t b = 0; b < fn->block_count; b++)
        for (uint32_t i = 0; bit_test(l->body, b) && i < fn->blocks[b].instr_count; i++) {
            uint32_t at = fn->blocks[b].first_instr + i;

            if (p->keep[at] && (fn->instrs[at].kind == INSTR_CALL || fn->instrs[at].kind == INSTR_OP))
                return false;
        }
    return true;
}

/* A register that a loop counts in, but does not end by. */
static void find_counters(const struct function *fn, const struct cfg *g, struct function_plan *p,
                          bool full, struct arena *arena)
{
    for (uint32_t l = 0; l < g->loop_count; l++) {
        const struct loop *loop = &g->loops[l];
        struct counter *counters = ARENA_ARRAY(arena, struct counter, fn->reg_count + 1);
        uint32_t n = 0;

        for (uint32_t r = 0; r < fn->reg_count; r++)
            if (!full && loop_counts(fn, loop, r) && !loop_ends_by(fn, loop, p, r) &&
                !loop_ends_along(fn, loop, p, r))
                counters[n++] = counter_of(fn, loop, r);
        counters[n].reg = FLOW_NONE;
        p->counters[loop->head] = counters;
        p->computes[loop->head] = loop_computes(fn, loop, p);
    }
}

/* while (*s) s++, for (i = 0; names[i]; i++): a loop that no counter ends goes on as
 * long as the elements say so. */
static void find_walks(const struct function *fn, const struct cfg *g, struct function_plan *p)
{
    for (uint32_t l = 0; l < g->loop_count; l++) {
        const struct loop *loop = &g->loops[l];

        for (uint32_t r = 0; r < fn->reg_count; r++) {
            if (!loop_counts(fn, loop, r) || loop_ends_by(fn, loop, p, r) || !loop_ends_along(fn, loop, p, r))
                continue;
            for (uint32_t e = 0; e < fn->expr_count; e++)
                p->walks[e] |= fn->exprs[e].kind == EXPR_LOAD && moves_with(fn, fn->exprs[e].a, r);
        }
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
    }
}

static void find_repeats(const struct function *fn, const struct cfg *g, struct function_plan *p)
{
    for (uint32_t l = 0; l < g->loop_count; l++)
        for (uint32_t b = 0; b < fn->block_count; b++)
            for (uint32_t i = 0; bit_test(g->loops[l].body, b) && i < fn->blocks[b].instr_count; i++)
                p->repeats[fn->blocks[b].first_instr + i] = true;
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

    p->range = ARENA_ARRAY(arena, bool, fn->instr_count);
    p->long_loop = ARENA_ARRAY(arena, uint8_t, fn->block_count);
    p->widen = ARENA_ARRAY(arena, uint32_t *, fn->block_count);
    p->repeats = ARENA_ARRAY(arena, bool, fn->instr_count);
    find_repeats(fn, g, p);
    p->pauses = ARENA_ARRAY(arena, bool, fn->block_count);
    find_pauses(fn, p);
    find_long_loops(flow, plan, f, g, arena);
    p->counters = ARENA_ARRAY(arena, struct counter *, fn->block_count);
    p->computes = ARENA_ARRAY(arena, bool, fn->block_count);
    find_counters(fn, g, p, full, arena);
    p->walks = ARENA_ARRAY(arena, bool, fn->expr_count);
    find_walks(fn, g, p);
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
    if (coarse.scale)
        scale_program(program, plan, coarse.long_count, arena);
    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached)
            find_stops(program, plan, f, arena);
    restarts_find(program, plan, arena);
    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached)
            plan_function(program, plan, f, &graphs[f], full, arena);
    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached)
            find_ranges(program, plan, f, &graphs[f]);
    tokens_make(program, plan, arena);
    return plan;
}
