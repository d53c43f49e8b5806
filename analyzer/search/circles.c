#include "circles.h"

enum { SCORES = 128 };

struct circles {
    struct search      *s;
    const struct place *places;
    uint64_t            missing;        /* of the places, a bit each: no task is stuck there yet */
    uint32_t            first[SCORES], last[SCORES];    /* nodes to expand: queues, by how many locks are taken */
    uint32_t           *next;
    uint32_t            queued, next_capacity, stuck;   /* how many nodes, and stuck states, have been looked at */
};

/* How many locks are taken, and wait groups open, in the loaded state. */
static uint32_t locks_taken(const struct machine *m)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < m->object_count; i++)
        for (uint32_t c = 0; c < m->objects[i].cell_count; c++) {
            const struct cell *cell = &m->objects[i].cells[c];

            count += cell->operated && (cell->value.kind != VALUE_INT || cell->value.n);
        }
    return count < SCORES ? count : SCORES - 1;
}

static void note_stuck(struct circles *c, uint32_t count)
{
    for (; c->stuck < c->s->stuck_count; c->stuck++) {
        search_load(c->s, c->s->stuck[c->stuck].node);
        for (uint64_t left = c->s->stuck[c->stuck].tasks; left; left &= left - 1) {
            struct place here = machine_here(c->s->m, (uint32_t)__builtin_ctzll(left));

            for (uint32_t i = 0; i < count; i++)
                if (c->places[i].function == here.function && c->places[i].instr == here.instr)
                    c->missing &= ~((uint64_t)1 << i);
        }
    }
}

static void enqueue(struct circles *c)
{
    while (c->queued < c->s->node_count) {
        uint32_t score;

        search_load(c->s, c->queued);
        score = locks_taken(c->s->m);
        ARENA_PUSH(c->s->arena, c->next, c->queued, c->next_capacity) = FLOW_NONE;
        if (c->first[score] == FLOW_NONE)
            c->first[score] = c->queued - 1;
        else
            c->next[c->last[score]] = c->queued - 1;
        c->last[score] = c->queued - 1;
    }
}

static uint32_t dequeue(struct circles *c)
{
    for (uint32_t score = SCORES; score-- > 0;)
        if (c->first[score] != FLOW_NONE) {
            uint32_t node = c->first[score];

            c->first[score] = c->next[node];
            return node;
        }
    return FLOW_NONE;
}

void circles_search(struct search *s, uint32_t root, const struct place *places, uint32_t count, uint64_t max_states)
{
    struct circles c = { .s = s, .places = places, .missing = UINT64_MAX >> (64 - count) };
    double start = search_now();
    uint32_t node;

    for (uint32_t i = 0; i < SCORES; i++)
        c.first[i] = FLOW_NONE;
    search_begin(s, root);
    enqueue(&c);
    while (c.missing && (node = dequeue(&c)) != FLOW_NONE && search_is_within_budget(s, max_states, start)) {
        search_expand(s, node);
        note_stuck(&c, count);
        enqueue(&c);
    }
}
