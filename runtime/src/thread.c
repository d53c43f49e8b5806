/* thread.c - starting the runtime's own OS threads, and knowing them. */
#define _GNU_SOURCE
#include "thread.h"
#include "panic.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct start {
    void *(*fn)(void *);
    void   *arg;
};

_Atomic(struct rt_own_thread *) rt_own_thread_list;

static atomic_int own_threads;
static __thread struct rt_own_thread *mine;

void rt_count_own_thread(int change)
{
    atomic_fetch_add(&own_threads, change);
}

int rt_own_threads(void)
{
    return atomic_load(&own_threads);
}

bool rt_futex_rest(atomic_uint *word, unsigned expected, int64_t deadline)
{
    bool in_time;

    atomic_store_explicit(&mine->rests, true, memory_order_relaxed);
    in_time = rt_futex_wait(word, expected, deadline);
    atomic_store_explicit(&mine->rests, false, memory_order_relaxed);
    return in_time;
}

/* The record lies on the thread's stack, which stays as long as the process. */
static void *own_main(void *arg)
{
    struct start start = *(struct start *)arg;
    struct rt_own_thread own = { .tid = gettid(), .base = __builtin_frame_address(0) };

    free(arg);
    mine = &own;
    own.next = atomic_load(&rt_own_thread_list);
    while (!atomic_compare_exchange_weak(&rt_own_thread_list, &own.next, &own))
        ;
    return start.fn(start.arg);
}

void rt_thread_start(void *(*fn)(void *), void *arg)
{
    struct start *start = malloc(sizeof *start);
    sigset_t all, old;
    pthread_t thread;

    if (!start)
        rt_out_of_memory();
    *start = (struct start){ fn, arg };
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
    if (pthread_create(&thread, NULL, own_main, start) != 0)
        rt_out_of_memory();
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_detach(thread);
    rt_count_own_thread(1);
}
