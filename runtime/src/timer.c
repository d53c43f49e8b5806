/* timer.c - the heap of timers and the thread that fires them; sleeping.
 *
 * A 4-ary heap (LaMarca and Ladner, "The Influence of Caches on the Performance of
 * Heaps", 1996) of deadline and pointer, so that sifting compares without touching the
 * timers; the four children of an entry share a cache line. Sleeping tasks stand in the
 * heap themselves: nobody stops a sleep, so that nothing need know where they are, and
 * their memory is not touched before they run. They are made ready many at a time.
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
#include <string.h>

enum { ARITY = 4 };

struct entry {
    int64_t   when;
    uintptr_t who;                  /* a timer, or a sleeping task plus 1 */
};

enum { LINE = 64, SLEEPERS = 64 };

static struct {
    struct rt_lock lock;
    struct entry  *heap;            /* children begin a cache line */
    void          *block;           /* it lies in */
    size_t         count;
    size_t         room;
    int64_t        sleeps_until;    /* INT64_MIN while the thread is awake */
    atomic_uint    alarm;           /* grows when it must look again */
} timers = { .sleeps_until = INT64_MIN };

static pthread_once_t thread_once = PTHREAD_ONCE_INIT;

/* ---- heap, timers.lock held ---- */

static struct rt_task *sleeper_of(struct entry e)
{
    return e.who & 1 ? (struct rt_task *)(e.who - 1) : NULL;
}

static void place(size_t at, struct entry e)
{
    timers.heap[at] = e;
    if (!sleeper_of(e))
        ((struct rt_timer *)e.who)->slot = at + 1;
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

static void heap_grow(void)
{
    size_t room = timers.room ? timers.room * 2 : 64;
    size_t lead = LINE / sizeof(struct entry) - 1;
    struct entry *block = aligned_alloc(LINE, (room + LINE) * sizeof *block);

    if (!block)
        rt_out_of_memory();
    if (timers.count > 0)
        memcpy(block + lead, timers.heap, timers.count * sizeof *block);
    free(timers.block);
    timers.block = block;
    timers.heap = block + lead;
    timers.room = room;
}

static void heap_add(struct entry e)
{
    if (timers.count == timers.room)
        heap_grow();
    timers.count++;
    sift_up(timers.count - 1, e);
}

/* Leaves no address behind that the leak profile would take for a use. */
static void heap_remove_at(size_t at)
{
    struct entry last = timers.heap[--timers.count];

    timers.heap[timers.count] = (struct entry){ 0, 0 };
    if (at == timers.count)
        return;
    if (at > 0 && last.when < timers.heap[(at - 1) / ARITY].when)
        sift_up(at, last);
    else
        sift_down(at, last);
}

static void heap_remove(struct rt_timer *t)
{
    size_t at = t->slot - 1;

    t->slot = 0;
    heap_remove_at(at);
}

/* ---- firing ---- */

/* Take out the sleepers that are due, up to the first other timer. */
static unsigned take_sleepers(struct rt_task *sleepers[SLEEPERS], int64_t now)
{
    unsigned n = 0;

    while (n < SLEEPERS && timers.count > 0 && timers.heap[0].when <= now &&
           sleeper_of(timers.heap[0])) {
        sleepers[n++] = sleeper_of(timers.heap[0]);
        heap_remove_at(0);
    }
    return n;
}

static void fire_timer(struct rt_timer *t)
{
    void (*fire)(struct rt_timer *) = t->fire;

    heap_remove(t);
    if (!t->idles)
        rt_moved();
    if (!t->pop(t))             /* t may be gone now */
        return;
    rt_unlock(&timers.lock);
    fire(t);
    rt_lock(&timers.lock);
}

static void fire_due(void)
{
    struct rt_task *sleepers[SLEEPERS];
    int64_t now = rt_now();

    while (timers.count > 0 && timers.heap[0].when <= now) {
        unsigned n = take_sleepers(sleepers, now);

        if (n == 0) {
            fire_timer((struct rt_timer *)timers.heap[0].who);
            continue;
        }
        rt_unlock(&timers.lock);
        rt_moved();
        rt_ready_many(sleepers, n);
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

static void start(struct entry e)
{
    bool wake;

    pthread_once(&thread_once, start_thread);
    rt_lock(&timers.lock);
    heap_add(e);
    wake = e.when < timers.sleeps_until;
    if (wake) {
        timers.sleeps_until = e.when;
        atomic_fetch_add_explicit(&timers.alarm, 1, memory_order_relaxed);
    }
    rt_unlock(&timers.lock);
    if (wake)
        rt_futex_wake(&timers.alarm, 1);
}

void rt_timer_start(struct rt_timer *t)
{
    if (rt_seeded())
        rt_seed_timer_start(t);
    else
        start((struct entry){ t->when, (uintptr_t)t });
}

bool rt_timer_stop(struct rt_timer *t)
{
    bool pending;

    if (atomic_load_explicit(&t->run, memory_order_acquire))
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
        struct rt_timer *t = (struct rt_timer *)timers.heap[i].who;

        pending = sleeper_of(timers.heap[i]) || !t->idles || can_wake(t);
    }
    rt_unlock(&timers.lock);
    return pending;
}

/* ---- sleeping ---- */

struct sleeper {
    struct rt_timer timer;
    struct rt_task *task;
};

/* In a seeded run, where a sleep is a timer like others. */
static bool sleep_over(struct rt_timer *timer)
{
    rt_ready(((struct sleeper *)timer)->task);
    return false;
}

static void commit_sleep(void *arg)
{
    struct sleeper *s = arg;

    if (rt_seeded())
        rt_seed_timer_start(&s->timer);
    else
        start((struct entry){ s->timer.when, (uintptr_t)s->task + 1 });
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
    rt_park((struct rt_reason){ .state = RT_SLEEP, .site = site }, commit_sleep, &s);
}

void task_sleep(int64_t duration)
{
    task_sleep_at(duration, RT_CALLER);
}
