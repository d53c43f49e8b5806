/* timer.c - the heap of timers and the thread that fires them; sleeping.
 *
 * A 4-ary heap (LaMarca and Ladner, "The Influence of Caches on the Performance of
 * Heaps", 1996) of deadline and pointer, so that sifting does not touch the timers.
 * The thread is woken for a new timer only when that is earlier than what it sleeps
 * for: the many that are stopped before they fire cost no system call.
 */
#include "timer.h"
#include "panic.h"
#include "sched.h"
#include "seed.h"
#include "site.h"
#include "thread.h"

#include <pthread.h>
#include <stdlib.h>

enum { ARITY = 4 };

struct entry {
    int64_t          when;
    struct rt_timer *timer;
};

static struct {
    struct rt_lock lock;
    struct entry  *heap;
    size_t         count;
    size_t         room;
    int64_t        sleeps_until;    /* INT64_MIN while the thread is awake */
    atomic_uint    alarm;           /* grows when it must look again */
} timers = { .sleeps_until = INT64_MIN };

static pthread_once_t thread_once = PTHREAD_ONCE_INIT;

/* ---- heap, timers.lock held ---- */

static void place(size_t at, struct entry e)
{
    timers.heap[at] = e;
    e.timer->slot = at + 1;
}

static void sift_up(size_t at, struct entry e)
{
    while (at > 0) {
        size_t parent = (at - 1) / ARITY;

        if (timers.heap[parent].when <= e.when)
            break;
        place(at, timers.heap[parent]);
        at = parent;
    }
    place(at, e);
}

static void sift_down(size_t at, struct entry e)
{
    for (;;) {
        size_t first = at * ARITY + 1;
        size_t least = first;

        if (first >= timers.count)
            break;
        for (size_t i = first + 1; i < first + ARITY && i < timers.count; i++)
            if (timers.heap[i].when < timers.heap[least].when)
                least = i;
        if (timers.heap[least].when >= e.when)
            break;
        place(at, timers.heap[least]);
        at = least;
    }
    place(at, e);
}

static void heap_add(struct rt_timer *t)
{
    if (timers.count == timers.room) {
        size_t room = timers.room ? timers.room * 2 : 64;
        struct entry *more = realloc(timers.heap, room * sizeof *more);

        if (!more)
            rt_out_of_memory();
        timers.heap = more;
        timers.room = room;
    }
    timers.count++;
    sift_up(timers.count - 1, (struct entry){ t->when, t });
}

static void heap_remove(struct rt_timer *t)
{
    size_t at = t->slot - 1;
    struct entry last = timers.heap[--timers.count];

    timers.heap[timers.count].timer = NULL;     /* the leak profile looks at all of it */
    t->slot = 0;
    if (last.timer == t)
        return;
    if (at > 0 && last.when < timers.heap[(at - 1) / ARITY].when)
        sift_up(at, last);
    else
        sift_down(at, last);
}

/* ---- firing ---- */

/* Pop all that is due, one at a time. */
static void fire_due(void)
{
    int64_t now = rt_now();

    while (timers.count > 0 && timers.heap[0].when <= now) {
        struct rt_timer *t = timers.heap[0].timer;
        void (*fire)(struct rt_timer *) = t->fire;

        heap_remove(t);
        if (!t->idles)
            rt_moved();
        if (!t->pop(t))         /* t may be gone now */
            continue;
        rt_unlock(&timers.lock);
        fire(t);
        rt_lock(&timers.lock);
    }
}

static void *timer_main(void *arg)
{
    (void)arg;
    for (;;) {
        unsigned alarm;
        int64_t until;

        rt_lock(&timers.lock);
        timers.sleeps_until = INT64_MIN;
        fire_due();
        alarm = atomic_load_explicit(&timers.alarm, memory_order_relaxed);
        until = timers.count > 0 ? timers.heap[0].when : INT64_MAX;
        timers.sleeps_until = until;
        rt_unlock(&timers.lock);
        rt_futex_rest(&timers.alarm, alarm, until);
    }
    return NULL;
}

static void start_thread(void)
{
    rt_thread_start(timer_main, NULL);
}

void rt_timer_start(struct rt_timer *t)
{
    bool wake;

    if (rt_seeded()) {
        rt_seed_timer_start(t);
        return;
    }
    pthread_once(&thread_once, start_thread);
    rt_lock(&timers.lock);
    heap_add(t);
    wake = t->when < timers.sleeps_until;
    if (wake) {
        timers.sleeps_until = t->when;
        atomic_fetch_add_explicit(&timers.alarm, 1, memory_order_relaxed);
    }
    rt_unlock(&timers.lock);
    if (wake)
        rt_futex_wake(&timers.alarm, 1);
}

bool rt_timer_stop(struct rt_timer *t)
{
    bool pending;

    if (t->run)
        return rt_seed_timer_stop(t);
    rt_lock(&timers.lock);
    pending = t->slot != 0;
    if (pending)
        heap_remove(t);
    rt_unlock(&timers.lock);
    return pending;
}

bool rt_timers_pending(bool (*can_wake)(struct rt_timer *timer))
{
    bool pending = false;

    rt_lock(&timers.lock);
    for (size_t i = 0; i < timers.count && !pending; i++) {
        struct rt_timer *t = timers.heap[i].timer;

        pending = !t->idles || can_wake(t);
    }
    rt_unlock(&timers.lock);
    return pending;
}

/* ---- sleeping ---- */

struct sleeper {
    struct rt_timer timer;
    struct rt_task *task;
};

static bool sleep_over(struct rt_timer *timer)
{
    struct sleeper *s = (struct sleeper *)timer;

    rt_ready(s->task);
    return false;
}

static void commit_sleep(void *timer)
{
    rt_timer_start(timer);
}

void task_sleep_at(int64_t duration, const char *site)
{
    struct sleeper s = { .timer = { .pop = sleep_over } };

    if (duration <= 0) {
        task_yield();
        return;
    }
    rt_step(site);
    s.timer.when = rt_deadline(duration);
    s.task = rt_self();
    rt_park((struct rt_reason){ .state = RT_SLEEP, .site = site }, commit_sleep, &s.timer);
}

void task_sleep(int64_t duration)
{
    task_sleep_at(duration, RT_CALLER);
}
