#include "search.h"

#include <string.h>

/* Run a path again, recording its steps. A state does not remember what its
 * tasks were called: the names are carried along the path beside it. */

struct replay {
    struct search *s;
    struct machine *m;
    uint32_t       names[64];
    uint32_t      *objects, object_count, object_capacity;   /* their names, by number */
};

static void set_choices(struct search *s, uint32_t first, uint16_t count)
{
    struct machine *m = s->m;

    machine_first_choice(m);
    for (uint16_t i = 0; i < count; i++) {
        m->choices[i] = s->choices[first + i];
        m->choice_limits[i] = UINT16_MAX;
    }
    m->choice_count = count;
}

static void give_names(struct replay *r)
{
    for (uint32_t i = 0; i < r->m->task_count; i++)
        r->m->tasks[i].name = r->names[i];
    for (uint32_t i = 0; i < r->object_count && i < r->m->object_count; i++)
        r->m->objects[i].name = r->objects[i];
}

static void keep_names(struct replay *r)
{
    uint32_t order[64], names[64];

    search_bury(r->s);
    machine_save(r->m, &r->s->scratch, order);
    memcpy(names, r->names, sizeof names);
    for (uint32_t i = 0, n = 0; i < r->m->task_count; i++)
        if (i == 0 || r->m->tasks[i].frame_count) {
            names[n] = r->m->tasks[order[n]].name;
            n++;
        }
    memcpy(r->names, names, sizeof names);
    r->object_count = 0;
    for (uint32_t i = 0; i < r->m->kept_count; i++)
        ARENA_PUSH(r->s->arena, r->objects, r->object_count, r->object_capacity) = r->m->objects[r->m->kept[i]].name;
}

static void replay_step(struct replay *r, uint32_t node)
{
    const struct node *n = &r->s->nodes[node];

    if (n->parent == FLOW_NONE) {
        set_choices(r->s, n->first_choice, n->choice_count);
        machine_initial(r->m, r->s->root);
    } else {
        search_load(r->s, n->parent);
        give_names(r);
        r->m->forced = n->forced;
        set_choices(r->s, n->first_choice, n->choice_count);
        machine_step(r->m, n->task);
        r->m->forced = FLOW_NONE;
    }
    keep_names(r);
}

static void replay_path(struct replay *r, uint32_t node)
{
    uint32_t length = 0;

    for (uint32_t n = node; n != FLOW_NONE; n = r->s->nodes[n].parent)
        length++;
    uint32_t *path = ARENA_ARRAY(r->s->arena, uint32_t, length);
    for (uint32_t n = node, i = length; n != FLOW_NONE; n = r->s->nodes[n].parent)
        path[--i] = n;
    for (uint32_t i = 0; i < length; i++)
        replay_step(r, path[i]);
}

static void start_trace(struct machine *m, struct arena *arena)
{
    m->tracing = true;
    m->trace_arena = arena;
    m->steps = NULL;
    m->step_count = m->step_capacity = 0;
    m->next_name = m->next_object = 1;
}

static struct trace end_trace(struct replay *r)
{
    struct trace t = { .steps = r->m->steps, .count = r->m->step_count };

    memcpy(t.names, r->names, sizeof t.names);
    r->m->tracing = false;
    return t;
}

struct step witness_block(struct machine *m, uint32_t task)
{
    struct waiting w;

    bool tracing = m->tracing;

    m->current = task;
    m->tracing = true;
    op_waiting(m, task, &w);
    machine_trace_object(m, STEP_BLOCK, w.count ? w.handle[0] : INT_VALUE(0), FLOW_NONE,
                         w.count ? value_resolve(m, w.handle[0]).n : 0);
    m->tracing = tracing;
    return m->steps[--m->step_count];
}

struct trace witness_path(struct search *s, uint32_t node, struct arena *arena)
{
    struct replay r = { .s = s, .m = s->m };

    start_trace(s->m, arena);
    replay_path(&r, node);
    return end_trace(&r);
}

struct trace witness_round(struct search *s, uint32_t node, uint32_t task, struct place at, struct arena *arena)
{
    struct replay r = { .s = s, .m = s->m };

    start_trace(s->m, arena);
    replay_path(&r, node);
    search_load(s, node);
    give_names(&r);
    s->m->current = task;
    machine_trace(s->m, STEP_ROUND, NO_PLACE, FLOW_NONE, 0);
    s->m->steps[s->m->step_count - 1].at = at;
    return end_trace(&r);
}

struct trace witness_stuck(struct search *s, uint32_t node, uint64_t tasks, struct arena *arena)
{
    struct replay r = { .s = s, .m = s->m };
    struct step blocks[64] = { 0 };
    struct trace t;

    start_trace(s->m, arena);
    replay_path(&r, node);
    search_load(s, node);
    give_names(&r);
    machine_first_choice(s->m);
    for (uint64_t left = tasks; left; left &= left - 1)
        blocks[__builtin_ctzll(left)] = witness_block(s->m, (uint32_t)__builtin_ctzll(left));
    t = end_trace(&r);
    memcpy(t.blocks, blocks, sizeof t.blocks);
    return t;
}

struct trace witness_fault(struct search *s, const struct fault *f, struct arena *arena)
{
    struct replay r = { .s = s, .m = s->m };

    start_trace(s->m, arena);
    if (f->node != FLOW_NONE) {
        replay_path(&r, f->node);
        search_load(s, f->node);
        give_names(&r);
        set_choices(s, f->first_choice, f->choice_count);
        machine_step(s->m, f->task);
    } else {
        set_choices(s, f->first_choice, f->choice_count);
        machine_initial(s->m, s->root);
    }
    return end_trace(&r);
}
