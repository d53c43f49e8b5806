#include "way.h"

static uint64_t mix(uint64_t hash, uint64_t n)
{
    hash ^= n + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
    return hash * 0xff51afd7ed558ccdu;
}

uint64_t way_control(const struct machine *m)
{
    uint64_t control = 0;

    for (uint32_t i = 0; i < m->task_count; i++) {
        const struct task *t = &m->tasks[i];
        uint64_t hash = mix(t->entry, t->phase * 2u + t->paused);

        for (uint32_t f = 0; f < t->frame_count; f++)
            hash = mix(mix(hash, t->frames[f].function), t->frames[f].instr);
        if (t->frame_count)
            control += hash;
    }
    return control;
}

static uint32_t depth_of(const struct search *s, uint32_t node)
{
    uint32_t depth = 0;

    for (; node != FLOW_NONE; node = s->nodes[node].parent)
        depth++;
    return depth;
}

struct way way_to(struct search *s, uint32_t node, struct arena *arena)
{
    struct way way = { .count = node == FLOW_NONE ? 1 : depth_of(s, node) };
    uint32_t next = FLOW_NONE;

    way.at = ARENA_ARRAY(arena, struct waypoint, way.count);
    for (uint32_t n = node, i = way.count; n != FLOW_NONE; next = n, n = s->nodes[n].parent) {
        struct waypoint *w = &way.at[--i];

        search_load(s, n);
        w->control = way_control(s->m);
        if (next == FLOW_NONE)
            continue;
        w->signature = machine_signature(s->m, s->nodes[next].task);
        w->first_choice = s->nodes[next].first_choice;
        w->choice_count = s->nodes[next].choice_count;
        w->forced = s->nodes[next].forced != FLOW_NONE;
    }
    return way;
}

uint32_t way_place(const struct way *way, uint32_t from, uint64_t control)
{
    if (from + 1 < way->count && way->at[from + 1].control == control)
        return from + 1;
    for (uint32_t i = from + 1; i-- > 0;)
        if (way->at[i].control == control)
            return i;
    for (uint32_t i = from + 2; i < way->count; i++)
        if (way->at[i].control == control)
            return i;
    return FLOW_NONE;
}
