/* supply.h - where a worker's next task comes from: its own queue, the global queue,
 * other workers.
 */
#ifndef RT_SUPPLY_H
#define RT_SUPPLY_H

#include "turn.h"
#include "worker.h"

/* At the end of w's queue, which is the calling thread's; what that cannot hold goes to the
 * global queue. */
void rt_supply_push(struct rt_worker *w, struct rt_task *t);
/* A task that has not run yet, on its worker's deque. */
void rt_supply_push_fresh(struct rt_worker *w, struct rt_task *t);
/* From any thread, in this order. */
void rt_supply_push_global(struct rt_task *const *tasks, unsigned n);

/* t becomes what w, the calling thread's, runs next; returns what it would have been. */
static inline struct rt_task *rt_supply_put_next(struct rt_worker *w, struct rt_task *t)
{
    struct rt_task *old = atomic_load_explicit(&w->next, memory_order_relaxed);

    /* Others only ever take what is there, so nobody else changes an empty slot. */
    if (old && rt_workers_wanted > 1)
        old = atomic_exchange_explicit(&w->next, t, memory_order_acq_rel);
    else
        atomic_store_explicit(&w->next, t, memory_order_release);
    rt_turn_wanted();
    return old;
}

/* Only the owner takes here while that goes on switching. */
static inline struct rt_task *rt_supply_take_next(struct rt_worker *w)
{
    struct rt_task *t = atomic_load_explicit(&w->next, memory_order_acquire);

    if (!t || rt_workers_wanted > 1)
        return t ? atomic_exchange_explicit(&w->next, NULL, memory_order_acq_rel) : NULL;
    atomic_store_explicit(&w->next, NULL, memory_order_relaxed);
    return t;
}

/* The same from deque and queue. */
struct rt_task *rt_supply_queued(struct rt_worker *w);

/* What w, the calling thread's, has at hand; NULL when there is nothing, or when the round
 * is over and rt_supply_own must be asked. */
static inline __attribute__((always_inline)) struct rt_task *rt_supply_soon(struct rt_worker *w)
{
    struct rt_task *t;

    if (atomic_load_explicit(&w->switches, memory_order_relaxed) >= w->round_end)
        return NULL;
    t = rt_supply_take_next(w);
    return __builtin_expect(t != NULL, 1) ? t : rt_supply_queued(w);
}

/* What w can have without looking at other workers, or NULL. May begin a new round. */
struct rt_task *rt_supply_own(struct rt_worker *w);

/* Look at everybody else's for some 20 us, or 100 to 200 us when there is something that may be
 * worth it; NULL when there was nothing. */
struct rt_task *rt_supply_search(struct rt_worker *w);

/* For somebody who announced itself before: is there a task in any queue that others take
 * from? fresh: or one that has not run yet. */
bool rt_supply_to_steal(bool fresh);
/* Or in any next slot? */
bool rt_supply_anywhere(void);

#endif
