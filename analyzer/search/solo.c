#include "solo.h"

#include <string.h>

enum {
    NODES_MAX = 64,             /* beyond, it is no simple loop and nothing is claimed */
    RUNS_MAX = 64,              /* ways of one step */
    TASKS_MAX = 64,
};

/* ---- states and edges ------------------------------------------------------------ */

static uint32_t node_of(struct solo *solo, const struct bytes *bytes, uint32_t task)
{
    struct solo_node *n;

    for (uint32_t i = 0; i < solo->node_count; i++) {
        n = &solo->nodes[i];
        if (n->task == task && n->size == bytes->size && memcmp(n->bytes, bytes->at, n->size) == 0)
            return i;
    }
    if (solo->node_count == NODES_MAX) {
        solo->cut = true;
        return FLOW_NONE;
    }
    n = &ARENA_PUSH(solo->arena, solo->nodes, solo->node_count, solo->node_capacity);
    *n = (struct solo_node){ .size = bytes->size, .task = task };
    n->bytes = arena_grow(solo->arena, bytes->at, bytes->size, bytes->size);
    return solo->node_count - 1;
}

/* Which number task has once the state is saved; FLOW_NONE: it has ended. */
static uint32_t number_after(const struct machine *m, uint32_t task, const uint32_t *order)
{
    if (m->tasks[task].frame_count == 0)
        return FLOW_NONE;
    for (uint32_t n = 0; n < m->task_count; n++)
        if (order[n] == task)
            return n;
    return FLOW_NONE;
}

/* Where a run of the task from a node ended. */
static void keep_run(struct solo *solo, struct search *s, uint32_t from, uint32_t task)
{
    struct machine *m = s->m;
    struct deeds deeds = m->deeds;
    uint32_t order[TASKS_MAX + 1], number, to;

    if (m->end == RUN_PRUNED || m->task_count > TASKS_MAX) {
        solo->cut = true;
        return;
    }
    if (m->end != RUN_ON) {
        solo->ends = true;
        return;
    }
    machine_save(m, &s->scratch, order);
    number = number_after(m, task, order);
    if (number == FLOW_NONE) {
        solo->ends = true;
        return;
    }
    to = node_of(solo, &s->scratch, number);
    if (to != FLOW_NONE)
        ARENA_PUSH(solo->arena, solo->edges, solo->edge_count, solo->edge_capacity) =
            (struct solo_edge){ .from = from, .to = to, .deeds = deeds };
}

static void expand(struct solo *solo, struct search *s, uint32_t from)
{
    struct machine *m = s->m;
    uint32_t task = solo->nodes[from].task;
    unsigned runs = 0;

    machine_first_choice(m);
    do {
        bool moved;

        if (++runs > RUNS_MAX) {
            solo->cut = true;
            return;
        }
        machine_load(m, solo->nodes[from].bytes);
        moved = machine_step(m, task);
        if (!moved && m->end == RUN_ON && !m->choice_at)
            continue;           /* it waits */
        if (!moved)
            machine_deed(m, DEED_WAITED);   /* it waits, by assuming something */
        keep_run(solo, s, from, task);
    } while (machine_next_choice(m));
}

void solo_explore(struct solo *solo, struct search *s, uint32_t node, uint32_t task, struct arena *arena)
{
    struct bytes start = { .at = s->store + s->nodes[node].at, .size = s->nodes[node].size };

    *solo = (struct solo){ .arena = arena };
    node_of(solo, &start, task);
    for (uint32_t i = 0; i < solo->node_count; i++)
        expand(solo, s, i);
}

/* ---- rounds --------------------------------------------------------------------------- */

static bool leads_back(const struct solo *solo, uint32_t from, uint32_t to, uint8_t without, bool *seen)
{
    if (from == to)
        return true;
    seen[from] = true;
    for (uint32_t i = 0; i < solo->edge_count; i++) {
        const struct solo_edge *e = &solo->edges[i];

        if (e->from == from && !(e->deeds.what & without) && !seen[e->to] &&
            leads_back(solo, e->to, to, without, seen))
            return true;
    }
    return false;
}

const struct solo_edge *solo_round(const struct solo *solo, uint8_t with, uint8_t without)
{
    for (uint32_t i = 0; i < solo->edge_count; i++) {
        const struct solo_edge *e = &solo->edges[i];
        bool seen[NODES_MAX] = { false };

        if ((with == 0 || (e->deeds.what & with)) && !(e->deeds.what & without) &&
            leads_back(solo, e->to, e->from, without, seen))
            return e;
    }
    return NULL;
}

bool solo_does(const struct solo *solo, uint8_t deeds)
{
    for (uint32_t i = 0; i < solo->edge_count; i++)
        if (solo->edges[i].deeds.what & deeds)
            return true;
    return false;
}
