/* task.h - tasks, and OS threads that act like them.
 *
 * Whoever can block has a struct rt_task. A task's lies at the top of its own stack;
 * a thread's is allocated the first time it needs one. Blocking is the same for
 * both: put a waiter in some queue, rt_park(); the waker calls rt_ready().
 */
#ifndef RT_TASK_H
#define RT_TASK_H

#include "chanrt.h"
#include "lock.h"
#include "sanitizer.h"
#include "stack.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

enum rt_state {
    RT_RUNNING,             /* on a worker, or a thread doing what it likes */
    RT_RUNNABLE,            /* in a run queue */
    RT_SEND,
    RT_RECEIVE,
    RT_SELECT,
    RT_SEND_NIL,            /* on a NULL channel: for ever */
    RT_RECEIVE_NIL,
    RT_SELECT_NONE,         /* no cases: for ever */
    RT_WAIT_GROUP,
    RT_MUTEX,
    RT_READ_LOCK,
    RT_WRITE_LOCK,
    RT_COND,
    RT_ONCE,
    RT_GROUP_SPAWN,
    RT_GROUP_WAIT,
    RT_SLEEP,
};

extern const char *const rt_state_names[];

/* What a task waits for, as others may see it. Written by the task before it parks;
 * version is odd meanwhile (a sequence lock with a release at each store instead of
 * fences, which ThreadSanitizer does not know: Boehm, "Can Seqlocks Get Along with
 * Programming Language Memory Models?", 2012). */
struct rt_wait {
    atomic_uint           version;
    _Atomic uint16_t      state;        /* enum rt_state */
    /* No part of it, but of the task, which has room for them here: */
    bool                  elsewhere;    /* no worker runs it: a thread, or in a seeded run */
    bool                  has_canary;   /* below its stack, instead of a guard */
    _Atomic(const char *) site;         /* the operation's */
    _Atomic(const char *) made;         /* where the channel was made, or NULL */
    _Atomic size_t        capacity;     /* the channel's */
    _Atomic(const void *) object;       /* as in struct rt_reason */
    _Atomic size_t        cases;
    _Atomic int64_t       since;        /* nanoseconds, CLOCK_MONOTONIC_COARSE */
};

/* In the order of how often it is touched, and by whom: the first cache line by who parks
 * and wakes, the second by who spawns. */
struct rt_task {
    void            *sp;                /* while switched out */
    struct rt_wait   wait;
    _Atomic uint64_t id;                /* of a live task, from 1, never used twice; or 0 */
    _Atomic(task_fn *) fn;
    void            *arg;
    void            *heap_copy;         /* of a large argument, freed with the task */
    _Atomic(const char *) spawn_site;
    _Atomic(const void *) spawn_pc;     /* where the spawning call returns to */
    struct rt_seeded *seeded;           /* its part in a seeded run, or NULL */
    unsigned         vain_polls;
    unsigned         spawned;           /* tasks by this one */
    struct rt_fiber  fiber;
    struct rt_task  *next;              /* in the inbox of a seeded run */
    bool             is_thread;
    /* threads only */
    bool             in_use;
    atomic_uint      woken;
    pid_t            tid;
    struct rt_task  *all_next;          /* in rt_threads */
};

/* The task at the top of a stack, given its lowest usable byte; and back.
 *
 * Not quite at the top: stacks begin at page boundaries, and if all their tasks, and the
 * frames below them, lay at the same place of a page, they would share a small part of the
 * processor's cache, which finds the set of a line by its place in the page. Each goes
 * down by another number of cache lines, its colour (Bonwick, "The Slab Allocator",
 * 1994), so little that a blocked task still needs no more than a page (37.4 us a prime of
 * a sieve of 2,000 tasks, 40.2 without). */
enum {
    RT_TASK_ROOM = (sizeof(struct rt_task) + 63) & ~63u,
    RT_STACK_ALIGN = 4096,              /* the smallest page there is */
    RT_COLOURS = 32,
    RT_COLOUR = 64,                     /* bytes */
};
_Static_assert(RT_TASK_ROOM + RT_COLOURS * RT_COLOUR <= RT_STACK_ALIGN, "found by rounding up");

static inline struct rt_task *rt_task_on(void *stack)
{
    uintptr_t top = (uintptr_t)stack + rt_stack_bytes;

    return (struct rt_task *)(top - RT_TASK_ROOM - top / RT_STACK_ALIGN % RT_COLOURS * RT_COLOUR);
}

static inline void *rt_task_stack(const struct rt_task *t)
{
    return (char *)(((uintptr_t)t | (RT_STACK_ALIGN - 1)) + 1) - rt_stack_bytes;
}

/* The caller's own; the first call in a thread registers it. */
struct rt_task *rt_self(void);
/* NULL when the thread is not registered. May be called in a signal handler. */
struct rt_task *rt_self_if_known(void);

/* What rt_park says about the wait. made is NULL when it is not about one channel. The
 * task stays for ever when the program can no longer reach its object: the channel, or
 * any address in the lock, wait group and so on; for a select, its array of cases. NULL:
 * time ends the wait, or nothing does. */
struct rt_reason {
    enum rt_state state;
    const char   *site;
    const char   *made;
    size_t        capacity;
    const void   *object;
    size_t        cases;                /* of a select */
};

/* Block the caller until rt_ready. Once it can be made ready, and not before, calls
 * commit(arg), which publishes the wait: usually it unlocks the queue the caller's
 * waiter is in. From its first unlock on commit must not touch the caller's stack,
 * unless the caller, woken, waits for a later unlock of the same commit. */
void rt_park(struct rt_reason reason, void (*commit)(void *), void *arg);
_Noreturn void rt_park_for_ever(enum rt_state state, const char *site);

/* Make a parked task runnable; the last access to it, and to what is on its stack. */
void rt_ready(struct rt_task *task);
/* The same for each of the array, which is used up, in this order. */
void rt_ready_many(struct rt_task **tasks, unsigned n);

/* ---- for sched.c ---- */
struct rt_task *rt_task_create(task_fn *fn, const char *site, const void *pc, const void *copy,
                               size_t size);
/* Called off the task's stack. */
void rt_task_destroy(struct rt_task *task);
/* Its two halves: nobody finds the task any more; its memory goes. */
void rt_task_forget(struct rt_task *task);
void rt_task_free(struct rt_task *task);
/* What rt_self is on a thread that is no worker. */
void rt_set_self(struct rt_task *task);

/* ---- for looking at all of them ---- */
struct rt_thread_list {
    struct rt_lock  lock;
    struct rt_task *first;              /* never freed, only not in_use */
};
extern struct rt_thread_list rt_threads;

/* A copy of task->wait in which all fields belong together. */
struct rt_seen {
    unsigned      version;              /* another one for every wait */
    enum rt_state state;
    const char   *site, *made;
    size_t        capacity;
    const void   *object;
    size_t        cases;
    int64_t       since;
};
struct rt_seen rt_wait_look(struct rt_task *task);
/* False when the task is just writing it. */
bool rt_wait_try(struct rt_task *task, struct rt_seen *seen);

int64_t rt_now(void);                   /* CLOCK_MONOTONIC, nanoseconds; virtual in a seeded run */
int64_t rt_real_now(void);              /* never virtual */
int64_t rt_now_coarse(void);            /* its cheap cousin, some ms behind */
int64_t rt_deadline(int64_t duration);  /* now + duration, at most INT64_MAX */

#endif
