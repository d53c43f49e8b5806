#include "search.h"

#include "rounds.h"

#include <string.h>

/* Strongly connected components: Tarjan, "Depth-First Search and Linear Graph
 * Algorithms" (1972), without recursion. A component that nothing leaves is
 * where the program stays: a task that moves in none of its states is stuck. */

struct tarjan {
    struct search *s;
    uint32_t *index, *low, *at, *stack, *path;
    bool     *on_stack;
    uint32_t  next, stack_count, path_count;
};

static bool leaves(const struct search *s, uint32_t node, const uint32_t *component, uint32_t id)
{
    const struct node *n = &s->nodes[node];

    if (n->open || !n->done || n->ended)
        return true;
    for (uint32_t e = 0; e < n->edge_count; e++)
        if (component[s->edges[n->first_edge + e].to] != id)
            return true;
    return false;
}

static bool moves_within(const struct search *s, const uint32_t *members, uint32_t count, uint32_t signature)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct node *n = &s->nodes[members[i]];

        for (uint32_t e = 0; e < n->edge_count; e++)
            if (search_edge_moves(s, &s->edges[n->first_edge + e], signature))
                return true;
    }
    return false;
}

/* The root is gone, tasks go on for ever, and a context they look at was never
 * cancelled: nobody is left to do it. */
static void find_endless(struct search *s, uint32_t node)
{
    const struct machine *m = s->m;

    if (m->widened || s->shallow || m->tasks[0].frame_count)
        return;
    for (uint32_t i = 0; i < m->object_count; i++) {
        const struct object *o = &m->objects[i];

        if (o->store == STORE_CONTEXT && o->link != FLOW_NONE && !o->cancelled && !o->released && !o->external &&
            !o->has_timeout)
            search_lose(s, (struct lost){ .made = o->made }, node);
    }
}

static bool same_population(const struct search *s, const uint32_t *members, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (s->nodes[members[i]].population != s->nodes[members[0]].population)
            return false;
    return true;
}

static void judge(struct search *s, const uint32_t *members, uint32_t count, const uint32_t *component, uint32_t id)
{
    uint64_t blocked, stuck = 0;
    uint32_t edges = 0, first = members[0];

    for (uint32_t i = 0; i < count; i++) {
        if (leaves(s, members[i], component, id))
            return;
        edges += s->nodes[members[i]].edge_count;
        first = members[i] < first ? members[i] : first;
    }
    if (edges == 0)
        return;                 /* a terminal state: search.c has seen it */
    blocked = search_blocked(s, first);
    if (same_population(s, members, count))
        rounds_find(s, first, blocked);
    search_load(s, first);
    find_endless(s, first);
    for (uint32_t t = 0; t < s->m->task_count; t++) {
        const struct instr *in = machine_instr(s->m, t);

        if ((blocked >> t & 1) && !moves_within(s, members, count, machine_signature(s->m, t)) &&
            !(in && in->kind == INSTR_OP && in->op == FLOW_LEAK_CHECK_END))
            stuck |= (uint64_t)1 << t;
    }
    s->withheld += stuck && s->m->widened;
    if (stuck && !s->m->widened)
        ARENA_PUSH(s->arena, s->stuck, s->stuck_count, s->stuck_capacity) =
            (struct stuck){ .node = first, .tasks = stuck, .runs_on = true };
}

static void enter(struct tarjan *t, uint32_t node)
{
    t->index[node] = t->low[node] = ++t->next;
    t->stack[t->stack_count++] = node;
    t->on_stack[node] = true;
    t->path[t->path_count++] = node;
}

static void leave(struct tarjan *t, uint32_t node, uint32_t *component)
{
    uint32_t first = t->stack_count;

    t->path_count--;
    if (t->path_count) {
        uint32_t up = t->path[t->path_count - 1];
        t->low[up] = t->low[node] < t->low[up] ? t->low[node] : t->low[up];
    }
    if (t->low[node] != t->index[node])
        return;
    do {
        first--;
        t->on_stack[t->stack[first]] = false;
        component[t->stack[first]] = node;
    } while (t->stack[first] != node);
    judge(t->s, t->stack + first, t->stack_count - first, component, node);
    t->stack_count = first;
}

static void visit(struct tarjan *t, uint32_t root, uint32_t *component)
{
    enter(t, root);
    while (t->path_count) {
        uint32_t node = t->path[t->path_count - 1];
        const struct node *n = &t->s->nodes[node];

        if (t->at[node] == n->edge_count) {
            leave(t, node, component);
            continue;
        }
        uint32_t to = t->s->edges[n->first_edge + t->at[node]++].to;
        if (!t->index[to])
            enter(t, to);
        else if (t->on_stack[to] && t->index[to] < t->low[node])
            t->low[node] = t->index[to];
    }
}

void search_components(struct search *s)
{
    uint32_t n = s->node_count;
    struct tarjan t = { .s = s };
    uint32_t *component = ARENA_ARRAY(s->arena, uint32_t, n);

    t.index = ARENA_ARRAY(s->arena, uint32_t, n);
    t.low = ARENA_ARRAY(s->arena, uint32_t, n);
    t.at = ARENA_ARRAY(s->arena, uint32_t, n);
    t.stack = ARENA_ARRAY(s->arena, uint32_t, n);
    t.path = ARENA_ARRAY(s->arena, uint32_t, n);
    t.on_stack = ARENA_ARRAY(s->arena, bool, n);
    memset(component, 0xff, n * sizeof *component);
    for (uint32_t i = 0; i < n; i++)
        if (!t.index[i])
            visit(&t, i, component);
}
