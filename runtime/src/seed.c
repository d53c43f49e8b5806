/* seed.c - seeded runs: contexts of one thread that give way to each other.
 *
 * There is no scheduler to come back to: who gives way asks the chooser and switches to
 * the context it names. So a step costs no switch as long as the same context goes on.
 */
#define _GNU_SOURCE
#include "seed.h"
#include "fault.h"
#include "panic.h"
#include "sched.h"
#include "seed_choice.h"
#include "seed_leak.h"
#include "seed_time.h"
#include "switch.h"
#include "turn.h"
#include "worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* Steps that a leak check lets tasks go on at least, before it calls a run endless. */
enum { SETTLE_LEAST = 65536 };

/* What a task is besides in a seeded run. */
struct rt_seeded {
    struct rt_mover             mover;
    _Atomic(struct rt_world *)  world;          /* NULL: left behind, never moves again */
    size_t                      at;             /* 1 + index in movers; 0: cannot move */
    uint64_t                    moved;          /* at this step, the last time */
    bool                        by_time;        /* a timer made it able to */
    struct rt_seeded           *next, **link;   /* in contexts; link is NULL before */
};

/* Somebody who waits until nothing moves any more. */
struct settler {
    struct settler  *outer;
    struct rt_task  *task;
    uint64_t         first, last;   /* the tasks it waits for */
    size_t           live;          /* of these */
    uint64_t         began;         /* at this step */
    uint64_t         bound;
    int64_t          patience;      /* with other threads */
    enum rt_settled  settled;
};

/* Contexts that other threads have made ready. */
struct inbox {
    struct rt_task *first, **last;
    atomic_uint     bell;
};

struct rt_world {
    uint64_t              seed;
    pid_t                 process;
    void                 *thread;       /* whose it is: the address of its here */
    struct rt_world      *outer;
    struct rt_task       *caller;       /* of rt_world_enter */
    struct rt_worker     *worker;       /* that its thread is when it is not seeded */
    struct rt_mover      *turn;         /* of the context that runs */
    struct rt_mover       home;         /* of a caller that is no context */
    struct rt_task       *dead;         /* finished; to be buried off its stack */
    struct rt_seeded     *contexts;     /* youngest first */
    struct rt_mover     **movers;       /* contexts that can move, the running one too;
                                           behind them room for timers */
    size_t                count, room;
    uint64_t              steps;
    uint64_t              lively;       /* who has moved since this step is no leak of itself */
    bool                  firing;       /* a timer: no turn for anybody meanwhile */
    struct settler       *settlers;     /* innermost first */
    struct inbox          inbox;
    struct rt_seed_timers timers;
    struct rt_chooser    *chooser;
    struct rt_dice        dice;
};

atomic_int rt_worlds;
static struct rt_world *process_world;
static struct rt_lock inbox_lock;       /* all inboxes, and the end of any world */
static __thread struct rt_world *here;

__attribute__((noinline)) struct rt_world *rt_world_here(void)
{
    __asm__ volatile("" ::: "memory");
    return here;
}

uint64_t rt_world_seed(const struct rt_world *w)
{
    return w->seed;
}

bool rt_world_is_process(const struct rt_world *w)
{
    return w == process_world;
}

bool rt_seed_has_process(void)
{
    return process_world && process_world->process == getpid();
}

bool rt_seed_is_main(void)
{
    return rt_seed_has_process() && process_world == rt_world_here() && rt_self()->is_thread;
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

static void add_mover(struct rt_world *w, struct rt_seeded *s)
{
    make_room(w, w->count + 1);
    w->movers[w->count++] = &s->mover;
    s->at = w->count;
}

static void remove_mover(struct rt_world *w, struct rt_seeded *s)
{
    struct rt_mover *last = w->movers[--w->count];

    w->movers[s->at - 1] = last;
    last->task->seeded->at = s->at;
    s->at = 0;
}

static void count_live(struct rt_world *w, uint64_t id, int change)
{
    for (struct settler *s = w->settlers; s; s = s->outer)
        if (id >= s->first && id <= s->last)
            s->live += (size_t)change;
}

static struct rt_seeded *seeded_part(struct rt_world *w, struct rt_task *t)
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

static void join(struct rt_world *w, struct rt_seeded *s)
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

static void take_inbox(struct rt_world *w)
{
    struct rt_task *t;

    if (atomic_load_explicit(&w->inbox.bell, memory_order_acquire) == 0)
        return;
    rt_lock(&inbox_lock);
    atomic_store_explicit(&w->inbox.bell, 0, memory_order_relaxed);
    t = w->inbox.first;
    w->inbox.first = NULL;
    w->inbox.last = &w->inbox.first;
    rt_unlock(&inbox_lock);
    for (; t; t = t->next) {
        if (!t->seeded->link)
            join(w, t->seeded);
        t->seeded->by_time = false;
        add_mover(w, t->seeded);
    }
}

/* The lock is held to the end, so that the world is still there. */
static void put_into_inbox(struct rt_task *t)
{
    struct rt_world *w;

    rt_lock(&inbox_lock);
    w = atomic_load_explicit(&t->seeded->world, memory_order_relaxed);
    if (w) {
        t->next = NULL;
        *w->inbox.last = t;
        w->inbox.last = &t->next;
        atomic_store_explicit(&w->inbox.bell, 1, memory_order_release);
        rt_futex_wake(&w->inbox.bell, 1);
    }
    rt_unlock(&inbox_lock);
}

void rt_seed_ready(struct rt_task *t)
{
    struct rt_seeded *s = t->seeded;
    struct rt_world *w = atomic_load_explicit(&s->world, memory_order_relaxed);

    if (w && w->thread == (void *)&here) {
        s->by_time = w->firing;
        add_mover(w, s);
    } else {
        put_into_inbox(t);
    }
}

/* A task of a thread that is not seeded itself: no worker is started in such a process. */
static bool start_from_outside(struct rt_task *t)
{
    if (!rt_seed_has_process())
        return false;
    seeded_part(process_world, t);
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
    s = seeded_part(w, t);
    join(w, s);
    add_mover(w, s);
    rt_seed_step(t->spawn_site);
    return true;
}

/* ---- who is next ---- */

/* The innermost settler goes on when it need not wait any longer. After its bound there
 * is soon a step at which everybody waits for the time, unless somebody spins. */
static struct rt_task *settled(struct rt_world *w, bool still)
{
    struct settler *s = w->settlers;
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

    return w == process_world && rt_seed_wait_for_threads(&w->inbox.bell, patience);
}

static struct rt_task *next(struct rt_world *w)
{
    struct rt_task *t;

    for (;;) {
        take_inbox(w);
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

_Noreturn void rt_seed_task_main(struct rt_task *t)
{
    struct rt_world *w = rt_world_here();

    bury(w);
    t->fn(t->arg);
    remove_mover(w, t->seeded);
    leave(w, t->seeded);
    rt_task_forget(t);
    w->dead = t;
    switch_to(w, t, next(w), true);
    __builtin_unreachable();
}

/* ---- giving way ---- */

static struct rt_seeded *running(struct rt_world *w)
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

    if (!w || w->firing || !(s = running(w)))
        return;
    s->mover.site = site;
    s->moved = w->steps;
    if (is_alone(w)) {
        w->steps++;
        return;
    }
    atomic_store_explicit(&s->mover.task->wait.state, RT_RUNNABLE, memory_order_relaxed);
    switch_to(w, s->mover.task, next(w), false);
}

void rt_seed_park(struct rt_task *t, void (*commit)(void *), void *arg)
{
    struct rt_world *w = rt_world_here();

    t->seeded->moved = w->steps;
    remove_mover(w, t->seeded);
    commit(arg);
    switch_to(w, t, next(w), false);
}

static void give_way(enum rt_way way)
{
    struct rt_world *w = rt_world_here();
    struct rt_seeded *s = running(w);

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

/* ---- worlds ---- */

static struct rt_world *create(uint64_t seed)
{
    struct rt_world *w = calloc(1, sizeof *w);

    if (!w)
        rt_out_of_memory();
    w->seed = seed;
    w->process = getpid();
    w->thread = (void *)&here;
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
    struct rt_seeded *s = seeded_part(w, main_context);

    prepare_thread(main_context);
    rt_fiber_keep_alive(&main_context->fiber);
    join(w, s);
    add_mover(w, s);
    w->turn = &s->mover;
    process_world = here = w;
    rt_turn_seeded(&rt_worlds, 1);
}

struct rt_world *rt_world_enter(uint64_t seed)
{
    struct rt_world *w = create(seed);

    w->caller = rt_self();
    prepare_thread(w->caller);
    w->outer = here;
    w->worker = rt_set_worker(NULL);
    rt_set_self(w->caller);
    here = w;
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
    rt_lock(&inbox_lock);
    for (struct rt_seeded *s = w->contexts; s; s = s->next)
        abandon(s);
    rt_unlock(&inbox_lock);
    rt_seed_timers_free(&w->timers);
    here = w->outer;
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
    struct rt_seeded *own = running(w);
    struct settler s = { .outer = w->settlers, .task = self, .first = first, .last = last,
                         .began = w->steps, .bound = bound, .patience = patience };

    take_inbox(w);
    s.live = live_between(w, first, last, self);
    w->settlers = &s;
    if (own)
        remove_mover(w, own);
    switch_to(w, self, next(w), false);
    w->settlers = s.outer;
    if (own)
        add_mover(w, own);
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
