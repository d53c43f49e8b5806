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

/* ---- who shares what with whom ------------------------------------------------------ */

/* Tasks that look alike may still differ by what they share with whom: the third channel of an
 * array is not the first. Tasks and the objects they lead to are a graph, its arrows labelled with the
 * register, slot or offset they start from; each takes on the colours at the other ends of
 * its arrows, round by round (colour refinement: Weisfeiler and Leman, 1968). Of those
 * that still have one colour, one is set apart and the others follow (McKay, "Practical
 * Graph Isomorphism", 1981): which one makes no difference where they are permutable. */
struct graph {
    struct machine *m;
    uint64_t *colour, *next;        /* of tasks, then objects, then unknowns */
    uint32_t  tasks, unknowns, nodes;   /* where the unknowns begin; how many in all */
    struct arrow {
        uint32_t from, to;
        uint64_t label;
    } *arrows;
    uint32_t  arrow_count, arrow_capacity;
    bool     *met;                  /* per node */
    uint32_t *todo, todo_count;     /* objects and unknowns */
};

static void graph_lead(struct graph *g, uint32_t from, uint32_t to, uint64_t label)
{
    ARENA_PUSH(g->m->arena, g->arrows, g->arrow_count, g->arrow_capacity) = (struct arrow){ from, to, label };
    if (g->met[to])
        return;
    g->met[to] = true;
    g->todo[g->todo_count++] = to;
}

static void graph_lead_to_object(struct graph *g, uint32_t from, uint32_t object, uint64_t label)
{
    if (object != FLOW_NONE)
        graph_lead(g, from, g->tasks + object, label);
}

static void graph_value(struct graph *g, uint32_t from, struct value v, uint64_t label)
{
    v = value_resolve(g->m, v);
    if (v.kind == VALUE_ADDRESS || v.kind == VALUE_SOMEWHERE)
        graph_lead(g, from, g->tasks + v.id, mix(label, (uint64_t)v.n));
    if (v.kind == VALUE_UNKNOWN)
        graph_lead(g, from, g->unknowns + v.id, mix(label, (uint64_t)v.n));
}

static void graph_task(struct graph *g, uint32_t task)
{
    const struct machine *m = g->m;
    const struct task *t = &m->tasks[task];

    for (uint32_t i = 0; i < t->frame_count; i++) {
        const struct frame *f = &t->frames[i];
        const struct function *fn = &m->flow->functions[f->function];
        const bits_word *live = frame_live(m, f);
        uint64_t base = (uint64_t)(i + 1) << 32;

        for (uint32_t r = 0; r < fn->reg_count; r++)
            if (!live || bit_test(live, r))
                graph_value(g, task, f->regs[r], base + r);
        for (uint32_t k = 0; k < fn->slot_count; k++)
            if (!live || bit_test(live, fn->reg_count + k))
                graph_lead_to_object(g, task, f->slots[k], base + fn->reg_count + k);
    }
}

static uint64_t graph_object(struct graph *g, uint32_t node)
{
    const struct object *o = &g->m->objects[node - g->tasks];
    uint64_t hash = mix(o->store, (uint64_t)o->made.function << 32 | o->made.instr);

    hash = mix(hash, o->symbol);
    for (uint32_t i = 0; i < o->cell_count; i++) {
        struct value v = value_resolve(g->m, o->cells[i].value);

        graph_value(g, node, v, o->cells[i].offset);
        if (v.kind == VALUE_INT)
            hash = mix(mix(hash, o->cells[i].offset), (uint64_t)v.n);
    }
    graph_lead_to_object(g, node, o->link, UINT32_MAX);
    graph_lead_to_object(g, node, o->parent, UINT32_MAX - 1u);
    hash = mix(hash, o->length * 8u + o->closed * 4u + o->cancelled);
    return mix(hash, o->refs * 8u + o->spent * 4u + o->external * 2u + o->released);
}

static uint64_t graph_unknown(struct graph *g, uint32_t node)
{
    const struct unknown *u = &g->m->unknowns[node - g->unknowns];

    if (u->origin != UNKNOWN_FRESH) {
        graph_value(g, node, u->a, 0);
        graph_value(g, node, u->b, 1);
    }
    return mix(mix(u->origin * 256u + u->op, (uint64_t)u->low), (uint64_t)u->high);
}

static void graph_make(struct graph *g)
{
    struct machine *m = g->m;

    g->tasks = m->task_count;
    g->unknowns = g->tasks + m->object_count;
    g->nodes = g->unknowns + m->unknown_count;
    g->colour = ARENA_ARRAY(m->arena, uint64_t, g->nodes);
    g->next = ARENA_ARRAY(m->arena, uint64_t, g->nodes);
    g->met = ARENA_ARRAY(m->arena, bool, g->nodes);
    g->todo = ARENA_ARRAY(m->arena, uint32_t, g->nodes);
    for (uint32_t t = 0; t < m->task_count; t++) {
        g->colour[t] = t ? m->tasks[t].order : 0;
        graph_task(g, t);
    }
    for (uint32_t i = 0; i < g->todo_count; i++)
        g->colour[g->todo[i]] = g->todo[i] < g->unknowns ? graph_object(g, g->todo[i])
                                                         : graph_unknown(g, g->todo[i]);
    for (uint32_t i = 0; i < m->flow->global_count; i++)
        if (m->globals[i] != FLOW_NONE)
            g->colour[g->tasks + m->globals[i]] += i + 1u;
}

/* A round takes colours one arrow further: from an array to its element, from there to the variable that
 * holds it, to the task. */
static void graph_refine(struct graph *g)
{
    enum { ROUNDS = 4 };

    for (unsigned round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < g->nodes; i++)
            g->next[i] = mix(g->colour[i], round);
        for (uint32_t i = 0; i < g->arrow_count; i++) {
            const struct arrow *a = &g->arrows[i];

            g->next[a->to] += mix(g->colour[a->from], a->label);
            g->next[a->from] += mix(a->label, g->colour[a->to]);
        }
        uint64_t *colour = g->colour;
        g->colour = g->next;
        g->next = colour;
    }
}

/* How many tasks have a colour that others have too; first: one of those not `settled`, of the least
 * colour, whatever numbers the tasks have; or NONE. */
static uint32_t tied_tasks(const struct graph *g, const bool *settled, uint32_t *first)
{
    const struct task *tasks = g->m->tasks;
    uint32_t count = 0;

    *first = FLOW_NONE;
    for (uint32_t i = 1; i < g->tasks; i++)
        for (uint32_t k = 1; k < g->tasks && tasks[i].frame_count; k++)
            if (k != i && tasks[k].frame_count && g->colour[i] == g->colour[k]) {
                count++;
                if (!settled[i] && (*first == FLOW_NONE || g->colour[i] < g->colour[*first]))
                    *first = i;
                break;
            }
    return count;
}

/* Setting one apart told no others apart: those of its colour can stand in any order. */
static void settle(const struct graph *g, uint32_t task, bool *settled)
{
    for (uint32_t i = 1; i < g->tasks; i++)
        settled[i] |= g->colour[i] == g->colour[task];
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
    struct graph g = { .m = m };
    bool *settled = ARENA_ARRAY(m->arena, bool, m->task_count);
    uint32_t first, ties, left;

    graph_make(&g);
    graph_refine(&g);
    ties = tied_tasks(&g, settled, &first);
    for (uint64_t apart = 1; first != FLOW_NONE; apart++, ties = left) {
        uint32_t other = first, next;

        while (g.colour[++other] != g.colour[first] || !m->tasks[other].frame_count)
            ;
        g.colour[first] = mix(g.colour[first], apart);
        graph_refine(&g);
        left = tied_tasks(&g, settled, &next);
        if (left + 1 >= ties) {
            settle(&g, other, settled);
            tied_tasks(&g, settled, &next);
        }
        first = next;
    }
    for (uint32_t i = 1; i < m->task_count; i++)
        m->tasks[i].order = g.colour[i];
}

/* One that has returned is remembered while it may have touched too late what it was lent. */
static bool is_remembered(const struct task *t)
{
    return t->frame_count || t->touched != FLOW_NONE;
}

uint32_t symmetry_order(struct machine *m, uint32_t *order)
{
    uint32_t n = 1;

    for (uint32_t i = 1; i < m->task_count; i++)
        if (is_remembered(&m->tasks[i]))
            m->tasks[i].order = m->options->without & REDUCTION_SYMMETRY ? i : look_of_task(m, &m->tasks[i]);
    if (!(m->options->without & REDUCTION_SYMMETRY) && some_look_alike(m))
        refine_looks(m);
    order[0] = 0;
    for (uint32_t i = 1; i < m->task_count; i++) {
        uint32_t at = n;

        if (!is_remembered(&m->tasks[i]))
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
