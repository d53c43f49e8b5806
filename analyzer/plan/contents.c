#include "contents.h"

#include "payload.h"

#include <string.h>

/* Sets are of slots whose contents are read later: backwards, as for registers. */
struct contents {
    const struct flow     *flow;
    const struct plan     *all;
    const struct function *fn;
    struct function_plan  *plan;
    uint32_t               words;
    bits_word            **in;      /* per block */
};

/* ---- what is read ---------------------------------------------------------------- */

static void read_slot(const struct contents *c, uint32_t address, bits_word *set)
{
    uint32_t slot = payload_slot(c->fn, address);

    if (slot != FLOW_NONE)
        bit_set(set, slot);
}

static void read_expr(const struct contents *c, uint32_t expr, bits_word *set)
{
    const struct expr *e;

    if (expr == FLOW_NONE)
        return;
    e = &c->fn->exprs[expr];
    switch ((enum expr_kind)e->kind) {
    case EXPR_LOAD:
        read_slot(c, e->a, set);
        read_expr(c, e->a, set);
        break;
    case EXPR_BINARY: case EXPR_INDEX:
        read_expr(c, e->a, set);
        read_expr(c, e->b, set);
        break;
    case EXPR_UNARY: case EXPR_CAST:
        read_expr(c, e->a, set);
        break;
    case EXPR_CONST: case EXPR_REG: case EXPR_SLOT: case EXPR_GLOBAL: case EXPR_STRING: case EXPR_UNKNOWN:
        break;
    }
}

/* What is sent may be silent (payload.h), but a pointer may lend what it points at all the same. */
static bool is_sent(const struct contents *c, bool silent)
{
    return !silent || c->all->lends;
}

static void read_cases(const struct contents *c, const struct select_cases *cases, bits_word *set)
{
    for (uint32_t i = 0; i < cases->count; i++)
        if ((cases->aspects[i] & ASPECT_PUT) && cases->value[i] < c->fn->expr_count &&
            is_sent(c, cases->silent >> i & 1))
            read_slot(c, cases->value[i], set);
}

static bool is_send(enum flow_op op)
{
    return op == FLOW_SEND || op == FLOW_SEND_SIZED || op == FLOW_TRY_SEND;
}

static void read_instr(const struct contents *c, uint32_t at, bits_word *set)
{
    const struct instr *in = &c->fn->instrs[at];

    if (in->kind != INSTR_OP && in->kind != INSTR_DECL && in->kind != INSTR_HAVOC &&
        (in->kind != INSTR_CALL || in->symbol == FLOW_NONE))
        read_expr(c, in->a, set);
    if (in->kind == INSTR_STORE || in->kind == INSTR_COPY)
        read_expr(c, in->b, set);
    if (in->kind == INSTR_COPY)
        read_slot(c, in->b, set);
    if (in->kind == INSTR_CALL || in->kind == INSTR_OP)
        read_expr(c, in->dst_address, set);
    for (uint32_t i = 0; i < in->arg_count; i++)
        read_expr(c, c->fn->args[in->first_arg + i], set);
    if (in->kind == INSTR_OP && is_send(in->op) && in->arg_count > 1 && is_sent(c, c->plan->silent && c->plan->silent[at]))
        read_slot(c, c->fn->args[in->first_arg + 1], set);
    if (in->kind == INSTR_OP && c->plan->cases[at])
        read_cases(c, c->plan->cases[at], set);
}

/* ---- what is overwritten ----------------------------------------------------------- */

/* size bytes are written at the address. */
static void overwrite(const struct contents *c, uint32_t address, uint32_t size, bits_word *set)
{
    const struct expr *e = &c->fn->exprs[address];

    if (e->kind == EXPR_SLOT && size >= c->fn->slots[e->index].size)
        set[e->index / 64] &= ~((bits_word)1 << (e->index % 64));
}

static void overwrite_instr(const struct contents *c, uint32_t at, bits_word *set)
{
    const struct instr *in = &c->fn->instrs[at];

    switch ((enum instr_kind)in->kind) {
    case INSTR_STORE:
        overwrite(c, in->a, scalar_size(in->type), set);
        break;
    case INSTR_COPY: case INSTR_ZERO:
        overwrite(c, in->a, in->size, set);
        break;
    case INSTR_DECL:
        set[in->slot / 64] &= ~((bits_word)1 << (in->slot % 64));
        break;
    case INSTR_OP:
        if (in->op == FLOW_RECV && in->arg_count > 1 && !(c->plan->silent && c->plan->silent[at]))
            overwrite(c, c->fn->args[in->first_arg + 1], c->all->element_size[c->plan->token[at]], set);
        break;
    case INSTR_SET: case INSTR_CALL: case INSTR_HAVOC:
        break;
    }
}

/* ---- what a select received ---------------------------------------------------------- */

static uint32_t stripped(const struct contents *c, uint32_t expr)
{
    while (c->fn->exprs[expr].kind == EXPR_CAST)
        expr = c->fn->exprs[expr].a;
    return expr;
}

/* The number that register `reg` has for sure when block b goes to `to` by its condition; -1: none. */
static int64_t number_towards(const struct contents *c, const struct block *b, uint32_t to, uint32_t reg, bool two)
{
    const struct expr *e = &c->fn->exprs[stripped(c, b->cond)], *other;
    bool then = to == b->then_block, equal = false;
    int64_t number = 0;

    if (b->then_block == b->else_block)
        return -1;
    if (e->kind == EXPR_BINARY && (e->op == OP_EQ || e->op == OP_NE)) {
        other = &c->fn->exprs[stripped(c, e->b)];
        if (other->kind != EXPR_CONST)
            return -1;
        number = other->number;
        equal = e->op == OP_EQ;
        e = &c->fn->exprs[stripped(c, e->a)];
    }
    if (e->kind != EXPR_REG || e->index != reg)
        return -1;
    if (then == equal)
        return number;
    return two && (number == 0 || number == 1) ? 1 - number : -1;
}

/* The same of a switch: the case that alone leads there. */
static int64_t case_towards(const struct contents *c, const struct block *b, uint32_t to, uint32_t reg)
{
    const struct expr *e = &c->fn->exprs[stripped(c, b->cond)];
    int64_t number = -1;

    if (e->kind != EXPR_REG || e->index != reg || b->else_block == to)
        return -1;
    for (uint32_t i = 0; i < b->case_count; i++) {
        const struct switch_case *k = &c->fn->cases[b->first_case + i];

        if (k->block != to)
            continue;
        if (k->low != k->high || number >= 0)
            return -1;
        number = k->low;
    }
    return number;
}

/* Block b ends in a select and goes where its case leads: what that received has been overwritten. */
static void overwrite_towards(const struct contents *c, const struct block *b, uint32_t to, bits_word *set)
{
    uint32_t at = b->first_instr + b->instr_count - 1;
    const struct instr *in = &c->fn->instrs[at];
    const struct select_cases *cases;
    int64_t number = -1;

    if (b->instr_count == 0 || in->kind != INSTR_OP || in->dst == FLOW_NONE || b->cond == FLOW_NONE)
        return;
    cases = c->plan->cases[at];
    if (!cases || !c->plan->keep[at])
        return;
    if (b->term == TERM_BRANCH)
        number = number_towards(c, b, to, in->dst, cases->count == 2 && in->op == FLOW_SELECT);
    else if (b->term == TERM_SWITCH)
        number = case_towards(c, b, to, in->dst);
    if (number >= 0 && number < cases->count && (cases->aspects[number] & ASPECT_TAKE) &&
        !(cases->silent >> number & 1) && cases->value[number] < c->fn->expr_count)
        overwrite(c, cases->value[number], c->all->element_size[cases->token[number]], set);
}

/* ---- the whole ------------------------------------------------------------------------ */

static void block_out(const struct contents *c, uint32_t b, bits_word *set, bits_word *edge)
{
    const struct block *block = &c->fn->blocks[b];
    uint32_t room = 2 + block->case_count, to[room];
    uint32_t n = plan_successors(c->fn, c->plan, b, to, room);

    memset(set, 0, c->words * sizeof *set);
    for (uint32_t i = 0; i < n; i++) {
        memcpy(edge, c->in[to[i]], c->words * sizeof *edge);
        if (c->plan->decides[b] && c->plan->skip_to[b] == FLOW_NONE)
            overwrite_towards(c, block, to[i], edge);
        for (uint32_t w = 0; w < c->words; w++)
            set[w] |= edge[w];
    }
    if (c->plan->decides[b])
        read_expr(c, block->cond, set);
}

static void step_back(const struct contents *c, uint32_t at, bits_word *set)
{
    if (!c->plan->keep[at])
        return;
    overwrite_instr(c, at, set);
    read_instr(c, at, set);
}

static bool block_in(struct contents *c, uint32_t b, bits_word *set, bits_word *edge)
{
    const struct block *block = &c->fn->blocks[b];

    block_out(c, b, set, edge);
    for (uint32_t i = block->instr_count; i-- > 0;)
        step_back(c, block->first_instr + i, set);
    if (memcmp(set, c->in[b], c->words * sizeof *set) == 0)
        return false;
    memcpy(c->in[b], set, c->words * sizeof *set);
    return true;
}

/* Those confined that are not in the set; NULL: none. */
static bits_word *stale(const struct contents *c, const bits_word *set, struct arena *arena)
{
    bits_word *left = NULL;

    for (uint32_t s = 0; s < c->fn->slot_count; s++)
        if (c->plan->confined[s] && !bit_test(set, s)) {
            if (!left)
                left = ARENA_ARRAY(arena, bits_word, c->words);
            bit_set(left, s);
        }
    return left;
}

static void record(const struct contents *c, uint32_t b, bits_word *set, bits_word *edge, struct arena *arena)
{
    const struct block *block = &c->fn->blocks[b];

    block_out(c, b, set, edge);
    for (uint32_t i = block->instr_count; i-- > 0;) {
        uint32_t at = block->first_instr + i;
        bool is_call = c->fn->instrs[at].kind == INSTR_CALL;

        if (is_call && c->plan->keep[at])       /* what it is called with is there by then */
            c->plan->stale[at] = stale(c, set, arena);
        step_back(c, at, set);
        if ((c->plan->stops[at] && c->plan->keep[at] && !is_call) || (i == 0 && c->plan->pauses[b]))
            c->plan->stale[at] = stale(c, set, arena);
    }
}

void contents_make(const struct flow *program, struct plan *plan, struct arena *arena)
{
    for (uint32_t f = 0; f < program->function_count; f++) {
        const struct function *fn = &program->functions[f];
        struct contents c = { .flow = program, .all = plan, .fn = fn, .plan = &plan->functions[f],
                              .words = fn->slot_count / 64 + 1 };
        bits_word *set, *edge;
        bool changed = true;

        if (!c.plan->reached || !c.plan->confined)
            continue;
        set = ARENA_ARRAY(arena, bits_word, c.words);
        edge = ARENA_ARRAY(arena, bits_word, c.words);
        c.in = ARENA_ARRAY(arena, bits_word *, fn->block_count);
        for (uint32_t b = 0; b < fn->block_count; b++)
            c.in[b] = ARENA_ARRAY(arena, bits_word, c.words);
        while (changed) {
            changed = false;
            for (uint32_t b = fn->block_count; b-- > 0;)
                changed |= block_in(&c, b, set, edge);
        }
        c.plan->stale = ARENA_ARRAY(arena, bits_word *, fn->instr_count);
        for (uint32_t b = 0; b < fn->block_count; b++)
            record(&c, b, set, edge, arena);
    }
}
