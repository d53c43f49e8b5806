#include "unguarded.h"

#include "keys.h"

static enum flow_op op_of(const struct instr *in)
{
    return in->kind == INSTR_OP ? (enum flow_op)in->op : FLOW_OP_NONE;
}

static bool is_lock(enum flow_op op)
{
    return op == FLOW_LOCK || op == FLOW_TRYLOCK || op == FLOW_RDLOCK || op == FLOW_WRLOCK;
}

static bool is_unlock(enum flow_op op)
{
    return op == FLOW_UNLOCK || op == FLOW_RDUNLOCK || op == FLOW_WRUNLOCK;
}

/* Is a signal the next thing others can notice, from instruction `at` of block b on? */
static bool leads_to_signal(const struct function *fn, const struct function_plan *p, uint32_t b, uint32_t at,
                            bool *seen)
{
    const struct block *block = &fn->blocks[b];
    uint32_t room = 2 + block->case_count, to[room], n;

    for (; at < block->first_instr + block->instr_count; at++) {
        enum flow_op op = op_of(&fn->instrs[at]);

        if (p->keep[at] && (op == FLOW_COND_SIGNAL || op == FLOW_COND_BROADCAST))
            return true;
        if (p->keep[at] && (op != FLOW_OP_NONE || fn->instrs[at].kind == INSTR_CALL))
            return false;
    }
    n = plan_successors(fn, p, b, to, room);
    for (uint32_t i = 0; i < n; i++) {
        if (seen[to[i]])
            continue;
        seen[to[i]] = true;
        if (leads_to_signal(fn, p, to[i], fn->blocks[to[i]].first_instr, seen))
            return true;
    }
    return false;
}

static bool is_shared(const struct function *fn, const struct instr *in)
{
    return in->kind == INSTR_STORE && keys_root_slot(fn, in->a) == FLOW_NONE;
}

/* Walk on from an instruction that is reached with no lock held, until one is. */
static void walk(const struct function *fn, struct function_plan *p, uint32_t b, uint32_t at, bool *seen,
                 struct arena *arena)
{
    const struct block *block = &fn->blocks[b];
    uint32_t room = 2 + block->case_count, to[room], n;

    for (; at < block->first_instr + block->instr_count; at++) {
        if (!p->keep[at])
            continue;
        if (is_lock(op_of(&fn->instrs[at])))
            return;
        if (is_shared(fn, &fn->instrs[at]) &&
            leads_to_signal(fn, p, b, at + 1, ARENA_ARRAY(arena, bool, fn->block_count)))
            p->stops[at] = true;
    }
    n = plan_successors(fn, p, b, to, room);
    for (uint32_t i = 0; i < n; i++)
        if (!seen[to[i]]) {
            seen[to[i]] = true;
            walk(fn, p, to[i], fn->blocks[to[i]].first_instr, seen, arena);
        }
}

static bool signals(const struct function *fn)
{
    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (op_of(&fn->instrs[i]) == FLOW_COND_SIGNAL || op_of(&fn->instrs[i]) == FLOW_COND_BROADCAST)
            return true;
    return false;
}

void unguarded_stores(const struct function *fn, struct function_plan *p, struct arena *arena)
{
    bool *seen;

    if (!signals(fn))
        return;
    seen = ARENA_ARRAY(arena, bool, fn->block_count);
    walk(fn, p, 0, fn->blocks[0].first_instr, seen, arena);
    for (uint32_t b = 0; b < fn->block_count; b++)
        for (uint32_t i = 0; i < fn->blocks[b].instr_count; i++)
            if (is_unlock(op_of(&fn->instrs[fn->blocks[b].first_instr + i])))
                walk(fn, p, b, fn->blocks[b].first_instr + i + 1, seen, arena);
}
