/* thread.c - starting the runtime's own OS threads, and knowing them. */
#define _GNU_SOURCE
#include "thread.h"
#include "panic.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

_Atomic(struct rt_own_thread *) rt_own_thread_list;

bool rt_forked;
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

void rt_thread_works(void)
{
    mine->works = true;
}

bool rt_thread_stack(void **low, size_t *size)
{
    pthread_attr_t attr;
    bool known;

    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return false;
    known = pthread_attr_getstack(&attr, low, size) == 0;
    pthread_attr_destroy(&attr);
    return known;
}

/* What a task forks is a program of its own, to be ended by signals as others are. */
static void in_child(void)
{
    rt_forked = true;
    if (mine)
        pthread_sigmask(SIG_SETMASK, &mine->mask, NULL);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, in_child);
}

static void *own_main(void *arg)
{
    struct rt_own_thread *own = mine = arg;
    size_t size;

    own->tid = gettid();
    if (rt_thread_stack(&own->low, &size))
        own->high = (char *)own->low + size;
    own->base = __builtin_frame_address(0);
    own->next = atomic_load(&rt_own_thread_list);
    while (!atomic_compare_exchange_weak(&rt_own_thread_list, &own->next, own))
        ;
    return own->fn(own->arg);
}

/* The record is not freed: where glibc keeps the argument of a thread, the leak profile would
 * take it for the address of what lies there later. */
void rt_thread_start(void *(*fn)(void *), void *arg)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct rt_own_thread *own = calloc(1, sizeof *own);
    sigset_t all;
    pthread_t thread;

    if (!own)
        rt_out_of_memory();
    pthread_once(&once, watch_forks);
    own->fn = fn;
    own->arg = arg;
    /* A handler would run on whatever small stack is current there. Faults stay: a
     * blocked one kills the process without its handler. */
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGTRAP);
    sigdelset(&all, SIGABRT);
    pthread_sigmask(SIG_SETMASK, &all, &own->mask);
    if (pthread_create(&thread, NULL, own_main, own) != 0)
        rt_out_of_memory();
    pthread_sigmask(SIG_SETMASK, &own->mask, NULL);
    pthread_detach(thread);
    rt_count_own_thread(1);
}
