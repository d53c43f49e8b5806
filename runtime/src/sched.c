/* sched.c - the scheduler: run queues, stealing, and when workers sleep.
 *
 * After Go's (Vyukov, "Scalable Go Scheduler Design Doc", 2012): per-worker queues with
 * a next slot for the task just made ready, so that two tasks that talk stay on one
 * worker and in its cache; idle workers search a little before they sleep; at most a
 * few search at once, and a push wakes a sleeper only when nobody searches.
 *
 * No wake-up is lost because both sides announce before they look: a push stores the
 * task, then looks for sleepers; a worker joins the sleepers, then looks for tasks.
 *
 * The next slot is not free for the taking, or two workers would tear the talkers apart:
 * it is stolen only from a worker that has not switched tasks for a whole search. So
 * that a task in the slot of a worker lost in a long computation is found, one sleeper,
 * the watcher, wakes up every millisecond as long as some worker runs.
 */
#define _GNU_SOURCE
#include "sched.h"
#include "panic.h"
#include "runq.h"
#include "stack.h"
#include "switch.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    WORKERS_MOST = 256,
    NEXT_STREAK = 32,           /* runs of the next slot before the queue has a turn */
    GLOBAL_EVERY = 61,          /* switches before the global queue has a turn */
    SEARCH_NS = 20000,
    WATCH_NS = 1000000,
};

struct worker {
    void                     *sp;               /* of the scheduler, while a task runs */
    void                    (*commit)(void *);
    void                     *commit_arg;
    struct rt_fiber           fiber;
    unsigned                  next_streak;
    unsigned                  dice;             /* where to begin stealing */
    bool                      searching;
    struct rt_stack_cache     stacks;
    struct worker            *idle_next;        /* under idle.lock */
    bool                      is_idle;
    atomic_uint               wake;
    _Atomic(struct rt_task *) next;
    _Atomic uint64_t          switches;
    struct rt_runq            queue;
} __attribute__((aligned(64)));

static struct worker *workers;
static unsigned worker_count;
static pthread_once_t workers_once = PTHREAD_ONCE_INIT;
static atomic_uint workers_started;
static pid_t workers_pid;
static __thread struct worker *my_worker;

static struct {
    struct rt_lock  lock;
    struct rt_task *first, **last;
    _Atomic size_t  count;
} global = { .last = &global.first };

static struct {
    struct rt_lock lock;
    struct worker *first;
    atomic_uint    count;
    atomic_uint    searching;
    atomic_uint    watching;    /* 0 or 1 */
} idle;

static _Atomic uint64_t movements;
static atomic_int own_threads;

__attribute__((noinline)) static struct worker *this_worker(void)
{
    __asm__ volatile("" ::: "memory");
    return my_worker;
}

struct rt_stack_cache *rt_stack_cache(void)
{
    struct worker *w = this_worker();

    return w ? &w->stacks : NULL;
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
        sum += atomic_load_explicit(&workers[i].switches, memory_order_relaxed);
    return sum;
}

void rt_count_own_thread(int change)
{
    atomic_fetch_add(&own_threads, change);
}

int rt_own_threads(void)
{
    return atomic_load(&own_threads);
}

/* ---- queues ---- */

static void global_append(struct rt_task **tasks, unsigned n)
{
    rt_lock(&global.lock);
    for (unsigned i = 0; i < n; i++) {
        tasks[i]->next = NULL;
        *global.last = tasks[i];
        global.last = &tasks[i]->next;
    }
    atomic_store_explicit(&global.count, global.count + n, memory_order_relaxed);
    rt_unlock(&global.lock);
}

static void local_push(struct worker *w, struct rt_task *t)
{
    struct rt_task *batch[RT_RUNQ_SIZE / 2 + 1];
    unsigned n;

    while (!rt_runq_push(&w->queue, t)) {
        n = rt_runq_grab(&w->queue, batch);
        batch[n] = t;
        if (n > 0) {
            global_append(batch, n + 1);
            return;
        }
    }
}

static struct rt_task *global_pop_locked(void)
{
    struct rt_task *t = global.first;

    if (!t)
        return NULL;
    global.first = t->next;
    if (!global.first)
        global.last = &global.first;
    atomic_store_explicit(&global.count, global.count - 1, memory_order_relaxed);
    return t;
}

/* One task to run and a fair share of at most most-1 others into w's queue. */
static struct rt_task *global_take(struct worker *w, size_t most)
{
    size_t count = atomic_load_explicit(&global.count, memory_order_relaxed);
    size_t share = count / worker_count + 1;
    struct rt_task *t, *more;

    if (count == 0)
        return NULL;
    if (share > most)
        share = most;
    rt_lock(&global.lock);
    t = global_pop_locked();
    while (--share > 0 && (more = global_pop_locked()) != NULL) {
        if (!rt_runq_push(&w->queue, more)) {
            more->next = global.first;
            if (!global.first)
                global.last = &more->next;
            global.first = more;
            atomic_store_explicit(&global.count, global.count + 1, memory_order_relaxed);
            break;
        }
    }
    rt_unlock(&global.lock);
    return t;
}

static struct rt_task *next_take(struct worker *w)
{
    if (!atomic_load_explicit(&w->next, memory_order_relaxed))
        return NULL;
    return atomic_exchange_explicit(&w->next, NULL, memory_order_acq_rel);
}

/* What w can have without looking at other workers. */
static struct rt_task *take_own(struct worker *w)
{
    uint64_t switches = atomic_load_explicit(&w->switches, memory_order_relaxed);
    struct rt_task *t;

    if (switches % GLOBAL_EVERY == 0 && (t = global_take(w, 1)) != NULL)
        return t;
    if (w->next_streak < NEXT_STREAK && (t = next_take(w)) != NULL) {
        w->next_streak++;
        return t;
    }
    w->next_streak = 0;
    if ((t = rt_runq_pop(&w->queue)) != NULL)
        return t;
    if ((t = next_take(w)) != NULL)
        return t;
    return global_take(w, RT_RUNQ_SIZE / 2);
}

/* ---- searching ---- */

static struct rt_task *steal_from(struct worker *w, struct worker *victim)
{
    struct rt_task *batch[RT_RUNQ_SIZE / 2];
    unsigned n = rt_runq_grab(&victim->queue, batch);

    for (unsigned i = 1; i < n; i++)
        local_push(w, batch[i]);
    return n > 0 ? batch[0] : NULL;
}

static struct rt_task *steal_once(struct worker *w)
{
    unsigned first = w->dice++;

    for (unsigned i = 0; i < worker_count; i++) {
        struct worker *victim = &workers[(first + i) % worker_count];
        struct rt_task *t = victim == w ? NULL : steal_from(w, victim);

        if (t)
            return t;
    }
    return global_take(w, RT_RUNQ_SIZE / 2);
}

/* seen: each worker's switches when the search began. */
static struct rt_task *steal_next(struct worker *w, const uint64_t *seen)
{
    for (unsigned i = 0; i < worker_count; i++) {
        struct worker *victim = &workers[i];
        struct rt_task *t;

        if (victim == w ||
            atomic_load_explicit(&victim->switches, memory_order_relaxed) != seen[i])
            continue;
        if ((t = next_take(victim)) != NULL)
            return t;
    }
    return NULL;
}

static struct rt_task *search(struct worker *w)
{
    uint64_t seen[WORKERS_MOST];
    int64_t end = rt_now() + SEARCH_NS;
    struct rt_task *t;

    for (unsigned i = 0; i < worker_count; i++)
        seen[i] = atomic_load_explicit(&workers[i].switches, memory_order_relaxed);
    do {
        if ((t = steal_once(w)) != NULL)
            return t;
        for (int i = 0; i < 32; i++)
            rt_cpu_relax();
    } while (rt_now() < end);
    return steal_next(w, seen);
}

/* ---- sleeping and waking ---- */

/* What was stored before is seen by whoever announced itself before this. */
static void announce(void)
{
#ifdef RT_TSAN
    static atomic_uint fence;

    atomic_fetch_add(&fence, 0);        /* TSan does not know fences */
#else
    atomic_thread_fence(memory_order_seq_cst);
#endif
}

static struct worker *idle_pop(void)
{
    struct worker *w;

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

static void idle_push(struct worker *w)
{
    rt_lock(&idle.lock);
    w->idle_next = idle.first;
    idle.first = w;
    w->is_idle = true;
    atomic_fetch_add(&idle.count, 1);
    rt_unlock(&idle.lock);
}

/* False when somebody is about to wake w, or has. */
static bool idle_remove(struct worker *w)
{
    bool was_idle;

    rt_lock(&idle.lock);
    was_idle = w->is_idle;
    if (was_idle) {
        struct worker **link = &idle.first;

        while (*link != w)
            link = &(*link)->idle_next;
        *link = w->idle_next;
        w->is_idle = false;
        atomic_fetch_sub(&idle.count, 1);
    }
    rt_unlock(&idle.lock);
    return was_idle;
}

/* There is work: wake a sleeper unless a searcher will find it. Requires announce(). */
static void wake_one(void)
{
    unsigned none = 0;
    struct worker *w;

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

static bool work_anywhere(void)
{
    if (atomic_load(&global.count) != 0)
        return true;
    for (unsigned i = 0; i < worker_count; i++)
        if (!rt_runq_empty(&workers[i].queue))
            return true;
    return false;
}

static void start_searching(struct worker *w)
{
    atomic_fetch_add(&idle.searching, 1);
    w->searching = true;
}

/* Found something: if nobody searches any more, somebody should, there may be more. */
static void stop_searching(struct worker *w)
{
    w->searching = false;
    if (atomic_fetch_sub(&idle.searching, 1) == 1)
        wake_one();
}

/* One sleep; true when woken by wake_one. */
static bool sleep_idle(struct worker *w)
{
    unsigned none = 0;
    bool watch = atomic_load(&idle.count) < worker_count &&
                 atomic_compare_exchange_strong(&idle.watching, &none, 1);
    int64_t deadline = watch ? rt_now() + WATCH_NS : INT64_MAX;

    while (atomic_load_explicit(&w->wake, memory_order_acquire) == 0 &&
           rt_futex_wait(&w->wake, 0, deadline))
        ;
    if (watch)
        atomic_store(&idle.watching, 0);
    return atomic_load_explicit(&w->wake, memory_order_acquire) != 0;
}

/* Sleep until there may be something to do; returns searching. */
static void go_idle(struct worker *w)
{
    idle_push(w);
    if (w->searching) {
        w->searching = false;
        atomic_fetch_sub(&idle.searching, 1);
    }
    announce();
    if ((work_anywhere() || !sleep_idle(w)) && idle_remove(w)) {
        start_searching(w);
        return;
    }
    /* wake_one has counted this worker as searching. */
    while (atomic_load_explicit(&w->wake, memory_order_acquire) == 0)
        rt_futex_wait(&w->wake, 0, INT64_MAX);
    atomic_store_explicit(&w->wake, 0, memory_order_relaxed);
    w->searching = true;
}

static struct rt_task *find_task(struct worker *w)
{
    for (;;) {
        struct rt_task *t = take_own(w);

        if (!t && !w->searching && 2 * atomic_load(&idle.searching) < worker_count)
            start_searching(w);
        if (!t && w->searching)
            t = search(w);
        if (t) {
            if (w->searching)
                stop_searching(w);
            return t;
        }
        go_idle(w);
    }
}

/* ---- running ---- */

static void run(struct worker *w, struct rt_task *t)
{
    void (*commit)(void *);

    atomic_store_explicit(&w->switches, w->switches + 1, memory_order_relaxed);
    atomic_store_explicit(&t->wait.state, RT_RUNNING, memory_order_relaxed);
    rt_set_self(t);
    rt_fiber_leave(&w->fiber, &t->fiber, false);
    rt_switch(&w->sp, t->sp);
    rt_fiber_arrive(&w->fiber);
    commit = w->commit;
    commit(w->commit_arg);
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    void *bottom = NULL;
    size_t size = 0;

#ifdef RT_ASAN
    pthread_attr_t attr;

    pthread_getattr_np(pthread_self(), &attr);
    pthread_attr_getstack(&attr, &bottom, &size);
    pthread_attr_destroy(&attr);
#endif
    rt_fiber_init_thread(&w->fiber, bottom, size);
    my_worker = w;
    for (;;)
        run(w, find_task(w));
    return NULL;
}

void rt_switch_out(struct rt_task *t, void (*commit)(void *), void *arg)
{
    struct worker *w = this_worker();

    w->commit = commit;
    w->commit_arg = arg;
    rt_fiber_leave(&t->fiber, &w->fiber, false);
    rt_switch(&t->sp, w->sp);
    rt_fiber_arrive(&t->fiber);
}

static void commit_finish(void *arg)
{
    rt_task_destroy(arg);
}

void rt_task_main(void *arg)
{
    struct rt_task *t = arg;
    struct worker *w;

    rt_fiber_arrive(&t->fiber);
    t->fn(t->arg);
    w = this_worker();
    w->commit = commit_finish;
    w->commit_arg = t;
    rt_fiber_leave(&t->fiber, &w->fiber, true);
    rt_switch(&t->sp, w->sp);
    __builtin_unreachable();
}

static void commit_yield(void *arg)
{
    struct worker *w = this_worker();
    bool others = !rt_runq_empty(&w->queue) || atomic_load(&w->next);

    local_push(w, arg);
    if (others && worker_count > 1) {
        announce();
        wake_one();
    }
}

void task_yield(void)
{
    struct rt_task *t = rt_self();

    if (t->is_thread) {
        sched_yield();
        return;
    }
    atomic_store_explicit(&t->wait.state, RT_RUNNABLE, memory_order_relaxed);
    rt_switch_out(t, commit_yield, t);
}

/* Put t where the next free worker looks. is_new: it can run beside the caller; one
 * that was woken most often runs when the caller blocks, a moment later. */
static void enqueue(struct rt_task *t, bool is_new)
{
    struct worker *w = this_worker();
    struct rt_task *old;

    if (!w) {
        global_append(&t, 1);
        announce();
        wake_one();
        return;
    }
    old = atomic_exchange(&w->next, t);
    if (old)
        local_push(w, old);
    if (worker_count == 1 || (!is_new && !old && atomic_load(&idle.watching)))
        return;
    announce();
    wake_one();
}

void rt_enqueue(struct rt_task *t)
{
    enqueue(t, false);
}

/* ---- starting ---- */

static unsigned threads_wanted(void)
{
    const char *text = getenv("CHANRT_THREADS");
    long n = text ? strtol(text, NULL, 10) : 0;
    cpu_set_t cpus;

    if (n <= 0)
        n = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
    return n > WORKERS_MOST ? WORKERS_MOST : (unsigned)n;
}

void rt_thread_start(void *(*fn)(void *), void *arg)
{
    sigset_t all, old;
    pthread_t thread;

    /* A handler would run on whatever small stack is current there. Faults stay: a
     * blocked one kills the process without its handler. */
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGTRAP);
    sigdelset(&all, SIGABRT);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    if (pthread_create(&thread, NULL, fn, arg) != 0)
        rt_out_of_memory();
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_detach(thread);
    rt_count_own_thread(1);
}

static void start_workers(void)
{
    worker_count = threads_wanted();
    workers = aligned_alloc(64, worker_count * sizeof *workers);
    if (!workers)
        rt_out_of_memory();
    for (unsigned i = 0; i < worker_count; i++)
        workers[i] = (struct worker){ .dice = i + 1 };
    workers_pid = getpid();
    atomic_store_explicit(&workers_started, worker_count, memory_order_release);
    for (unsigned i = 0; i < worker_count; i++)
        rt_thread_start(worker_main, &workers[i]);
}

void rt_start(struct rt_task *t)
{
    pthread_once(&workers_once, start_workers);
    enqueue(t, true);
}
