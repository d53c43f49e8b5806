/* idle.c - sleepers and searchers.
 *
 * Idle workers search a little before they sleep; a push wakes a sleeper only when nobody
 * searches (Vyukov, "Scalable Go Scheduler Design Doc", 2012). One sleeper, the watcher,
 * looks around every millisecond as long as some worker runs: see supply.c.
 */
#include "idle.h"
#include "barrier.h"
#include "panic.h"
#include "supply.h"
#include "thread.h"

enum { WATCH_NS = 1000000 };

static struct {
    struct rt_lock    lock;
    struct rt_worker *first;
    atomic_uint       count;
    atomic_uint       searching;
    atomic_uint       watching;     /* 0 or 1 */
    atomic_bool       patient;      /* the watcher saw tasks that are not ripe yet */
} idle;

static void barrier(void)
{
#ifdef RT_TSAN
    static atomic_uint fence;

    atomic_fetch_add(&fence, 0);        /* TSan does not know fences */
#else
    atomic_thread_fence(memory_order_seq_cst);
#endif
}

/* What was stored before is seen by whoever announced itself before this. Workers push
 * often and sleep seldom. */
static void announce_push(void)
{
    if (rt_barrier_possible)
        rt_barrier_light();
    else
        barrier();
}

static void announce_sleep(void)
{
    if (!rt_barrier())
        barrier();
}

static struct rt_worker *idle_pop(void)
{
    struct rt_worker *w;

    rt_lock(&idle.lock);
    w = idle.first;
    if (w) {
        idle.first = w->idle_next;
        w->is_idle = false;
        atomic_fetch_sub(&idle.count, 1);
    }
    rt_unlock(&idle.lock);
    return w;
}

static void idle_push(struct rt_worker *w)
{
    rt_lock(&idle.lock);
    w->idle_next = idle.first;
    idle.first = w;
    w->is_idle = true;
    atomic_fetch_add(&idle.count, 1);
    rt_unlock(&idle.lock);
}

/* False when somebody is about to wake w, or has. */
static bool idle_remove(struct rt_worker *w)
{
    bool was_idle;

    rt_lock(&idle.lock);
    was_idle = w->is_idle;
    if (was_idle) {
        struct rt_worker **link = &idle.first;

        while (*link != w)
            link = &(*link)->idle_next;
        *link = w->idle_next;
        w->is_idle = false;
        atomic_fetch_sub(&idle.count, 1);
    }
    rt_unlock(&idle.lock);
    return was_idle;
}

/* Requires announce_push or another barrier. */
static void wake_announced(void)
{
    unsigned none = 0;
    struct rt_worker *w;

    if (atomic_load(&idle.count) == 0 || atomic_load(&idle.searching) != 0 ||
        !atomic_compare_exchange_strong(&idle.searching, &none, 1))
        return;
    w = idle_pop();
    if (!w) {
        atomic_fetch_sub(&idle.searching, 1);
        return;
    }
    atomic_store_explicit(&w->wake, 1, memory_order_release);
    rt_futex_wake(&w->wake, 1);
}

void rt_idle_wake_one(void)
{
    announce_push();
    wake_announced();
}

void rt_idle_wake_for_fresh(void)
{
    if (!atomic_load_explicit(&idle.patient, memory_order_relaxed))
        rt_idle_wake_one();
}

bool rt_idle_watched(void)
{
    return atomic_load(&idle.watching) != 0;
}

static void start_searching(struct rt_worker *w)
{
    atomic_fetch_add(&idle.searching, 1);
    w->searching = true;
}

void rt_idle_start_searching(struct rt_worker *w)
{
    if (2 * atomic_load(&idle.searching) < rt_workers_wanted)
        start_searching(w);
}

/* If nobody searches any more, somebody should, there may be more. */
void rt_idle_stop_searching(struct rt_worker *w)
{
    w->searching = false;
    if (atomic_fetch_sub(&idle.searching, 1) == 1)
        wake_announced();
}

/* Before w joins the sleepers, or whoever looks for a watcher in between wakes it at once.
 * Not when all sleep. */
static bool start_watching(void)
{
    unsigned none = 0;

    return atomic_load(&idle.count) + 1 < rt_workers_wanted &&
           atomic_compare_exchange_strong(&idle.watching, &none, 1);
}

/* One sleep; true when woken by wake_announced. */
static bool sleep_idle(struct rt_worker *w, bool watch)
{
    int64_t deadline = watch ? rt_now() + WATCH_NS : INT64_MAX;

    while (atomic_load_explicit(&w->wake, memory_order_acquire) == 0 &&
           rt_futex_rest(&w->wake, 0, deadline))
        ;
    return atomic_load_explicit(&w->wake, memory_order_acquire) != 0;
}

void rt_idle_sleep(struct rt_worker *w)
{
    bool watch = start_watching();
    bool left_some = w->searching && w->unripe;
    bool woken;

    if (rt_forked)
        rt_give_up(RT_FORKED);
    idle_push(w);
    if (w->searching) {
        w->searching = false;
        atomic_fetch_sub(&idle.searching, 1);
    }
    if (watch)
        atomic_store_explicit(&idle.patient, left_some, memory_order_relaxed);
    announce_sleep();
    woken = !rt_supply_to_steal(!atomic_load_explicit(&idle.patient, memory_order_relaxed)) &&
            sleep_idle(w, watch);
    if (watch) {
        atomic_store_explicit(&idle.patient, false, memory_order_relaxed);
        atomic_store(&idle.watching, 0);
    }
    if (!woken && idle_remove(w)) {
        start_searching(w);
        return;
    }
    /* wake_announced has counted this worker as searching. */
    while (atomic_load_explicit(&w->wake, memory_order_acquire) == 0)
        rt_futex_rest(&w->wake, 0, INT64_MAX);
    atomic_store_explicit(&w->wake, 0, memory_order_relaxed);
    w->searching = true;
}
