/* sched.c - workers: starting them, running tasks on them, leaving them.
 *
 * A worker switches to a task and back; what a task wants done once it is off its stack
 * (commit) the worker does on its own.
 */
#define _GNU_SOURCE
#include "sched.h"
#include "fault.h"
#include "idle.h"
#include "panic.h"
#include "park.h"
#include "seed.h"
#include "setting.h"
#include "supply.h"
#include "thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

struct rt_worker *rt_workers;
unsigned rt_workers_wanted;
static pthread_once_t workers_once = PTHREAD_ONCE_INIT;
static atomic_uint workers_started;
static pid_t workers_pid;
__thread struct rt_worker *rt_my_worker __attribute__((tls_model("initial-exec")));

static _Atomic uint64_t movements;

#if !defined(__x86_64__)
__attribute__((noinline)) struct rt_worker *rt_this_worker(void)
{
    __asm__ volatile("" ::: "memory");
    return rt_my_worker;
}
#endif

__attribute__((noinline)) struct rt_worker *rt_set_worker(struct rt_worker *w)
{
    struct rt_worker *old = rt_this_worker();

    __asm__ volatile("" ::: "memory");
    rt_my_worker = w;
    return old;
}

unsigned rt_worker_count(void)
{
    return atomic_load_explicit(&workers_started, memory_order_acquire);
}

bool rt_left_behind(void)
{
    return rt_worker_count() > 0 && workers_pid != getpid();
}

void rt_moved(void)
{
    atomic_fetch_add_explicit(&movements, 1, memory_order_relaxed);
}

uint64_t rt_movements(void)
{
    uint64_t sum = atomic_load_explicit(&movements, memory_order_relaxed);

    for (unsigned i = 0; i < rt_worker_count(); i++)
        sum += atomic_load_explicit(&rt_workers[i].switches, memory_order_relaxed);
    return sum;
}

static struct rt_task *find_task(struct rt_worker *w)
{
    for (;;) {
        struct rt_task *t = rt_supply_own(w);

        if (!t && !w->searching)
            rt_idle_start_searching(w);
        if (!t && w->searching)
            t = rt_supply_search(w);
        if (t) {
            if (w->searching)
                rt_idle_stop_searching(w);
            return t;
        }
        w->running = NULL;          /* keeps no task that is done with from being found leaked */
        rt_idle_sleep(w);
        w->round_end = 0;
    }
}

/* ---- running ---- */

static void run(struct rt_worker *w, struct rt_task *t)
{
    rt_begin(w, t);
    rt_fiber_leave(&w->fiber, &t->fiber, false);
    rt_switch(&w->sp, t->sp);
    rt_fiber_arrive(&w->fiber);
    rt_finish_leaving(w);
}

static void *worker_main(void *arg)
{
    struct rt_worker *w = arg;
    void *bottom = NULL;
    size_t size = 0;

#ifdef RT_ASAN
    rt_thread_stack(&bottom, &size);
#endif
    rt_fiber_init_thread(&w->fiber, bottom, size);
    rt_fault_thread();
    rt_thread_works();
    rt_my_worker = w;
    for (;;)
        run(w, find_task(w));
    return NULL;
}

void rt_switch_out(struct rt_worker *w, void (*commit)(void *), void *arg)
{
    struct rt_task *t = w->running;

    rt_leave(w, t, commit, arg, false);
    rt_fiber_arrive(&t->fiber);
    rt_finish_leaving(rt_this_worker());
}

static void commit_finish(void *arg)
{
    rt_task_destroy(arg);
}

void *rt_task_main(void *arg)
{
    struct rt_task *t = arg;

    rt_fiber_arrive(&t->fiber);
    if (t->seeded)
        rt_seed_task_main(t);
    rt_finish_leaving(rt_this_worker());
    t->fn(t->arg);
#if RT_SANITIZED        /* they want the switch right after being told of it */
    rt_leave(rt_this_worker(), t, commit_finish, t, true);
    __builtin_unreachable();
#else
    return rt_leave_for(rt_this_worker(), t, commit_finish, t, true);
#endif
}

static void commit_yield(void *arg)
{
    struct rt_worker *w = rt_this_worker();
    bool others = w->running != arg || !rt_runq_empty(&w->queue) || !rt_deque_empty(&w->fresh) ||
                  atomic_load_explicit(&w->next, memory_order_relaxed);

    rt_supply_push(w, arg);
    if (others && rt_workers_wanted > 1)
        rt_idle_wake_one();
}

void task_yield(void)
{
    struct rt_worker *w = rt_this_worker();

    if (rt_seeded()) {
        rt_seed_yield();
        return;
    }
    if (!w) {
        sched_yield();
        return;
    }
    atomic_store_explicit(&w->running->wait.state, RT_RUNNABLE, memory_order_relaxed);
    rt_switch_out(w, commit_yield, w->running);
}

/* Put t where the next free worker looks. is_new: it can run beside the caller; one
 * that was woken most often runs when the caller blocks, a moment later. */
static void enqueue(struct rt_task *t, bool is_new)
{
    struct rt_worker *w = rt_this_worker();
    struct rt_task *old = NULL;

    if (!w) {
        rt_supply_push_global(&t, 1);
        rt_idle_wake_one();
        return;
    }
    if (is_new)
        rt_supply_push_fresh(w, t);
    else if ((old = rt_supply_put_next(w, t)) != NULL)
        rt_supply_push(w, old);
    if (rt_workers_wanted == 1 || (!is_new && !old && rt_idle_watched()))
        return;
    if (is_new)
        rt_idle_wake_for_fresh();
    else
        rt_idle_wake_one();
}

void rt_enqueue_many(struct rt_task *const *tasks, unsigned n)
{
    rt_supply_push_global(tasks, n);
    rt_idle_wake_one();
}

void rt_enqueue(struct rt_task *t)
{
    enqueue(t, false);
}

/* ---- starting ---- */

static unsigned threads_wanted(void)
{
    cpu_set_t cpus;
    uint64_t n;

    if (!rt_setting("CHANRT_THREADS", false, 1, RT_WORKERS_MOST, &n))
        n = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? (unsigned)CPU_COUNT(&cpus) : 1;
    return n > RT_WORKERS_MOST ? RT_WORKERS_MOST : (unsigned)n;
}

static void start_workers(void)
{
    rt_workers_wanted = threads_wanted();
    rt_workers = aligned_alloc(64, rt_workers_wanted * sizeof *rt_workers);
    if (!rt_workers)
        rt_out_of_memory();
    for (unsigned i = 0; i < rt_workers_wanted; i++)
        rt_workers[i] = (struct rt_worker){ .dice = i + 1, .fresh.looked_top = -1 };
    workers_pid = getpid();
    rt_fault_install();
    atomic_store_explicit(&workers_started, rt_workers_wanted, memory_order_release);
    for (unsigned i = 0; i < rt_workers_wanted; i++)
        rt_thread_start(worker_main, &rt_workers[i]);
}

void rt_start(struct rt_task *t)
{
    if (rt_seed_start(t))
        return;
    if (rt_worker_count() == 0)         /* saves the call */
        pthread_once(&workers_once, start_workers);
    enqueue(t, true);
}
