#include "sleeps.h"

static bool loop_stops_elsewhere(const struct function *fn, const struct loop *l, const struct function_plan *p,
                                 uint32_t except)
{
    for (uint32_t b = 0; b < fn->block_count; b++)
        for (uint32_t i = 0; bit_test(l->body, b) && i < fn->blocks[b].instr_count; i++) {
            uint32_t at = fn->blocks[b].first_instr + i;

            if (at != except && p->keep[at] && p->stops[at])
                return true;
        }
    return false;
}

/* Whoever looks at memory right after a sleep wants others to have run: is there
 * a condition on memory between instruction `at` of block b and the next stop? */
static bool looks_around(const struct function *fn, const struct function_plan *p, uint32_t b, uint32_t at,
                         bool *seen)
{
    const struct block *block = &fn->blocks[b];
    uint32_t room = 2 + block->case_count, to[room], n;

    for (; at < block->first_instr + block->instr_count; at++)
        if (p->keep[at] && (p->stops[at] || fn->instrs[at].kind == INSTR_CALL))
            return false;
    if (p->skip_to[b] == FLOW_NONE && (block->term == TERM_BRANCH || block->term == TERM_SWITCH) &&
        expr_reads_memory(fn, block->cond))
        return true;
    n = plan_successors(fn, p, b, to, room);
    for (uint32_t i = 0; i < n; i++) {
        if (seen[to[i]])
            continue;
        seen[to[i]] = true;
        if (looks_around(fn, p, to[i], fn->blocks[to[i]].first_instr, seen))
            return true;
    }
    return false;
}

void sleeps_relax(const struct function *fn, const struct cfg *g, struct function_plan *p, struct arena *arena)
{
    for (uint32_t b = 0; b < fn->block_count; b++)
        for (uint32_t i = 0; i < fn->blocks[b].instr_count; i++) {
            uint32_t at = fn->blocks[b].first_instr + i;
            const struct instr *in = &fn->instrs[at];
            bool only = false;

            if (in->kind != INSTR_OP || (in->op != FLOW_SLEEP && in->op != FLOW_YIELD))
                continue;
            for (uint32_t l = 0; l < g->loop_count; l++)
                only |= bit_test(g->loops[l].body, b) && !loop_stops_elsewhere(fn, &g->loops[l], p, at);
            p->stops[at] = only || looks_around(fn, p, b, at + 1, ARENA_ARRAY(arena, bool, fn->block_count));
        }
}
