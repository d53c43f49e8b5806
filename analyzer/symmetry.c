#include "symmetry.h"

static uint64_t mix(uint64_t hash, uint64_t n)
{
    hash ^= n + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
    return hash * 0xff51afd7ed558ccdu;
}

/* What a value looks like without numbers that depend on the order. */
static uint64_t look_of(const struct machine *m, struct value v, unsigned depth)
{
    uint64_t hash;
    const struct object *o;

    v = value_resolve(m, v);
    hash = mix(v.kind, (uint64_t)v.n);
    if (v.kind == VALUE_FUNCTION)
        return mix(hash, v.id);
    if (v.kind != VALUE_ADDRESS && v.kind != VALUE_SOMEWHERE)
        return hash;
    o = &m->objects[v.id];
    hash = mix(hash, ((uint64_t)o->made.function << 32 | o->made.instr) ^ o->symbol);
    hash = mix(hash, o->length * 8u + o->closed * 4u + o->cancelled);
    for (uint32_t i = 0; depth && i < o->cell_count; i++)
        hash = mix(mix(hash, o->cells[i].offset), look_of(m, o->cells[i].value, depth - 1));
    return hash;
}

static uint64_t look_of_task(const struct machine *m, const struct task *t)
{
    uint64_t hash = mix(t->entry, (uint64_t)t->spawned.function << 32 | t->spawned.instr);

    hash = mix(hash, t->mark * 256u + t->phase * 2u + t->caller_gone);
    for (uint32_t i = 0; i < t->frame_count; i++) {
        const struct frame *f = &t->frames[i];
        const struct function *fn = &m->flow->functions[f->function];
        const bits_word *live = frame_live(m, f);

        hash = mix(mix(hash, f->function), f->instr);
        for (uint32_t r = 0; r < fn->reg_count; r++)
            if (!live || bit_test(live, r))
                hash = mix(hash, look_of(m, f->regs[r], 1));
        for (uint32_t k = 0; k < fn->slot_count; k++)
            if ((!live || bit_test(live, fn->reg_count + k)) && f->slots[k] != FLOW_NONE)
                hash = mix(hash, look_of(m, memory_address(f->slots[k], 0), 1));
    }
    return hash;
}

/* Tasks that look alike may still differ by whom they share their channels with:
 * each leaves its looks on the objects it leads to, and then looks at them (one
 * round of colour refinement, Weisfeiler and Leman 1968). */
static uint64_t leave_looks(struct machine *m, struct value v, uint64_t look, unsigned depth, bool leave)
{
    uint64_t seen = 0;
    struct object *o;

    v = value_resolve(m, v);
    if (v.kind != VALUE_ADDRESS)
        return 0;
    o = &m->objects[v.id];
    if (leave)
        o->looks += mix(look, depth);
    else
        seen = mix(o->looks, (uint64_t)v.n);
    for (uint32_t i = 0; depth && i < o->cell_count; i++)
        seen += mix(leave_looks(m, o->cells[i].value, look, depth - 1, leave), o->cells[i].offset);
    return seen;
}

static uint64_t walk_looks(struct machine *m, const struct task *t, bool leave)
{
    enum { DEPTH = 2 };
    uint64_t seen = t->order;

    for (uint32_t i = 0; i < t->frame_count; i++) {
        const struct frame *f = &t->frames[i];
        const struct function *fn = &m->flow->functions[f->function];
        const bits_word *live = frame_live(m, f);

        for (uint32_t r = 0; r < fn->reg_count; r++)
            if (!live || bit_test(live, r))
                seen = mix(seen, leave_looks(m, f->regs[r], t->order, DEPTH, leave));
    }
    return seen;
}

static bool some_look_alike(const struct machine *m)
{
    for (uint32_t i = 1; i < m->task_count; i++)
        for (uint32_t k = 1; k < i; k++)
            if (m->tasks[i].frame_count && m->tasks[k].frame_count && m->tasks[i].order == m->tasks[k].order)
                return true;
    return false;
}

static void refine_looks(struct machine *m)
{
    for (uint32_t i = 0; i < m->object_count; i++)
        m->objects[i].looks = 0;
    for (uint32_t i = 0; i < m->task_count; i++)
        walk_looks(m, &m->tasks[i], true);
    for (uint32_t i = 1; i < m->task_count; i++)
        m->tasks[i].order = walk_looks(m, &m->tasks[i], false);
}

uint32_t symmetry_order(struct machine *m, uint32_t *order)
{
    uint32_t n = 1;

    for (uint32_t i = 1; i < m->task_count; i++)
        if (m->tasks[i].frame_count)
            m->tasks[i].order = m->options->without & REDUCTION_SYMMETRY ? i : look_of_task(m, &m->tasks[i]);
    if (!(m->options->without & REDUCTION_SYMMETRY) && some_look_alike(m))
        refine_looks(m);
    order[0] = 0;
    for (uint32_t i = 1; i < m->task_count; i++) {
        uint32_t at = n;

        if (m->tasks[i].frame_count == 0)
            continue;
        for (; at > 1 && m->tasks[order[at - 1]].order > m->tasks[i].order; at--)
            order[at] = order[at - 1];
        order[at] = i;
        n++;
    }
    for (uint32_t i = 0; i < m->task_count; i++)
        m->tasks[i].order = 0;
    return n;
}
