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
#include "seed_world.h"
#include "switch.h"

#include <stdlib.h>

atomic_int rt_worlds;
struct rt_world *rt_process_world;
struct rt_lock rt_inbox_lock;
static __thread struct rt_world *here;

__attribute__((noinline)) struct rt_world *rt_world_here(void)
{
    __asm__ volatile("" ::: "memory");
    return here;
}

__attribute__((noinline)) void rt_world_set_here(struct rt_world *w)
{
    __asm__ volatile("" ::: "memory");
    here = w;
}

/* The address of something that every thread has of its own. */
void *rt_world_thread(void)
{
    return (void *)&here;
}

int64_t rt_seed_now(void)
{
    return rt_world_here()->timers.now;
}

/* ---- who can move ---- */

static void make_room(struct rt_world *w, size_t n)
{
    if (n <= w->room)
        return;
    w->room = 2 * n;
    w->movers = realloc(w->movers, w->room * sizeof *w->movers);
    if (!w->movers)
        rt_out_of_memory();
}

void rt_world_add_mover(struct rt_world *w, struct rt_seeded *s)
{
    make_room(w, w->count + 1);
    w->movers[w->count++] = &s->mover;
    s->at = w->count;
}

void rt_world_remove_mover(struct rt_world *w, struct rt_seeded *s)
{
    struct rt_mover *last = w->movers[--w->count];

    w->movers[s->at - 1] = last;
    last->task->seeded->at = s->at;
    s->at = 0;
}

static void count_live(struct rt_world *w, uint64_t id, int change)
{
    for (struct rt_settler *s = w->settlers; s; s = s->outer)
        if (id >= s->first && id <= s->last)
            s->live += (size_t)change;
}

struct rt_seeded *rt_world_seeded_part(struct rt_world *w, struct rt_task *t)
{
    struct rt_seeded *s = calloc(1, sizeof *s);

    if (!s)
        rt_out_of_memory();
    atomic_store_explicit(&s->world, w, memory_order_relaxed);
    s->mover.task = t;
    t->seeded = s;
    t->elsewhere = true;
    return s;
}

void rt_world_join(struct rt_world *w, struct rt_seeded *s)
{
    s->next = w->contexts;
    s->link = &w->contexts;
    if (s->next)
        s->next->link = &s->next;
    w->contexts = s;
    w->chooser->arrives(w->chooser, &s->mover, false);
    count_live(w, s->mover.task->id, 1);
}

static void leave(struct rt_world *w, struct rt_seeded *s)
{
    *s->link = s->next;
    if (s->next)
        s->next->link = s->link;
    count_live(w, s->mover.task->id, -1);
}

/* ---- from other threads ---- */

void rt_world_take_inbox(struct rt_world *w)
{
    struct rt_task *t;

    if (atomic_load_explicit(&w->inbox.bell, memory_order_acquire) == 0)
        return;
    rt_lock(&rt_inbox_lock);
    atomic_store_explicit(&w->inbox.bell, 0, memory_order_relaxed);
    t = w->inbox.first;
    w->inbox.first = NULL;
    w->inbox.last = &w->inbox.first;
    rt_unlock(&rt_inbox_lock);
    for (; t; t = t->next) {
        if (!t->seeded->link)
            rt_world_join(w, t->seeded);
        t->seeded->by_time = false;
        rt_world_add_mover(w, t->seeded);
    }
}

/* The lock is held to the end, so that the world is still there. */
static void put_into_inbox(struct rt_task *t)
{
    struct rt_world *w;

    rt_lock(&rt_inbox_lock);
    w = atomic_load_explicit(&t->seeded->world, memory_order_relaxed);
    if (w) {
        t->next = NULL;
        *w->inbox.last = t;
        w->inbox.last = &t->next;
        atomic_store_explicit(&w->inbox.bell, 1, memory_order_release);
        rt_futex_wake(&w->inbox.bell, 1);
    }
    rt_unlock(&rt_inbox_lock);
}

void rt_seed_ready(struct rt_task *t)
{
    struct rt_seeded *s = t->seeded;
    struct rt_world *w = atomic_load_explicit(&s->world, memory_order_relaxed);

    if (w && w->thread == rt_world_thread()) {
        s->by_time = w->firing;
        rt_world_add_mover(w, s);
    } else {
        put_into_inbox(t);
    }
}

/* A task of a thread that is not seeded itself: no worker is started in such a process. */
static bool start_from_outside(struct rt_task *t)
{
    if (!rt_seed_has_process())
        return false;
    rt_world_seeded_part(rt_process_world, t);
    put_into_inbox(t);
    return true;
}

bool rt_seed_start(struct rt_task *t)
{
    struct rt_world *w;
    struct rt_seeded *s;

    if (atomic_load_explicit(&rt_worlds, memory_order_relaxed) == 0)
        return false;
    w = rt_world_here();
    if (!w)
        return start_from_outside(t);
    s = rt_world_seeded_part(w, t);
    rt_world_join(w, s);
    rt_world_add_mover(w, s);
    rt_seed_step(t->spawn_site);
    return true;
}

/* ---- who is next ---- */

/* The innermost settler goes on when it need not wait any longer. After its bound there
 * is soon a step at which everybody waits for the time, unless somebody spins. */
static struct rt_task *settled(struct rt_world *w, bool still)
{
    struct rt_settler *s = w->settlers;
    uint64_t steps;

    if (!s)
        return NULL;
    steps = w->steps - s->began;
    if (s->live == 0)
        s->settled = RT_FINISHED;
    else if (still)
        s->settled = RT_STILL;
    else if (steps < s->bound || (w->count > 0 && steps < 2 * s->bound))
        return NULL;
    else
        s->settled = RT_ENDLESS;
    w->lively = s->began + steps / 2;
    return s->task;
}

/* One step of somebody: false when nobody can move. *task is NULL after a timer's. */
static bool choose(struct rt_world *w, struct rt_task **task)
{
    struct rt_seed_timers *ts = &w->timers;
    size_t n, i;

    *task = NULL;
    rt_lock(&ts->lock);
    rt_seed_timers_look(ts, w->count == 0);
    n = w->count + ts->ready_count;
    if (n > 0) {
        make_room(w, n);
        for (i = 0; i < ts->ready_count; i++)
            w->movers[w->count + i] = ts->ready[i];
        i = w->chooser->next(w->chooser, w->movers, w->count, n, w->turn);
        if (i >= w->count) {
            w->firing = true;
            rt_seed_timers_fire(ts, w->movers[i]->timer);
            w->firing = false;
            return true;
        }
        *task = w->movers[i]->task;
    }
    rt_unlock(&ts->lock);
    return n > 0;
}

/* Nobody can move here: wait for another thread to wake somebody, if there is one. */
static bool wait_outside(struct rt_world *w)
{
    int64_t patience = w->settlers ? w->settlers->patience : INT64_MAX;

    return w == rt_process_world && rt_seed_wait_for_threads(&w->inbox.bell, patience);
}

static struct rt_task *next(struct rt_world *w)
{
    struct rt_task *t;

    for (;;) {
        rt_world_take_inbox(w);
        if ((t = settled(w, false)) != NULL)
            return t;
        w->steps++;
        if (choose(w, &t)) {
            if (t)
                return t;
        } else if (!wait_outside(w)) {
            if ((t = settled(w, true)) != NULL)
                return t;
            rt_seed_all_blocked(w);
        }
    }
}

/* ---- switching ---- */

static void bury(struct rt_world *w)
{
    struct rt_task *t = w->dead;

    if (!t)
        return;
    w->dead = NULL;
    free(t->seeded);
    rt_task_free(t);
}

/* for_good: from has finished. */
static void switch_to(struct rt_world *w, struct rt_task *from, struct rt_task *to, bool for_good)
{
    struct rt_seeded *s = to->seeded;
    bool is_context = s && atomic_load_explicit(&s->world, memory_order_relaxed) == w;

    w->turn = is_context ? &s->mover : &w->home;
    atomic_store_explicit(&to->wait.state, RT_RUNNING, memory_order_relaxed);
    if (from == to)
        return;
    rt_fault_check(from);
    rt_set_self(to);
    rt_fiber_leave(&from->fiber, &to->fiber, for_good);
    rt_switch(&from->sp, to->sp);
    rt_fiber_arrive(&from->fiber);
    bury(rt_world_here());
}

void rt_world_give_turn(struct rt_world *w, struct rt_task *self)
{
    switch_to(w, self, next(w), false);
}

_Noreturn void rt_seed_task_main(struct rt_task *t)
{
    struct rt_world *w = rt_world_here();

    bury(w);
    t->fn(t->arg);
    rt_world_remove_mover(w, t->seeded);
    leave(w, t->seeded);
    rt_task_forget(t);
    w->dead = t;
    switch_to(w, t, next(w), true);
    __builtin_unreachable();
}

/* ---- giving way ---- */

struct rt_seeded *rt_world_running(struct rt_world *w)
{
    return w->turn == &w->home ? NULL : w->turn->task->seeded;
}

/* Nobody else could get a turn. */
static bool is_alone(struct rt_world *w)
{
    return w->count == 1 && w->timers.count == 0 && !w->settlers &&
           atomic_load_explicit(&w->inbox.bell, memory_order_relaxed) == 0;
}

void rt_seed_step(const char *site)
{
    struct rt_world *w = rt_world_here();
    struct rt_seeded *s;

    if (!w || w->firing || !(s = rt_world_running(w)))
        return;
    s->mover.site = site;
    s->moved = w->steps;
    if (is_alone(w)) {
        w->steps++;
        return;
    }
    atomic_store_explicit(&s->mover.task->wait.state, RT_RUNNABLE, memory_order_relaxed);
    rt_world_give_turn(w, s->mover.task);
}

void rt_seed_park(struct rt_task *t, void (*commit)(void *), void *arg)
{
    struct rt_world *w = rt_world_here();

    t->seeded->moved = w->steps;
    rt_world_remove_mover(w, t->seeded);
    commit(arg);
    rt_world_give_turn(w, t);
}

static void give_way(enum rt_way way)
{
    struct rt_world *w = rt_world_here();
    struct rt_seeded *s = rt_world_running(w);

    if (!s || w->firing)
        return;
    w->chooser->gives_way(w->chooser, &s->mover, way);
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
    struct rt_world *w = rt_world_here();

    return w->chooser->ready_case(w->chooser, w->turn, ready, n);
}

/* ---- timers ---- */

void rt_seed_timer_start(struct rt_timer *timer)
{
    struct rt_world *w = rt_world_here();
    struct rt_mover *m = rt_seed_timers_add(&w->timers, timer);

    timer->world = w;
    w->chooser->arrives(w->chooser, m, w->firing && timer->idles);
}

bool rt_seed_timer_stop(struct rt_timer *timer)
{
    return rt_seed_timers_remove(&timer->world->timers, timer);
}
