/* deque.h - a worker's tasks that have not run yet: the owner takes the newest, others
 * the oldest.
 *
 * A tree of tasks is so walked depth first and needs few stacks at a time, and what
 * others take is near the root: much work in one piece (Blumofe and Leiserson,
 * "Scheduling Multithreaded Computations by Work Stealing", 1994). Others take seldom and
 * many at once, so that they pay for keeping out of the owner's way, as in bias.h: the
 * owner says that it is popping, then looks whether somebody is taking, without a barrier
 * in between. The ring does not grow.
 */
#ifndef RT_DEQUE_H
#define RT_DEQUE_H

#include "barrier.h"
#include "task.h"

enum { RT_DEQUE_SIZE = 1024 };

struct rt_deque {
    _Atomic int64_t           top __attribute__((aligned(64)));     /* only grows */
    struct rt_lock            lock;         /* among those who take, and an owner that met one */
    atomic_bool               taking;       /* under lock */
    _Atomic int64_t           looked_top;   /* what others last saw, -1 before they have looked, */
    _Atomic int64_t           looked_since; /* and since when (ns): see rt_deque_age */
    _Atomic int64_t           bottom __attribute__((aligned(64)));
    atomic_bool               popping;      /* written by the owner */
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

/* Others: how long, in ns, the oldest has been that, as far as anybody has looked. Two who look
 * at once, or one just when the last is taken, may have it too old for once. now:
 * CLOCK_MONOTONIC. */
static inline int64_t rt_deque_age(struct rt_deque *d, int64_t now)
{
    int64_t top = atomic_load_explicit(&d->top, memory_order_acquire);

    if (atomic_load_explicit(&d->looked_top, memory_order_relaxed) == top)
        return now - atomic_load_explicit(&d->looked_since, memory_order_relaxed);
    atomic_store_explicit(&d->looked_since, now, memory_order_relaxed);
    atomic_store_explicit(&d->looked_top, top, memory_order_relaxed);
    return 0;
}

/* Others: up to most of the oldest, half of what there is, rounded up; returns how many. */
unsigned rt_deque_take(struct rt_deque *d, struct rt_task **out, unsigned most);

/* Owner only, from here on. Takes the lock instead of popping. */
void rt_deque_wait(struct rt_deque *d);

/* Keep others out. */
static inline bool rt_deque_enter(struct rt_deque *d)
{
    if (__builtin_expect(rt_barrier_possible, 1)) {
        atomic_store_explicit(&d->popping, true, memory_order_relaxed);
        rt_barrier_light();
        if (__builtin_expect(!atomic_load_explicit(&d->taking, memory_order_acquire), 1))
            return true;
    }
    rt_deque_wait(d);
    return false;
}

/* entered: what rt_deque_enter returned. */
static inline void rt_deque_leave(struct rt_deque *d, bool entered)
{
    if (entered)
        atomic_store_explicit(&d->popping, false, memory_order_release);
    else
        rt_unlock(&d->lock);
}

/* The oldest, or NULL. Nobody else takes meanwhile. */
static inline struct rt_task *rt_deque_shift(struct rt_deque *d)
{
    int64_t top = atomic_load_explicit(&d->top, memory_order_relaxed);

    if (top >= atomic_load_explicit(&d->bottom, memory_order_relaxed))
        return NULL;
    atomic_store_explicit(&d->top, top + 1, memory_order_release);
    return atomic_load_explicit(&d->ring[top % RT_DEQUE_SIZE], memory_order_relaxed);
}

static inline struct rt_task *rt_deque_pop_oldest(struct rt_deque *d)
{
    bool entered;
    struct rt_task *t;

    if (rt_deque_empty(d))
        return NULL;
    entered = rt_deque_enter(d);
    t = rt_deque_shift(d);
    rt_deque_leave(d, entered);
    return t;
}

/* The newest, or NULL. alone: nobody else ever takes from d. Taking the last one moves top, so
 * that whoever sees top unchanged knows that the oldest is still the same. */
static inline struct rt_task *rt_deque_pop(struct rt_deque *d, bool alone)
{
    int64_t bottom = atomic_load_explicit(&d->bottom, memory_order_relaxed) - 1;
    struct rt_task *t;
    bool entered;

    if (atomic_load_explicit(&d->top, memory_order_relaxed) > bottom)
        return NULL;
    t = atomic_load_explicit(&d->ring[bottom % RT_DEQUE_SIZE], memory_order_relaxed);
    if (alone) {
        atomic_store_explicit(&d->bottom, bottom, memory_order_relaxed);
        return t;
    }
    entered = rt_deque_enter(d);
    if (atomic_load_explicit(&d->top, memory_order_relaxed) < bottom)
        atomic_store_explicit(&d->bottom, bottom, memory_order_relaxed);
    else
        t = rt_deque_shift(d);
    rt_deque_leave(d, entered);
    return t;
}

#endif
