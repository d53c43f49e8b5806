#include "loops.h"

#include "cases.h"

/* ---- loops that a receive ends ------------------------------------------------- */

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

void loops_ranges(const struct flow *flow, struct plan *plan, uint32_t f, const struct cfg *g)
{
    enum { WRAPPERS = 4 };

    for (uint32_t l = 0; l < g->loop_count; l++)
        for (uint32_t b = 0; b < g->block_count; b++)
            if (leaves_loop(&flow->functions[f], &g->loops[l], b))
                mark_range(flow, plan, f, b, WRAPPERS);
}

/* ---- loops that count -------------------------------------------------------------- */

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

/* Not counting what it leads to. */
static bool reads_register(const struct function *fn, uint32_t expr, uint32_t reg)
{
    const struct expr *e = &fn->exprs[expr];

    if (e->kind == EXPR_LOAD)
        return false;
    return (e->kind == EXPR_REG && e->index == reg) || (expr_operands(e) > 0 && reads_register(fn, e->a, reg)) ||
           (expr_operands(e) > 1 && reads_register(fn, e->b, reg));
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
    bool steps = by && by->kind == EXPR_CONST &&
                 (fn->exprs[e->a].kind == EXPR_REG || fn->exprs[e->a].kind == EXPR_LOAD);

    c->up |= !(steps && ((e->op == OP_SUB && by->number >= 0) || (e->op == OP_ADD && by->number <= 0)));
    c->down |= !(steps && ((e->op == OP_ADD && by->number >= 0) || (e->op == OP_SUB && by->number <= 0)));
}

/* reg = what + n, where `what` is reg before it is counted, as i++ has it. FLOW_NONE: it is no such thing. */
static uint32_t counted_copy(const struct function *fn, const struct block *b, uint32_t at, uint32_t reg)
{
    const struct instr *in = &fn->instrs[at];

    if (in->kind != INSTR_SET || in->dst != reg)
        return FLOW_NONE;
    for (uint32_t i = at; i-- > b->first_instr;)
        if (fn->instrs[i].kind == INSTR_SET && is_copy(fn, &fn->instrs[i], reg) &&
            reads_register(fn, in->a, fn->instrs[i].dst))
            return fn->instrs[i].dst;
    return FLOW_NONE;
}

/* What the loop counts in reg; false: nothing, or it goes along an array whose contents end it. One that may end the
 * loop need not: tries-- != 0 that begins at -1, all < 0 || i < all. */
static bool counter_of(const struct function *fn, const struct loop *l, const struct function_plan *p, uint32_t reg,
                       struct counter *c)
{
    bool counts = false;

    if (loop_ends_along(fn, l, p, reg))
        return false;
    *c = (struct counter){ .at = reg, .ends = loop_ends_by(fn, l, p, reg) };
    for (uint32_t b = 0; b < fn->block_count; b++)
        for (uint32_t i = 0; bit_test(l->body, b) && i < fn->blocks[b].instr_count; i++) {
            uint32_t at = fn->blocks[b].first_instr + i, copy = counted_copy(fn, &fn->blocks[b], at, reg);
            const struct instr *in = &fn->instrs[at];

            if (copy != FLOW_NONE && loop_ends_along(fn, l, p, copy))
                return false;
            if (copy == FLOW_NONE && !(in->kind == INSTR_SET && in->dst == reg && reads_register(fn, in->a, reg)))
                continue;
            c->ends |= copy != FLOW_NONE;
            counts = true;
            find_direction(fn, in->a, c);
        }
    return counts;
}

/* ---- counters in slots ------------------------------------------------------------------ */

/* What is sent has its address taken, and lives in a slot: a generator counts there. */

static bool reads_slot(const struct function *fn, uint32_t expr, uint32_t slot)
{
    const struct expr *e = &fn->exprs[expr];

    if (e->kind == EXPR_LOAD && fn->exprs[e->a].kind == EXPR_SLOT && fn->exprs[e->a].index == slot)
        return true;
    return (expr_operands(e) > 0 && reads_slot(fn, e->a, slot)) ||
           (expr_operands(e) > 1 && reads_slot(fn, e->b, slot));
}

/* Is the address of the slot part of what expr evaluates to? */
static bool hands_slot(const struct function *fn, uint32_t expr, uint32_t slot)
{
    const struct expr *e;

    if (expr == FLOW_NONE)
        return false;
    e = &fn->exprs[expr];
    if (e->kind == EXPR_LOAD && fn->exprs[e->a].kind == EXPR_SLOT)
        return false;
    return (e->kind == EXPR_SLOT && e->index == slot) || (expr_operands(e) > 0 && hands_slot(fn, e->a, slot)) ||
           (expr_operands(e) > 1 && hands_slot(fn, e->b, slot));
}

/* Does the instruction do more with the address of the slot than write there, or send what is there? */
static bool lets_go(const struct function *fn, const struct instr *in, uint32_t slot)
{
    bool sends = in->kind == INSTR_OP && (in->op == FLOW_SEND || in->op == FLOW_SEND_SIZED || in->op == FLOW_TRY_SEND);
    bool writes = in->kind == INSTR_STORE && fn->exprs[in->a].kind == EXPR_SLOT;

    for (uint32_t i = 0; i < in->arg_count; i++)
        if (!(sends && i == 1) && hands_slot(fn, fn->args[in->first_arg + i], slot))
            return true;
    return (!writes && hands_slot(fn, in->a, slot)) || hands_slot(fn, in->dst_address, slot) ||
           (hands_slot(fn, in->b, slot) && !(in->kind == INSTR_STORE && cases_fill(fn, in)));
}

static bool is_kept(const struct function *fn, uint32_t slot)
{
    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (lets_go(fn, &fn->instrs[i], slot))
            return false;
    for (uint32_t b = 0; b < fn->block_count; b++)
        if (hands_slot(fn, fn->blocks[b].cond, slot))
            return false;
    return true;
}

/* A variable of the function's own that the loop advances. */
static bool counts_in_slot(const struct function *fn, const struct loop *l, const struct function_plan *p,
                           uint32_t slot, struct counter *c)
{
    bool counts = false;

    *c = (struct counter){ .at = slot, .in_slot = true };
    for (uint32_t b = 0; b < fn->block_count; b++) {
        c->ends |= leaves_loop(fn, l, b) && p->decides[b] && reads_slot(fn, fn->blocks[b].cond, slot);
        for (uint32_t i = 0; bit_test(l->body, b) && i < fn->blocks[b].instr_count; i++) {
            const struct instr *in = &fn->instrs[fn->blocks[b].first_instr + i];

            if (in->kind == INSTR_STORE && fn->exprs[in->a].kind == EXPR_SLOT && fn->exprs[in->a].index == slot &&
                reads_slot(fn, in->b, slot)) {
                counts = true;
                find_direction(fn, in->b, c);
            }
        }
    }
    return counts && is_kept(fn, slot);
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

/* Registers and slots that a loop counts in. */
static void find_counters(const struct function *fn, const struct cfg *g, struct function_plan *p,
                          bool full, struct arena *arena)
{
    for (uint32_t l = 0; l < g->loop_count; l++) {
        const struct loop *loop = &g->loops[l];
        struct counter *counters = ARENA_ARRAY(arena, struct counter, fn->reg_count + fn->slot_count + 1);
        uint32_t n = 0;

        for (uint32_t r = 0; r < fn->reg_count; r++)
            n += !full && counter_of(fn, loop, p, r, &counters[n]);
        for (uint32_t s = 0; s < fn->slot_count && !full; s++)
            n += counts_in_slot(fn, loop, p, s, &counters[n]);
        counters[n].at = FLOW_NONE;
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

static uint32_t block_count(const struct function *fn, const struct loop *l)
{
    uint32_t n = 0;

    for (uint32_t b = 0; b < fn->block_count; b++)
        n += bit_test(l->body, b);
    return n;
}

static void find_leaves(const struct function *fn, const struct cfg *g, struct function_plan *p, struct arena *arena)
{
    uint32_t *size = ARENA_ARRAY(arena, uint32_t, fn->block_count);

    for (uint32_t b = 0; b < fn->block_count; b++)
        p->leaves[b] = FLOW_NONE;
    for (uint32_t l = 0; l < g->loop_count; l++) {
        uint32_t n = block_count(fn, &g->loops[l]);

        for (uint32_t b = 0; b < fn->block_count; b++)
            if (leaves_loop(fn, &g->loops[l], b) && (p->leaves[b] == FLOW_NONE || n < size[b])) {
                p->leaves[b] = g->loops[l].head;
                size[b] = n;
            }
    }
}

static void find_repeats(const struct function *fn, const struct cfg *g, struct function_plan *p)
{
    for (uint32_t l = 0; l < g->loop_count; l++)
        for (uint32_t b = 0; b < fn->block_count; b++)
            for (uint32_t i = 0; bit_test(g->loops[l].body, b) && i < fn->blocks[b].instr_count; i++)
                p->repeats[fn->blocks[b].first_instr + i] = true;
}

void loops_function(const struct flow *flow, struct plan *plan, uint32_t f, const struct cfg *g, bool full,
                    struct arena *arena)
{
    const struct function *fn = &flow->functions[f];
    struct function_plan *p = &plan->functions[f];

    p->range = ARENA_ARRAY(arena, bool, fn->instr_count);
    p->long_loop = ARENA_ARRAY(arena, uint8_t, fn->block_count);
    p->widen = ARENA_ARRAY(arena, uint32_t *, fn->block_count);
    p->repeats = ARENA_ARRAY(arena, bool, fn->instr_count);
    p->counters = ARENA_ARRAY(arena, struct counter *, fn->block_count);
    p->computes = ARENA_ARRAY(arena, bool, fn->block_count);
    p->walks = ARENA_ARRAY(arena, bool, fn->expr_count);
    p->leaves = ARENA_ARRAY(arena, uint32_t, fn->block_count);
    find_leaves(fn, g, p, arena);
    find_repeats(fn, g, p);
    find_long_loops(flow, plan, f, g, arena);
    find_counters(fn, g, p, full, arena);
    find_walks(fn, g, p);
}
