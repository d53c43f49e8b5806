/* deque.h - a worker's tasks that have not run yet: the owner takes the newest, others
 * the oldest.
 *
 * A tree of tasks is so walked depth first and needs few stacks at a time, and what
 * others take is near the root: much work in one piece (Blumofe and Leiserson,
 * "Scheduling Multithreaded Computations by Work Stealing", 1994). The deque is that of
 * Chase and Lev ("Dynamic Circular Work-Stealing Deque", 2005) with a ring that does not grow.
 */
#ifndef RT_DEQUE_H
#define RT_DEQUE_H

#include "task.h"

enum { RT_DEQUE_SIZE = 1024 };

struct rt_deque {
    _Atomic int64_t           top __attribute__((aligned(64)));     /* only grows */
    _Atomic int64_t           bottom __attribute__((aligned(64)));
    _Atomic(struct rt_task *) ring[RT_DEQUE_SIZE];
};

static inline bool rt_deque_empty(struct rt_deque *d)
{
    return atomic_load_explicit(&d->top, memory_order_acquire) >=
           atomic_load_explicit(&d->bottom, memory_order_acquire);
}

/* Owner only; others may be about to take some of them. */
static inline int64_t rt_deque_count(struct rt_deque *d)
{
    return atomic_load_explicit(&d->bottom, memory_order_relaxed) -
           atomic_load_explicit(&d->top, memory_order_relaxed);
}

/* Owner only. False when full. */
static inline bool rt_deque_push(struct rt_deque *d, struct rt_task *t)
{
    int64_t bottom = atomic_load_explicit(&d->bottom, memory_order_relaxed);

    if (bottom - atomic_load_explicit(&d->top, memory_order_acquire) == RT_DEQUE_SIZE)
        return false;
    atomic_store_explicit(&d->ring[bottom % RT_DEQUE_SIZE], t, memory_order_relaxed);
    atomic_store_explicit(&d->bottom, bottom + 1, memory_order_release);
    return true;
}

/* Anybody: the oldest, or NULL when there is none or somebody else got it. */
static inline struct rt_task *rt_deque_steal(struct rt_deque *d)
{
    int64_t top = atomic_load_explicit(&d->top, memory_order_seq_cst);
    struct rt_task *t;

    if (top >= atomic_load_explicit(&d->bottom, memory_order_seq_cst))
        return NULL;
    t = atomic_load_explicit(&d->ring[top % RT_DEQUE_SIZE], memory_order_relaxed);
    return atomic_compare_exchange_strong_explicit(&d->top, &top, top + 1, memory_order_seq_cst,
                                                   memory_order_relaxed) ? t : NULL;
}

/* Owner only: the newest, or NULL. alone: nobody else ever takes from d. Taking the last one
 * moves top, so that whoever sees top unchanged knows that the oldest is still the same. */
static inline struct rt_task *rt_deque_pop(struct rt_deque *d, bool alone)
{
    int64_t bottom = atomic_load_explicit(&d->bottom, memory_order_relaxed) - 1;
    int64_t top = atomic_load_explicit(&d->top, memory_order_relaxed);
    struct rt_task *t;

    if (top > bottom)
        return NULL;
    if (alone) {
        t = atomic_load_explicit(&d->ring[bottom % RT_DEQUE_SIZE], memory_order_relaxed);
        atomic_store_explicit(&d->bottom, bottom, memory_order_relaxed);
        return t;
    }
    /* An exchange, for the barrier between this store and the look at top. */
    atomic_exchange_explicit(&d->bottom, bottom, memory_order_seq_cst);
    top = atomic_load_explicit(&d->top, memory_order_seq_cst);
    t = atomic_load_explicit(&d->ring[bottom % RT_DEQUE_SIZE], memory_order_relaxed);
    if (top < bottom)
        return t;
    if (top > bottom || !atomic_compare_exchange_strong_explicit(
                            &d->top, &top, top + 1, memory_order_seq_cst, memory_order_relaxed))
        t = NULL;
    atomic_store_explicit(&d->bottom, bottom + 1, memory_order_relaxed);
    return t;
}

#endif
