#include "machine.h"

/* A loop that goes round on unknown conditions, without a stop, goes round a few times
 * only: the small-scope hypothesis. But one that looks something up in a table or a list that is
 * there goes to its end: each of its turns has its one way on, and the unknown
 * conditions only lead out of it. */

enum { WALK_MAX = 64 };         /* turns of such a loop: a list may be a ring */

struct turn {
    uint64_t was;               /* per block: what its branch, known, was about when it was last taken */
    uint16_t left;              /* per loop head: choices of this turn that were whether to leave, */
    uint16_t walked;            /* turns so far that went on along what is known, */
    bool     walks;             /* and whether this one does */
};

static struct turn *turns_of(struct machine *m, struct frame *f)
{
    if (!f->turn)
        f->turn = ARENA_ARRAY(m->arena, struct turn, m->flow->functions[f->function].block_count);
    return f->turn;
}

static uint64_t mix(uint64_t hash, uint64_t n)
{
    return (hash ^ n) * 0x9e3779b97f4a7c15u + 1;
}

/* 0: it is not known. */
static uint64_t known_hash(struct machine *m, const struct frame *f, uint32_t expr)
{
    struct value v = value_resolve(m, eval(m, f, expr));

    if (v.kind != VALUE_INT && v.kind != VALUE_ADDRESS && v.kind != VALUE_FUNCTION)
        return 0;
    return mix(mix(mix(1, v.kind), v.id), (uint64_t)v.n);
}

/* What a condition is about: the values it compares, or its own. 0: they are not known. */
static uint64_t condition_hash(struct machine *m, const struct frame *f, uint32_t cond)
{
    const struct expr *exprs = m->flow->functions[f->function].exprs, *e = &exprs[cond];
    uint64_t a, b;

    while (e->kind == EXPR_CAST || (e->kind == EXPR_UNARY && e->op == OP_NOT))
        e = &exprs[cond = e->a];
    if (e->kind != EXPR_BINARY)
        return known_hash(m, f, cond);
    a = known_hash(m, f, e->a);
    b = known_hash(m, f, e->b);
    return a && b ? mix(a, b) : 0;
}

void turns_branch(struct machine *m, struct frame *f, uint32_t choices)
{
    const struct block *b = &m->flow->functions[f->function].blocks[f->block];
    uint32_t head = m->plan->functions[f->function].leaves[f->block];
    struct turn *turn = head == FLOW_NONE ? NULL : turns_of(m, f);
    uint64_t about;

    if (!turn)
        return;
    turn[head].left += (uint16_t)choices;
    about = choices ? 0 : condition_hash(m, f, b->cond);
    if (about && about != turn[f->block].was)
        turn[head].walks = true;
    if (about)
        turn[f->block].was = about;
}

/* Has this turn gone on along what is known, and only chosen not to leave? */
static bool walked(struct machine *m, struct frame *f, uint32_t head, uint32_t choices)
{
    struct turn *turn = &turns_of(m, f)[head];
    bool on = turn->walks && turn->left == choices && turn->walked < WALK_MAX;

    turn->walked += on;
    turn->walks = false;
    turn->left = 0;
    return on;
}

bool turns_count(struct machine *m, struct frame *f, uint32_t head)
{
    uint32_t blocks = m->flow->functions[f->function].block_count;
    bool first, chose, on;

    if (!f->turns) {
        f->turns = ARENA_ARRAY(m->arena, uint16_t, blocks);
        f->turn_choice = ARENA_ARRAY(m->arena, uint16_t, blocks);
    }
    first = f->turn_choice[head] == 0;
    chose = m->choice_at + 1 > f->turn_choice[head];
    on = walked(m, f, head, m->choice_at + 1 - f->turn_choice[head]) && !first;
    f->turns[head] += (first ? m->choice_at > 0 : chose) && !on;
    f->turn_choice[head] = (uint16_t)(m->choice_at + 1);
    if (f->turns[head] > m->options->loop_bound + 1) {
        m->bounded = true;
        machine_prune(m);
    }
    return chose && !first;
}
