/* runq.h - a worker's own run queue: a ring that its owner pushes and pops without a
 * lock and from which others take half at a time.
 *
 * After the Go scheduler's runqput, runqget and runqgrab (runtime/proc.go): head
 * moves by compare-and-swap, tail is the owner's alone. A slot is read before the
 * swap that claims it, so slots are atomics, and a read that lost is discarded.
 */
#ifndef RT_RUNQ_H
#define RT_RUNQ_H

#include "task.h"

enum { RT_RUNQ_SIZE = 256 };

struct rt_runq {
    atomic_uint               head __attribute__((aligned(64)));
    atomic_uint               tail __attribute__((aligned(64)));
    _Atomic(struct rt_task *) ring[RT_RUNQ_SIZE];
};

static inline bool rt_runq_empty(struct rt_runq *q)
{
    return atomic_load_explicit(&q->head, memory_order_acquire) ==
           atomic_load_explicit(&q->tail, memory_order_acquire);
}

/* Anybody: how many there are, more or less. */
static inline unsigned rt_runq_count(struct rt_runq *q)
{
    return atomic_load_explicit(&q->tail, memory_order_acquire) -
           atomic_load_explicit(&q->head, memory_order_acquire);
}

/* Owner only. False when full. */
static inline bool rt_runq_push(struct rt_runq *q, struct rt_task *t)
{
    unsigned head = atomic_load_explicit(&q->head, memory_order_acquire);
    unsigned tail = atomic_load_explicit(&q->tail, memory_order_relaxed);

    if (tail - head == RT_RUNQ_SIZE)
        return false;
    atomic_store_explicit(&q->ring[tail % RT_RUNQ_SIZE], t, memory_order_relaxed);
    atomic_store_explicit(&q->tail, tail + 1, memory_order_release);
    return true;
}

/* Owner only. alone: nobody else ever takes from q. */
static inline struct rt_task *rt_runq_pop(struct rt_runq *q, bool alone)
{
    unsigned head = atomic_load_explicit(&q->head, memory_order_acquire);

    for (;;) {
        struct rt_task *t;

        if (head == atomic_load_explicit(&q->tail, memory_order_relaxed))
            return NULL;
        t = atomic_load_explicit(&q->ring[head % RT_RUNQ_SIZE], memory_order_relaxed);
        if (alone) {
            atomic_store_explicit(&q->head, head + 1, memory_order_release);
            return t;
        }
        if (atomic_compare_exchange_weak_explicit(&q->head, &head, head + 1,
                                                  memory_order_acq_rel, memory_order_acquire))
            return t;
    }
}

/* Anybody: take half of what there is, rounded up, oldest first; returns how many. */
static inline unsigned rt_runq_grab(struct rt_runq *q, struct rt_task *out[RT_RUNQ_SIZE / 2])
{
    unsigned head = atomic_load_explicit(&q->head, memory_order_acquire);

    for (;;) {
        unsigned tail = atomic_load_explicit(&q->tail, memory_order_acquire);
        unsigned n = tail - head;

        n -= n / 2;
        if (n == 0)
            return 0;
        if (n > RT_RUNQ_SIZE / 2) {     /* head and tail of different moments */
            head = atomic_load_explicit(&q->head, memory_order_acquire);
            continue;
        }
        for (unsigned i = 0; i < n; i++)
            out[i] = atomic_load_explicit(&q->ring[(head + i) % RT_RUNQ_SIZE],
                                          memory_order_relaxed);
        if (atomic_compare_exchange_weak_explicit(&q->head, &head, head + n,
                                                  memory_order_acq_rel, memory_order_acquire))
            return n;
    }
}

#endif
