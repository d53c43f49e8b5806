/* worker.h - an OS thread that runs tasks, as the files of the scheduler see it:
 * sched.c runs tasks, supply.c finds them, idle.c sleeps when there are none.
 */
#ifndef RT_WORKER_H
#define RT_WORKER_H

#include "runq.h"
#include "stack.h"

struct rt_worker {
    void                     *sp;               /* of the scheduler, while a task runs */
    void                    (*commit)(void *);
    void                     *commit_arg;
    struct rt_fiber           fiber;
    unsigned                  next_streak;      /* runs of the next slot in a row */
    unsigned                  dice;             /* where to begin stealing */
    bool                      searching;
    struct rt_stack_cache     stacks;
    struct rt_worker         *idle_next;        /* under idle.c's lock */
    bool                      is_idle;
    atomic_uint               wake;
    _Atomic(struct rt_task *) next;             /* the task made ready last */
    _Atomic uint64_t          switches;
    struct rt_runq            queue;
} __attribute__((aligned(64)));

enum { RT_WORKERS_MOST = 256 };

/* Set before the first worker starts, never changed. */
extern struct rt_worker *rt_workers;
extern unsigned rt_workers_wanted;

/* The calling thread's; NULL when it is no worker. */
struct rt_worker *rt_this_worker(void);

#endif
