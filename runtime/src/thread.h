/* thread.h - the runtime's own OS threads: workers, the one for timers, the watcher. */
#ifndef RT_THREAD_H
#define RT_THREAD_H

#include "lock.h"

#include <signal.h>
#include <sys/types.h>

/* Start a detached thread of the runtime, which must not end; signals go to the
 * program's threads. */
void rt_thread_start(void *(*fn)(void *), void *arg);

/* This process was forked by one that runs tasks, whose threads are not here. */
extern bool rt_forked;

/* The calling thread's stack: its lowest byte and size; false when it is not known. */
bool rt_thread_stack(void **low, size_t *size);

/* Threads of the runtime's own, which never use channels for the program; change counts
 * those that were not started by rt_thread_start. */
void rt_count_own_thread(int change);
int  rt_own_threads(void);

/* rt_futex_wait of a thread of the runtime that has nothing in hand: whatever task it
 * still has the address of on its stack or in its registers, it is done with. */
bool rt_futex_rest(atomic_uint *word, unsigned expected, int64_t deadline);

/* The calling thread, started here, is going to run tasks. */
void rt_thread_works(void);

/* What is known of each thread started here. */
struct rt_own_thread {
    struct rt_own_thread *next;
    void               *(*fn)(void *);
    void                 *arg;
    sigset_t              mask;         /* of the thread that started it */
    pid_t                 tid;
    void                 *low, *high;   /* its stack, and above that its thread-locals */
    void                 *base;     /* where its use of its stack begins */
    atomic_bool           rests;
    bool                  works;    /* runs tasks, whose thread-locals are its own */
};
extern _Atomic(struct rt_own_thread *) rt_own_thread_list;

#endif
