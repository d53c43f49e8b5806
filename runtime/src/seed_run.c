/* seed_run.c - seeded runs from their begin to their end, and who is left in them. */
#define _GNU_SOURCE
#include "seed_run.h"
#include "fault.h"
#include "panic.h"
#include "thread.h"
#include "turn.h"
#include "worker.h"

#include <stdlib.h>
#include <unistd.h>

/* Steps that a leak check lets tasks go on at least, before it calls a run endless. */
enum { SETTLE_LEAST = 65536 };

uint64_t rt_run_seed(const struct rt_run *run)
{
    return run->seed;
}

bool rt_run_is_process(const struct rt_run *run)
{
    return run == rt_process_run;
}

bool rt_seed_has_process(void)
{
    return rt_process_run && rt_process_run->process == getpid();
}

bool rt_seed_is_main(void)
{
    return rt_seed_has_process() && rt_process_run == rt_run_here() && rt_self()->is_thread;
}

/* ---- beginning and ending ---- */

static struct rt_run *create(uint64_t seed)
{
    struct rt_run *run = calloc(1, sizeof *run);

    if (!run)
        rt_out_of_memory();
    run->seed = seed;
    run->process = getpid();
    run->thread = rt_run_thread();
    run->inbox.last = &run->inbox.first;
    run->turn = &run->home;
    rt_seed_timers_init(&run->timers);
    rt_dice_init(&run->dice, seed);
    srand((unsigned)seed);
    srand48((long)seed);
    run->chooser = &run->dice.chooser;
    return run;
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
    rt_thread_stack(&bottom, &size);
#endif
    rt_fiber_init_thread(&t->fiber, bottom, size);
}

void rt_seed_process(uint64_t seed)
{
    struct rt_run *run = create(seed);
    struct rt_task *main_context = rt_self();
    struct rt_seeded *s = rt_run_seeded_part(run, main_context);

    prepare_thread(main_context);
    rt_fiber_keep_alive(&main_context->fiber);
    rt_run_join(run, s);
    rt_run_add_mover(run, s);
    run->turn = &s->mover;
    rt_process_run = run;
    rt_run_set_here(run);
    rt_turn_seeded(&rt_seeded_runs, 1);
}

struct rt_run *rt_run_enter(uint64_t seed)
{
    struct rt_run *run = create(seed);

    run->caller = rt_self();
    prepare_thread(run->caller);
    run->outer = rt_run_here();
    run->worker = rt_set_worker(NULL);
    rt_set_self(run->caller);
    rt_run_set_here(run);
    rt_turn_seeded(&rt_seeded_runs, 1);
    return run;
}

/* What leaked keeps its stack, which others may point into. */
static void abandon(struct rt_seeded *s)
{
    atomic_store_explicit(&s->run, NULL, memory_order_relaxed);
    rt_task_forget(s->mover.task);
}

void rt_run_leave(struct rt_run *run)
{
    rt_lock(&rt_inbox_lock);
    for (struct rt_seeded *s = run->contexts; s; s = s->next)
        abandon(s);
    rt_unlock(&rt_inbox_lock);
    rt_lock(&rt_timers_lock);
    rt_seed_timers_free(&run->timers);
    rt_unlock(&rt_timers_lock);
    rt_run_set_here(run->outer);
    rt_set_self(run->caller->is_thread || run->outer ? run->caller : NULL);
    rt_set_worker(run->worker);
    rt_turn_seeded(&rt_seeded_runs, -1);
    free(run->movers);
    free(run);
}

/* ---- settling ---- */

static size_t live_between(const struct rt_run *run, uint64_t first, uint64_t last,
                           const struct rt_task *self)
{
    size_t live = 0;

    for (const struct rt_seeded *s = run->contexts; s; s = s->next) {
        const struct rt_task *t = s->mover.task;

        live += t != self && t->id >= first && t->id <= last;
    }
    return live;
}

enum rt_settled rt_seed_settle(uint64_t first, uint64_t last, uint64_t bound, int64_t patience)
{
    struct rt_run *run = rt_run_here();
    struct rt_task *self = rt_self();
    struct rt_seeded *own = rt_run_running(run);
    struct rt_settler s = { .outer = run->settlers, .task = self, .first = first, .last = last,
                         .began = run->steps, .bound = bound, .patience = patience };

    rt_run_take_inbox(run);
    s.live = live_between(run, first, last, self);
    run->settlers = &s;
    if (own) {
        rt_chooser_rests(run->chooser, &own->mover, true);
        rt_run_remove_mover(run, own);
    }
    rt_run_give_turn(run, self);
    run->settlers = s.outer;
    if (own)
        rt_run_add_mover(run, own);
    return s.settled;
}

enum rt_settled rt_seed_settle_all(uint64_t first, int64_t patience)
{
    return rt_seed_settle(first, UINT64_MAX, SETTLE_LEAST + rt_run_here()->steps, patience);
}

/* In an endless run, one that moved not long ago and waits for another context is no leak
 * of its own; one that the time wakes again and again, or that could move, is. */
static bool is_left(const struct rt_run *run, const struct rt_seeded *s, enum rt_settled settled)
{
    return settled != RT_ENDLESS || s->at > 0 || s->by_time || s->moved < run->lively;
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

struct rt_task **rt_seed_left(struct rt_run *run, uint64_t first, enum rt_settled settled,
                              size_t *count)
{
    struct rt_task **all;
    size_t n = 0;

    for (struct rt_seeded *s = run->contexts; s; s = s->next)
        n++;
    all = malloc((n + 1) * sizeof *all);
    if (!all)
        rt_out_of_memory();
    n = 0;
    for (struct rt_seeded *s = run->contexts; s; s = s->next) {
        struct rt_task *t = s->mover.task;

        if (t->id >= first && !is_running(t) && is_left(run, s, settled))
            all[n++] = t;
    }
    qsort(all, n, sizeof *all, by_id);
    *count = n;
    return all;
}
