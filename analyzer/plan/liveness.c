#include "liveness.h"

#include "lending.h"

#include <string.h>

/* Variables of a function: its registers, then its slots. A slot is read where
 * it is mentioned at all; what its address was handed to is found by reachability. */
struct liveness {
    const struct flow     *flow;
    const struct function *fn;
    struct function_plan  *plan;
    uint32_t               words;
    bits_word            **in;      /* per block */
};

static void use_expr(const struct liveness *l, uint32_t expr, bits_word *set)
{
    const struct expr *e;

    if (expr == FLOW_NONE)
        return;
    e = &l->fn->exprs[expr];
    if (e->kind == EXPR_REG)
        bit_set(set, e->index);
    if (e->kind == EXPR_SLOT)
        bit_set(set, l->fn->reg_count + e->index);
    if (expr_operands(e) > 0)
        use_expr(l, e->a, set);
    if (expr_operands(e) > 1)
        use_expr(l, e->b, set);
}

static void kill(bits_word *set, uint32_t i)
{
    set[i / 64] &= ~((bits_word)1 << (i % 64));
}

static void step_back(const struct liveness *l, const struct instr *in, bits_word *set)
{
    if (in->kind == INSTR_SET || in->kind == INSTR_CALL || in->kind == INSTR_OP)
        if (in->dst != FLOW_NONE)
            kill(set, in->dst);
    if (in->kind == INSTR_DECL && !(l->plan->lent && l->plan->lent[in->slot]))
        kill(set, l->fn->reg_count + in->slot);
    if (in->kind == INSTR_SET || in->kind == INSTR_STORE || in->kind == INSTR_COPY ||
        in->kind == INSTR_ZERO || (in->kind == INSTR_CALL && in->symbol == FLOW_NONE))
        use_expr(l, in->a, set);
    if (in->kind == INSTR_STORE || in->kind == INSTR_COPY)
        use_expr(l, in->b, set);
    if (in->kind == INSTR_CALL || in->kind == INSTR_OP || in->kind == INSTR_HAVOC) {
        if (in->kind != INSTR_HAVOC)
            use_expr(l, in->dst_address, set);
        for (uint32_t i = 0; i < in->arg_count; i++)
            use_expr(l, l->fn->args[in->first_arg + i], set);
    }
}

/* What is looked at in passing, though it is not executed. */
static void use_touched(const struct liveness *l, uint32_t at, bits_word *set)
{
    uint32_t address[ACCESSES_MAX], n;

    if (!l->plan->touches || !l->plan->touches[at])
        return;
    n = lending_accesses(l->flow, l->fn, &l->fn->instrs[at], address);
    for (uint32_t i = 0; i < n; i++)
        use_expr(l, address[i], set);
}

static void use_touched_at_end(const struct liveness *l, uint32_t b, bits_word *set)
{
    uint32_t address[ACCESSES_MAX], n;

    if (!l->plan->ends_touch || !l->plan->ends_touch[b])
        return;
    n = lending_end_accesses(l->fn, &l->fn->blocks[b], address);
    for (uint32_t i = 0; i < n; i++)
        use_expr(l, address[i], set);
}

static void block_out(const struct liveness *l, uint32_t b, bits_word *set)
{
    const struct block *block = &l->fn->blocks[b];
    uint32_t room = 2 + block->case_count, to[room];
    uint32_t n = plan_successors(l->fn, l->plan, b, to, room);

    memset(set, 0, l->words * sizeof *set);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t w = 0; w < l->words; w++)
            set[w] |= l->in[to[i]][w];
    if (l->plan->decides[b])
        use_expr(l, block->cond, set);
    use_touched_at_end(l, b, set);
    for (uint32_t i = 0; l->plan->lent && n == 0 && i < l->fn->slot_count; i++)
        if (l->plan->lent[i])
            bit_set(set, l->fn->reg_count + i);
}

static bool block_in(struct liveness *l, uint32_t b, bits_word *set)
{
    const struct block *block = &l->fn->blocks[b];

    block_out(l, b, set);
    for (uint32_t i = block->instr_count; i-- > 0;) {
        if (l->plan->keep[block->first_instr + i])
            step_back(l, &l->fn->instrs[block->first_instr + i], set);
        use_touched(l, block->first_instr + i, set);
    }
    if (memcmp(set, l->in[b], l->words * sizeof *set) == 0)
        return false;
    memcpy(l->in[b], set, l->words * sizeof *set);
    return true;
}

static bits_word *copy_of(const struct liveness *l, const bits_word *set, struct arena *arena)
{
    return arena_grow(arena, set, l->words * sizeof *set, l->words * sizeof *set);
}

/* A call rests with its result still to come: what is read behind it, and where the result goes. */
static bits_word *live_during(const struct liveness *l, const struct instr *in, const bits_word *behind,
                              struct arena *arena)
{
    bits_word *set = copy_of(l, behind, arena);

    if (in->dst != FLOW_NONE)
        kill(set, in->dst);
    use_expr(l, in->dst_address, set);
    return set;
}

static void record(struct liveness *l, uint32_t b, bits_word *set, struct arena *arena)
{
    const struct block *block = &l->fn->blocks[b];

    block_out(l, b, set);
    for (uint32_t i = block->instr_count; i-- > 0;) {
        uint32_t at = block->first_instr + i;
        const struct instr *in = &l->fn->instrs[at];

        if (!l->plan->keep[at]) {
            use_touched(l, at, set);
            continue;
        }
        if (in->kind == INSTR_CALL)
            l->plan->live[at] = live_during(l, in, set, arena);
        step_back(l, in, set);
        use_touched(l, at, set);
        if (l->plan->stops[at])
            l->plan->live[at] = copy_of(l, set, arena);
    }
    if (l->plan->pauses[b])
        l->plan->live[block->first_instr] = copy_of(l, set, arena);
}

void liveness_function(const struct flow *program, struct plan *plan, uint32_t f, struct arena *arena)
{
    const struct function *fn = &program->functions[f];
    struct liveness l = { .flow = program, .fn = fn, .plan = &plan->functions[f],
                          .words = (fn->reg_count + fn->slot_count) / 64 + 1 };
    bits_word *set = ARENA_ARRAY(arena, bits_word, l.words);
    bool changed = true;

    l.in = ARENA_ARRAY(arena, bits_word *, fn->block_count);
    for (uint32_t b = 0; b < fn->block_count; b++)
        l.in[b] = ARENA_ARRAY(arena, bits_word, l.words);
    while (changed) {
        changed = false;
        for (uint32_t b = fn->block_count; b-- > 0;)
            changed |= block_in(&l, b, set);
    }
    l.plan->live = ARENA_ARRAY(arena, bits_word *, fn->instr_count);
    for (uint32_t b = 0; b < fn->block_count; b++)
        record(&l, b, set, arena);
}
