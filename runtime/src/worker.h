/* worker.h - an OS thread that runs tasks, as the files of the scheduler see it:
 * sched.c runs tasks, supply.c finds them, idle.c sleeps when there are none.
 */
#ifndef RT_WORKER_H
#define RT_WORKER_H

#include "deque.h"
#include "pool.h"
#include "roster.h"
#include "runq.h"

struct rt_bias_lock;

enum { RT_INSIDE = 8 };

struct rt_worker {
    _Atomic(struct rt_bias_lock *) inside[RT_INSIDE];   /* see bias.h */
    struct rt_task           *running;          /* the task, or the last one */
    void                     *sp;               /* of the scheduler, while a task runs */
    void                    (*commit)(void *);  /* what the task that left wants done, or NULL */
    void                     *commit_arg;
    int64_t                   now;              /* rt_now_coarse() when the round began */
    uint64_t                  round_end;        /* when switches is that many: see supply.c */
    _Atomic uint64_t          switches;
    _Atomic(struct rt_task *) next;             /* the task made ready last */
    unsigned                  rounds;
    unsigned                  oldest_round;     /* when the oldest fresh task last had a turn */
    int64_t                   oldest_at;
    unsigned                  dice;             /* where to begin stealing */
    bool                      searching;
    bool                      unripe;           /* the last search left tasks alone: supply.c */
    bool                      is_idle;
    atomic_uint               wake;
    struct rt_worker         *idle_next;        /* under idle.c's lock */
    struct rt_fiber           fiber;
    struct rt_stack_cache     stacks;
    struct rt_tally           tally;
    struct rt_runq            queue;
    struct rt_deque           fresh;            /* tasks that have not run yet */
} __attribute__((aligned(64)));

enum { RT_WORKERS_MOST = 256 };

/* Set before the first worker starts, never changed. */
extern struct rt_worker *rt_workers;
extern unsigned rt_workers_wanted;

/* The calling thread is that worker from now on, or none; returns which it was. */
struct rt_worker *rt_set_worker(struct rt_worker *w);

/* The calling thread's; NULL when it is no worker. A task may go on on another thread
 * after every switch, so that compilers must neither remember the value nor the address
 * of the thread-local: either the whole access is hidden from them, or a call is. */
#if defined(__x86_64__)
static inline struct rt_worker *rt_this_worker(void)
{
    struct rt_worker *w;

    __asm__ volatile("movq rt_my_worker@gottpoff(%%rip), %0\n\tmovq %%fs:(%0), %0"
                     : "=&r"(w) : : "memory");
    return w;
}
#else
struct rt_worker *rt_this_worker(void);
#endif

#endif
