/* task.c - making and unmaking tasks, and saying what each waits for. */
#define _GNU_SOURCE
#include "task.h"
#include "leak.h"
#include "panic.h"
#include "park.h"
#include "roster.h"
#include "sched.h"
#include "seed.h"
#include "site.h"
#include "switch.h"
#include "thread.h"
#include "worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct rt_thread_list rt_threads;

static __thread struct rt_task *self;      /* of threads that are no workers */
static pthread_key_t thread_key;
static pthread_once_t thread_key_once = PTHREAD_ONCE_INIT;

/* ---- time ---- */

static int64_t clock_read(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return ts.tv_sec * TASK_SECOND + ts.tv_nsec;
}

int64_t rt_real_now(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

int64_t rt_now(void)
{
    return rt_seeded() ? rt_seed_now() : rt_real_now();
}

int64_t rt_now_coarse(void)
{
    return rt_seeded() ? rt_seed_now() : clock_read(CLOCK_MONOTONIC_COARSE);
}

int64_t rt_deadline(int64_t duration)
{
    int64_t now = rt_now();

    return duration > INT64_MAX - now ? INT64_MAX : now + duration;
}

/* ---- self ---- */

/* A thread ends: its record is kept for another, because a waker may still be about
 * to wake the futex in it. */
static void thread_gone(void *arg)
{
    struct rt_task *thread = arg;

    self = NULL;
    rt_lock(&rt_threads.lock);
    thread->in_use = false;
    rt_unlock(&rt_threads.lock);
}

static void make_thread_key(void)
{
    if (pthread_key_create(&thread_key, thread_gone) != 0)
        rt_out_of_memory();
}

static struct rt_task *thread_record(void)
{
    struct rt_task *t;

    rt_lock(&rt_threads.lock);
    for (t = rt_threads.first; t && t->in_use; t = t->all_next)
        ;
    if (!t) {
        t = calloc(1, sizeof *t);
        if (!t)
            rt_out_of_memory();
        t->is_thread = t->wait.elsewhere = true;
        t->all_next = rt_threads.first;
        rt_threads.first = t;
    }
    t->in_use = true;
    t->tid = gettid();
    rt_unlock(&rt_threads.lock);
    return t;
}

static struct rt_task *register_thread(void)
{
    pthread_once(&thread_key_once, make_thread_key);
    self = thread_record();
    pthread_setspecific(thread_key, self);
    return self;
}

/* noinline and the asm keep compilers from seeing that two calls give the same. */
__attribute__((noinline)) struct rt_task *rt_self(void)
{
    struct rt_worker *w = rt_this_worker();

    __asm__ volatile("" ::: "memory");
    if (w)
        return w->running;
    return self ? self : register_thread();
}

__attribute__((noinline)) void rt_set_self(struct rt_task *task)
{
    __asm__ volatile("" ::: "memory");
    self = task;
}

struct rt_task *rt_self_if_known(void)
{
    struct rt_worker *w = rt_this_worker();

    return w ? w->running : self;
}

/* ---- life ---- */

/* A copy up to this part of the stack lies on it, a larger one in the heap. */
enum { COPY_SHARE = 8 };

enum { SPAWN_AHEAD = 64 };

/* What of the task before, or of nobody, is still right stays: is_thread, and the wait, whose
 * version must not go back. */
struct rt_task *rt_task_create(task_fn *fn, const char *site, const void *pc, const void *copy,
                               size_t size)
{
    struct rt_worker *w = rt_this_worker();
    char *stack = rt_pool_get(w ? &w->stacks : NULL);
    struct rt_task *t = rt_task_on(stack);
    char *top = (char *)t;

    rt_sanitizer_stack_reused(stack, rt_stack_bytes);
    atomic_store_explicit(&t->fn, fn, memory_order_release);
    t->arg = (void *)copy;
    t->heap_copy = NULL;
    t->vain_polls = t->spawned = 0;
    t->wait.elsewhere = false;
    t->seeded = NULL;
    t->wait.has_canary = rt_stack_has_canary(stack);
    atomic_store_explicit(&t->spawn_site, site, memory_order_release);
    atomic_store_explicit(&t->spawn_pc, pc, memory_order_release);
    if (size > 0) {
        if (size > rt_stack_bytes / COPY_SHARE && !(t->heap_copy = malloc(size)))
            rt_out_of_memory();
        if (!t->heap_copy)
            top -= (size + 15) & ~(size_t)15;
        t->arg = memcpy(t->heap_copy ? t->heap_copy : top, copy, size);
    }
    rt_fiber_init(&t->fiber, stack, rt_stack_bytes);
    t->sp = rt_stack_start(top, rt_task_main, t);
    atomic_store_explicit(&t->wait.state, RT_RUNNABLE, memory_order_release);
    rt_roster_enter(w ? &w->tally : NULL, t);
    return t;
}

void rt_task_forget(struct rt_task *t)
{
    struct rt_worker *w = rt_this_worker();

    rt_roster_leave(w ? &w->tally : NULL, t);
}

void rt_task_free(struct rt_task *t)
{
    struct rt_worker *w = rt_this_worker();

    rt_fiber_release(&t->fiber);
    if (t->heap_copy)
        free(t->heap_copy);
    rt_pool_put(w ? &w->stacks : NULL, rt_task_stack(t));
}

void rt_task_destroy(struct rt_task *t)
{
    rt_task_forget(t);
    rt_task_free(t);
}

/* A task that has spawned many and would need a new stack for the next lets those run first
 * that have not run yet: who ends leaves its stack, still warm, so that a million short
 * tasks need some dozens of stacks, not a million. A task that spawns few goes on: in a
 * tree its children's children would otherwise all begin before any ends. */
static void spawn_step(const char *site)
{
    struct rt_worker *w = rt_this_worker();

    rt_step(site);
    if (w && ++w->running->spawned > SPAWN_AHEAD && rt_pool_dry(&w->stacks) &&
        rt_deque_count(&w->fresh) >= SPAWN_AHEAD)
        task_yield();
}

void task_spawn_at(task_fn *fn, void *arg, const char *site)
{
    spawn_step(site);
    rt_start(rt_task_create(fn, site, __builtin_return_address(0), arg, 0));
}

void task_spawn_copy_at(task_fn *fn, const void *arg, size_t size, const char *site)
{
    spawn_step(site);
    rt_start(rt_task_create(fn, site, __builtin_return_address(0), arg, size));
}

void task_spawn(task_fn *fn, void *arg)
{
    task_spawn_at(fn, arg, RT_CALLER);
}

void task_spawn_copy(task_fn *fn, const void *arg, size_t size)
{
    task_spawn_copy_at(fn, arg, size, RT_CALLER);
}

/* ---- what it waits for ---- */

const char *const rt_state_names[] = {
    [RT_RUNNING]      = "running",
    [RT_RUNNABLE]     = "runnable",
    [RT_SEND]         = "chan send",
    [RT_RECEIVE]      = "chan receive",
    [RT_SELECT]       = "select",
    [RT_SEND_NIL]     = "chan send (nil chan)",
    [RT_RECEIVE_NIL]  = "chan receive (nil chan)",
    [RT_SELECT_NONE]  = "select (no cases)",
    [RT_WAIT_GROUP]   = "wait group wait",
    [RT_MUTEX]        = "mutex lock",
    [RT_READ_LOCK]    = "rwlock read lock",
    [RT_WRITE_LOCK]   = "rwlock write lock",
    [RT_COND]         = "cond wait",
    [RT_ONCE]         = "once",
    [RT_GROUP_SPAWN]  = "group spawn",
    [RT_GROUP_WAIT]   = "group wait",
    [RT_SLEEP]        = "sleep",
};

bool rt_wait_try(struct rt_task *task, struct rt_seen *seen)
{
    struct rt_wait *w = &task->wait;
    unsigned version = atomic_load_explicit(&w->version, memory_order_acquire);

    *seen = (struct rt_seen){
        .version = version,
        .state = (enum rt_state)atomic_load_explicit(&w->state, memory_order_acquire),
        .site = atomic_load_explicit(&w->site, memory_order_acquire),
        .made = atomic_load_explicit(&w->made, memory_order_acquire),
        .capacity = atomic_load_explicit(&w->capacity, memory_order_acquire),
        .object = atomic_load_explicit(&w->object, memory_order_acquire),
        .cases = atomic_load_explicit(&w->cases, memory_order_acquire),
        .since = atomic_load_explicit(&w->since, memory_order_acquire),
    };
    return !(version & 1) && version == atomic_load_explicit(&w->version, memory_order_relaxed);
}

struct rt_seen rt_wait_look(struct rt_task *task)
{
    struct rt_seen seen;

    while (!rt_wait_try(task, &seen))
        rt_cpu_relax();
    return seen;
}

/* ---- blocking ---- */

/* It sleeps on a futex of its own, unless it is seeded. */
void rt_park_thread(struct rt_reason reason, void (*commit)(void *), void *arg)
{
    struct rt_task *t = rt_self();

    rt_say_why(&t->wait, &reason, rt_now_coarse());
    if (t->seeded) {
        rt_seed_park(t, commit, arg);
        return;
    }
    if (rt_forked)
        rt_give_up(RT_FORKED);
    rt_leak_watch();
    atomic_store_explicit(&t->woken, 0, memory_order_relaxed);
    commit(arg);
    while (atomic_load_explicit(&t->woken, memory_order_acquire) == 0)
        rt_futex_wait(&t->woken, 0, INT64_MAX);
    atomic_store_explicit(&t->wait.state, RT_RUNNING, memory_order_relaxed);
    rt_moved();
}

void rt_park(struct rt_reason reason, void (*commit)(void *), void *arg)
{
    struct rt_worker *w = rt_this_worker();

    if (w)
        rt_park_task(w, reason, commit, arg);
    else
        rt_park_thread(reason, commit, arg);
}

static void commit_nothing(void *arg)
{
    (void)arg;
}

_Noreturn void rt_park_for_ever(enum rt_state state, const char *site)
{
    for (;;)
        rt_park((struct rt_reason){ .state = state, .site = site }, commit_nothing, NULL);
}

void rt_ready(struct rt_task *t)
{
    atomic_store_explicit(&t->wait.state, RT_RUNNABLE, memory_order_relaxed);
    if (!t->wait.elsewhere) {
        rt_enqueue(t);
    } else if (t->seeded) {
        rt_seed_ready(t);
    } else {
        atomic_store_explicit(&t->woken, 1, memory_order_release);
        rt_futex_wake(&t->woken, 1);
    }
}

void rt_ready_many(struct rt_task **tasks, unsigned n)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < n; i++) {
        struct rt_task *t = tasks[i];

        if (t->wait.elsewhere) {
            rt_ready(t);
        } else {
            atomic_store_explicit(&t->wait.state, RT_RUNNABLE, memory_order_relaxed);
            tasks[kept++] = t;
        }
    }
    if (kept > 0)
        rt_enqueue_many(tasks, kept);
}
