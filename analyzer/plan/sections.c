#include "sections.h"

struct sections {
    const struct flow *flow;
    struct plan       *plan;
    bool              *busy;        /* per name (a string): some section of it holds something */
    bool             **matched;     /* per function and instruction: an unlock some section ends in */
};

static bool is_lock(const struct instr *in)
{
    return in->kind == INSTR_OP && (in->op == FLOW_LOCK || in->op == FLOW_RDLOCK || in->op == FLOW_WRLOCK);
}

static bool is_unlock(const struct instr *in)
{
    return in->kind == INSTR_OP &&
           (in->op == FLOW_UNLOCK || in->op == FLOW_RDUNLOCK || in->op == FLOW_WRUNLOCK);
}

static bool is_quiet(const struct instr *in)
{
    return in->kind == INSTR_SET || in->kind == INSTR_DECL || in->kind == INSTR_ZERO;
}

/* Walk from an instruction to the unlocks of `name`. False: something else is met first. */
static bool walk(struct sections *s, uint32_t f, uint32_t block, uint32_t instr, uint32_t name, bool *seen)
{
    const struct function *fn = &s->flow->functions[f];
    const struct function_plan *p = &s->plan->functions[f];
    const struct block *b = &fn->blocks[block];
    uint32_t room = 2 + b->case_count, to[room], n;

    for (; instr < b->first_instr + b->instr_count; instr++) {
        const struct instr *in = &fn->instrs[instr];

        if (!p->keep[instr] || is_quiet(in))
            continue;
        if (!is_unlock(in) || in->name != name)
            return false;
        s->matched[f][instr] = true;
        return true;
    }
    n = plan_successors(fn, p, block, to, room);
    if (n == 0 && b->term != TERM_UNREACHABLE)
        return false;               /* leaves with the lock held */
    for (uint32_t i = 0; i < n; i++) {
        if (seen[to[i]])
            continue;
        seen[to[i]] = true;
        if (!walk(s, f, to[i], fn->blocks[to[i]].first_instr, name, seen))
            return false;
    }
    return true;
}

/* Can an unlock of `name` be reached from the function's entry without its lock? */
static bool gives_back_first(struct sections *s, uint32_t f, uint32_t block, uint32_t name, bool *seen)
{
    const struct function *fn = &s->flow->functions[f];
    const struct block *b = &fn->blocks[block];
    uint32_t room = 2 + b->case_count, to[room], n;

    seen[block] = true;
    for (uint32_t i = b->first_instr; i < b->first_instr + b->instr_count; i++) {
        if (fn->instrs[i].name != name || !s->plan->functions[f].keep[i])
            continue;
        if (is_unlock(&fn->instrs[i]))
            return true;
        if (is_lock(&fn->instrs[i]))
            return false;
    }
    n = plan_successors(fn, &s->plan->functions[f], block, to, room);
    for (uint32_t i = 0; i < n; i++)
        if (!seen[to[i]] && gives_back_first(s, f, to[i], name, seen))
            return true;
    return false;
}

static void visit_function(struct sections *s, uint32_t f, struct arena *arena)
{
    const struct function *fn = &s->flow->functions[f];

    for (uint32_t b = 0; b < fn->block_count; b++)
        for (uint32_t i = 0; i < fn->blocks[b].instr_count; i++) {
            uint32_t at = fn->blocks[b].first_instr + i;
            const struct instr *in = &fn->instrs[at];

            if (!s->plan->functions[f].keep[at] || in->kind != INSTR_OP)
                continue;
            if (is_lock(in) && !walk(s, f, b, at + 1, in->name, ARENA_ARRAY(arena, bool, fn->block_count)))
                s->busy[in->name] = true;
            if (in->op == FLOW_TRYLOCK ||
                (is_unlock(in) && gives_back_first(s, f, 0, in->name, ARENA_ARRAY(arena, bool, fn->block_count))))
                s->busy[in->name] = true;
        }
}

static bool drop_function(const struct sections *s, uint32_t f)
{
    const struct function *fn = &s->flow->functions[f];
    struct function_plan *p = &s->plan->functions[f];
    bool dropped = false;

    for (uint32_t i = 0; i < fn->instr_count; i++)
        if ((is_lock(&fn->instrs[i]) || is_unlock(&fn->instrs[i])) && !s->busy[fn->instrs[i].name] &&
            !p->dropped[i])
            p->dropped[i] = dropped = true;
    return dropped;
}

bool sections_drop(const struct flow *program, struct plan *plan, struct arena *arena)
{
    struct sections s = { .flow = program, .plan = plan };
    bool dropped = false;

    s.busy = ARENA_ARRAY(arena, bool, program->string_count + 1);
    s.matched = ARENA_ARRAY(arena, bool *, program->function_count);
    for (uint32_t f = 0; f < program->function_count; f++) {
        s.matched[f] = ARENA_ARRAY(arena, bool, program->functions[f].instr_count);
        if (plan->functions[f].reached)
            visit_function(&s, f, arena);
    }
    for (uint32_t f = 0; f < program->function_count; f++)
        for (uint32_t i = 0; plan->functions[f].reached && i < program->functions[f].instr_count; i++)
            if (is_unlock(&program->functions[f].instrs[i]) && plan->functions[f].keep[i] && !s.matched[f][i])
                s.busy[program->functions[f].instrs[i].name] = true;
    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached)
            dropped |= drop_function(&s, f);
    return dropped;
}
