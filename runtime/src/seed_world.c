/* seed_world.c - seeded runs from their begin to their end: worlds, and who is left in them. */
#define _GNU_SOURCE
#include "seed_world.h"
#include "fault.h"
#include "panic.h"
#include "turn.h"
#include "worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* Steps that a leak check lets tasks go on at least, before it calls a run endless. */
enum { SETTLE_LEAST = 65536 };

uint64_t rt_world_seed(const struct rt_world *w)
{
    return w->seed;
}

bool rt_world_is_process(const struct rt_world *w)
{
    return w == rt_process_world;
}

bool rt_seed_has_process(void)
{
    return rt_process_world && rt_process_world->process == getpid();
}

bool rt_seed_is_main(void)
{
    return rt_seed_has_process() && rt_process_world == rt_world_here() && rt_self()->is_thread;
}

/* ---- worlds ---- */

static struct rt_world *create(uint64_t seed)
{
    struct rt_world *w = calloc(1, sizeof *w);

    if (!w)
        rt_out_of_memory();
    w->seed = seed;
    w->process = getpid();
    w->thread = rt_world_thread();
    w->inbox.last = &w->inbox.first;
    w->turn = &w->home;
    rt_seed_timers_init(&w->timers);
    rt_dice_init(&w->dice, seed);
    srand((unsigned)seed);
    srand48((long)seed);
    w->chooser = &w->dice.chooser;
    return w;
}

/* A thread becomes one that runs tasks: faults have somewhere to be handled, sanitizers
 * know the stack it came with. */
static void prepare_thread(struct rt_task *t)
{
    void *bottom = NULL;
    size_t size = 0;

    rt_fault_install();
    if (!t->is_thread)
        return;
    rt_fault_thread();
#ifdef RT_ASAN
    pthread_attr_t attr;

    pthread_getattr_np(pthread_self(), &attr);
    pthread_attr_getstack(&attr, &bottom, &size);
    pthread_attr_destroy(&attr);
#endif
    rt_fiber_init_thread(&t->fiber, bottom, size);
}

void rt_seed_process(uint64_t seed)
{
    struct rt_world *w = create(seed);
    struct rt_task *main_context = rt_self();
    struct rt_seeded *s = rt_world_seeded_part(w, main_context);

    prepare_thread(main_context);
    rt_fiber_keep_alive(&main_context->fiber);
    rt_world_join(w, s);
    rt_world_add_mover(w, s);
    w->turn = &s->mover;
    rt_process_world = w;
    rt_world_set_here(w);
    rt_turn_seeded(&rt_worlds, 1);
}

struct rt_world *rt_world_enter(uint64_t seed)
{
    struct rt_world *w = create(seed);

    w->caller = rt_self();
    prepare_thread(w->caller);
    w->outer = rt_world_here();
    w->worker = rt_set_worker(NULL);
    rt_set_self(w->caller);
    rt_world_set_here(w);
    rt_turn_seeded(&rt_worlds, 1);
    return w;
}

/* What leaked keeps its stack, which others may point into. */
static void abandon(struct rt_seeded *s)
{
    atomic_store_explicit(&s->world, NULL, memory_order_relaxed);
    rt_task_forget(s->mover.task);
}

void rt_world_leave(struct rt_world *w)
{
    rt_lock(&rt_inbox_lock);
    for (struct rt_seeded *s = w->contexts; s; s = s->next)
        abandon(s);
    rt_unlock(&rt_inbox_lock);
    rt_seed_timers_free(&w->timers);
    rt_world_set_here(w->outer);
    rt_set_self(w->caller->is_thread || w->outer ? w->caller : NULL);
    rt_set_worker(w->worker);
    rt_turn_seeded(&rt_worlds, -1);
    free(w->movers);
    free(w);
}

/* ---- settling ---- */

static size_t live_between(const struct rt_world *w, uint64_t first, uint64_t last,
                           const struct rt_task *self)
{
    size_t live = 0;

    for (const struct rt_seeded *s = w->contexts; s; s = s->next) {
        const struct rt_task *t = s->mover.task;

        live += t != self && t->id >= first && t->id <= last;
    }
    return live;
}

enum rt_settled rt_seed_settle(uint64_t first, uint64_t last, uint64_t bound, int64_t patience)
{
    struct rt_world *w = rt_world_here();
    struct rt_task *self = rt_self();
    struct rt_seeded *own = rt_world_running(w);
    struct rt_settler s = { .outer = w->settlers, .task = self, .first = first, .last = last,
                         .began = w->steps, .bound = bound, .patience = patience };

    rt_world_take_inbox(w);
    s.live = live_between(w, first, last, self);
    w->settlers = &s;
    if (own)
        rt_world_remove_mover(w, own);
    rt_world_give_turn(w, self);
    w->settlers = s.outer;
    if (own)
        rt_world_add_mover(w, own);
    return s.settled;
}

enum rt_settled rt_seed_settle_all(uint64_t first, int64_t patience)
{
    return rt_seed_settle(first, UINT64_MAX, SETTLE_LEAST + rt_world_here()->steps, patience);
}

/* In an endless run, one that moved not long ago and waits for another context is no leak
 * of its own; one that the time wakes again and again, or that could move, is. */
static bool is_left(const struct rt_world *w, const struct rt_seeded *s, enum rt_settled settled)
{
    return settled != RT_ENDLESS || s->at > 0 || s->by_time || s->moved < w->lively;
}

static bool is_running(struct rt_task *t)
{
    return atomic_load_explicit(&t->wait.state, memory_order_relaxed) == RT_RUNNING;
}

static int by_id(const void *a, const void *b)
{
    uint64_t left = (*(struct rt_task *const *)a)->id;
    uint64_t right = (*(struct rt_task *const *)b)->id;

    return (left > right) - (left < right);
}

struct rt_task **rt_seed_left(struct rt_world *w, uint64_t first, enum rt_settled settled,
                              size_t *count)
{
    struct rt_task **all;
    size_t n = 0;

    for (struct rt_seeded *s = w->contexts; s; s = s->next)
        n++;
    all = malloc((n + 1) * sizeof *all);
    if (!all)
        rt_out_of_memory();
    n = 0;
    for (struct rt_seeded *s = w->contexts; s; s = s->next) {
        struct rt_task *t = s->mover.task;

        if (t->id >= first && !is_running(t) && is_left(w, s, settled))
            all[n++] = t;
    }
    qsort(all, n, sizeof *all, by_id);
    *count = n;
    return all;
}
