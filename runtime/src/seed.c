/* seed.c - seeded runs: contexts of one thread that give way to each other.
 *
 * There is no scheduler to come back to: who gives way asks the chooser and switches to
 * the context it names. So a step costs no switch as long as the same context goes on.
 */
#define _GNU_SOURCE
#include "fault.h"
#include "panic.h"
#include "sched.h"
#include "seed_leak.h"
#include "seed_run.h"
#include "switch.h"

#include <stdlib.h>

atomic_int rt_seeded_runs;
struct rt_run *rt_process_run;
struct rt_lock rt_inbox_lock;
struct rt_lock rt_timers_lock;
static __thread struct rt_run *here;

__attribute__((noinline)) struct rt_run *rt_run_here(void)
{
    __asm__ volatile("" ::: "memory");
    return here;
}

__attribute__((noinline)) void rt_run_set_here(struct rt_run *run)
{
    __asm__ volatile("" ::: "memory");
    here = run;
}

/* The address of something that every thread has of its own. */
void *rt_run_thread(void)
{
    return (void *)&here;
}

int64_t rt_seed_now(void)
{
    return rt_run_here()->timers.now;
}

/* ---- who can move ---- */

static void make_room(struct rt_run *run, size_t n)
{
    if (n <= run->room)
        return;
    run->room = 2 * n;
    run->movers = realloc(run->movers, run->room * sizeof *run->movers);
    if (!run->movers)
        rt_out_of_memory();
}

void rt_run_add_mover(struct rt_run *run, struct rt_seeded *s)
{
    make_room(run, run->count + 1);
    run->movers[run->count++] = &s->mover;
    s->at = run->count;
}

void rt_run_remove_mover(struct rt_run *run, struct rt_seeded *s)
{
    struct rt_mover *last = run->movers[--run->count];

    run->movers[s->at - 1] = last;
    last->task->seeded->at = s->at;
    s->at = 0;
}

static void count_live(struct rt_run *run, uint64_t id, int change)
{
    for (struct rt_settler *s = run->settlers; s; s = s->outer)
        if (id >= s->first && id <= s->last)
            s->live += (size_t)change;
}

struct rt_seeded *rt_run_seeded_part(struct rt_run *run, struct rt_task *t)
{
    struct rt_seeded *s = calloc(1, sizeof *s);

    if (!s)
        rt_out_of_memory();
    atomic_store_explicit(&s->run, run, memory_order_relaxed);
    s->mover.task = t;
    t->seeded = s;
    t->wait.elsewhere = true;
    return s;
}

void rt_run_join(struct rt_run *run, struct rt_seeded *s)
{
    s->next = run->contexts;
    s->link = &run->contexts;
    if (s->next)
        s->next->link = &s->next;
    run->contexts = s;
    run->chooser->arrives(run->chooser, &s->mover, false);
    count_live(run, s->mover.task->id, 1);
}

static void leave(struct rt_run *run, struct rt_seeded *s)
{
    *s->link = s->next;
    if (s->next)
        s->next->link = s->link;
    count_live(run, s->mover.task->id, -1);
}

/* ---- from other threads ---- */

void rt_run_take_inbox(struct rt_run *run)
{
    struct rt_task *t;

    if (atomic_load_explicit(&run->inbox.bell, memory_order_acquire) == 0)
        return;
    rt_lock(&rt_inbox_lock);
    atomic_store_explicit(&run->inbox.bell, 0, memory_order_relaxed);
    t = run->inbox.first;
    run->inbox.first = NULL;
    run->inbox.last = &run->inbox.first;
    rt_unlock(&rt_inbox_lock);
    for (; t; t = t->next) {
        if (!t->seeded->link)
            rt_run_join(run, t->seeded);
        t->seeded->by_time = false;
        rt_run_add_mover(run, t->seeded);
    }
}

/* The lock is held to the end, so that the run is still there. */
static void put_into_inbox(struct rt_task *t)
{
    struct rt_run *run;

    rt_lock(&rt_inbox_lock);
    run = atomic_load_explicit(&t->seeded->run, memory_order_relaxed);
    if (run) {
        t->next = NULL;
        *run->inbox.last = t;
        run->inbox.last = &t->next;
        atomic_store_explicit(&run->inbox.bell, 1, memory_order_release);
        rt_futex_wake(&run->inbox.bell, 1);
    }
    rt_unlock(&rt_inbox_lock);
}

void rt_seed_ready(struct rt_task *t)
{
    struct rt_seeded *s = t->seeded;
    struct rt_run *run = atomic_load_explicit(&s->run, memory_order_relaxed);

    if (run && run->thread == rt_run_thread()) {
        s->by_time = run->firing;
        rt_run_add_mover(run, s);
    } else {
        put_into_inbox(t);
    }
}

/* A task of a thread that is not seeded itself: no worker is started in such a process. */
static bool start_from_outside(struct rt_task *t)
{
    if (!rt_seed_has_process())
        return false;
    rt_run_seeded_part(rt_process_run, t);
    put_into_inbox(t);
    return true;
}

bool rt_seed_start(struct rt_task *t)
{
    struct rt_run *run;
    struct rt_seeded *s;

    if (atomic_load_explicit(&rt_seeded_runs, memory_order_relaxed) == 0)
        return false;
    run = rt_run_here();
    if (!run)
        return start_from_outside(t);
    s = rt_run_seeded_part(run, t);
    rt_run_join(run, s);
    rt_run_add_mover(run, s);
    rt_seed_step(t->spawn_site);
    return true;
}

/* ---- who is next ---- */

/* The innermost settler goes on when it need not wait any longer. After its bound there
 * is soon a step at which everybody waits for the time, unless somebody spins. */
static struct rt_task *settled(struct rt_run *run, bool still)
{
    struct rt_settler *s = run->settlers;
    uint64_t steps;

    if (!s)
        return NULL;
    steps = run->steps - s->began;
    if (s->live == 0)
        s->settled = RT_FINISHED;
    else if (still)
        s->settled = RT_STILL;
    else if (steps < s->bound || (run->count > 0 && steps < 2 * s->bound))
        return NULL;
    else
        s->settled = RT_ENDLESS;
    run->lively = s->began + steps / 2;
    return s->task;
}

/* One step of somebody: false when nobody can move. *task is NULL after a timer's. */
static bool choose(struct rt_run *run, struct rt_task **task)
{
    struct rt_seed_timers *ts = &run->timers;
    size_t n, i;

    *task = NULL;
    rt_lock(&ts->lock);
    rt_seed_timers_look(ts, run->count == 0);
    n = run->count + ts->ready_count;
    if (n > 0) {
        make_room(run, n);
        for (i = 0; i < ts->ready_count; i++)
            run->movers[run->count + i] = ts->ready[i];
        i = run->chooser->next(run->chooser, run->movers, run->count, n, run->turn);
        if (i >= run->count) {
            run->firing = true;
            rt_seed_timers_fire(ts, run->movers[i]->timer);
            run->firing = false;
            return true;
        }
        *task = run->movers[i]->task;
    }
    rt_unlock(&ts->lock);
    return n > 0;
}

/* Nobody can move here: wait for another thread to wake somebody, if there is one. */
static bool wait_outside(struct rt_run *run)
{
    int64_t patience = run->settlers ? run->settlers->patience : INT64_MAX;

    return run == rt_process_run && rt_seed_wait_for_threads(&run->inbox.bell, patience);
}

static struct rt_task *next(struct rt_run *run)
{
    struct rt_task *t;

    for (;;) {
        rt_run_take_inbox(run);
        if ((t = settled(run, false)) != NULL)
            return t;
        run->steps++;
        if (choose(run, &t)) {
            if (t)
                return t;
        } else if (!wait_outside(run)) {
            if ((t = settled(run, true)) != NULL)
                return t;
            rt_seed_all_blocked(run);
        }
    }
}

/* ---- switching ---- */

static void bury(struct rt_run *run)
{
    struct rt_task *t = run->dead;

    if (!t)
        return;
    run->dead = NULL;
    free(t->seeded);
    rt_task_free(t);
}

/* for_good: from has finished. */
static void switch_to(struct rt_run *run, struct rt_task *from, struct rt_task *to, bool for_good)
{
    struct rt_seeded *s = to->seeded;
    bool is_context = s && atomic_load_explicit(&s->run, memory_order_relaxed) == run;

    run->turn = is_context ? &s->mover : &run->home;
    atomic_store_explicit(&to->wait.state, RT_RUNNING, memory_order_relaxed);
    if (from == to)
        return;
    rt_fault_check(from);
    rt_set_self(to);
    rt_fiber_leave(&from->fiber, &to->fiber, for_good);
    rt_switch(&from->sp, to->sp);
    rt_fiber_arrive(&from->fiber);
    bury(rt_run_here());
}

void rt_run_give_turn(struct rt_run *run, struct rt_task *self)
{
    switch_to(run, self, next(run), false);
}

_Noreturn void rt_seed_task_main(struct rt_task *t)
{
    struct rt_run *run = rt_run_here();

    bury(run);
    t->fn(t->arg);
    rt_chooser_rests(run->chooser, &t->seeded->mover, true);
    rt_run_remove_mover(run, t->seeded);
    leave(run, t->seeded);
    rt_task_forget(t);
    run->dead = t;
    switch_to(run, t, next(run), true);
    __builtin_unreachable();
}

/* ---- giving way ---- */

struct rt_seeded *rt_run_running(struct rt_run *run)
{
    return run->turn == &run->home ? NULL : run->turn->task->seeded;
}

/* Nobody else could get a turn. */
static bool is_alone(struct rt_run *run)
{
    return run->count == 1 && run->timers.count == 0 && !run->settlers &&
           !run->chooser->sees_all &&
           atomic_load_explicit(&run->inbox.bell, memory_order_relaxed) == 0;
}

void rt_seed_step(const char *site)
{
    struct rt_run *run = rt_run_here();
    struct rt_seeded *s;

    if (!run || run->firing || !(s = rt_run_running(run)))
        return;
    s->mover.site = site;
    s->moved = run->steps;
    if (is_alone(run)) {
        run->steps++;
        return;
    }
    atomic_store_explicit(&s->mover.task->wait.state, RT_RUNNABLE, memory_order_relaxed);
    rt_run_give_turn(run, s->mover.task);
}

void rt_seed_park(struct rt_task *t, void (*commit)(void *), void *arg)
{
    struct rt_run *run = rt_run_here();

    t->seeded->moved = run->steps;
    rt_chooser_rests(run->chooser, &t->seeded->mover, false);
    rt_run_remove_mover(run, t->seeded);
    commit(arg);
    rt_run_give_turn(run, t);
}

static void give_way(enum rt_way way)
{
    struct rt_run *run = rt_run_here();
    struct rt_seeded *s = rt_run_running(run);

    if (!s || run->firing)
        return;
    run->chooser->gives_way(run->chooser, &s->mover, way);
    rt_seed_step(s->mover.site);
}

void rt_seed_yield(void)
{
    give_way(RT_YIELDS);
}

void rt_seed_polled_in_vain(void)
{
    give_way(RT_POLLS_IN_VAIN);
}

size_t rt_seed_case(const unsigned *ready, size_t n)
{
    struct rt_run *run = rt_run_here();

    return run->chooser->ready_case(run->chooser, run->turn, ready, n);
}

/* ---- timers ---- */

void rt_seed_timer_start(struct rt_timer *timer)
{
    struct rt_run *run = rt_run_here();
    struct rt_mover *m = rt_seed_timers_add(&run->timers, timer);

    atomic_store_explicit(&timer->run, run, memory_order_relaxed);
    run->chooser->arrives(run->chooser, m, run->firing && timer->idles);
}

bool rt_seed_timer_stop(struct rt_timer *timer)
{
    struct rt_run *run;
    bool pending;

    rt_lock(&rt_timers_lock);
    run = atomic_load_explicit(&timer->run, memory_order_relaxed);
    pending = run && rt_seed_timers_remove(&run->timers, timer);
    rt_unlock(&rt_timers_lock);
    return pending;
}
