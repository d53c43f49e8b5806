/* deque.c - taking from another worker's deque. */
#include "deque.h"

#include <sched.h>

enum { PAUSES = 100 };          /* an owner pops for a few instructions */

/* Requires the lock. Returns when the owner is not popping, and it will not before taking
 * is false. */
static void keep_owner_out(struct rt_deque *d)
{
    int pauses = 0;

    atomic_store_explicit(&d->taking, true, memory_order_relaxed);
    rt_barrier();
    while (atomic_load_explicit(&d->popping, memory_order_acquire)) {
        if (++pauses % PAUSES == 0)
            sched_yield();
        rt_cpu_relax();
    }
}

unsigned rt_deque_take(struct rt_deque *d, struct rt_task **out, unsigned most)
{
    int64_t top, n;

    rt_lock(&d->lock);
    keep_owner_out(d);
    top = atomic_load_explicit(&d->top, memory_order_relaxed);
    n = (atomic_load_explicit(&d->bottom, memory_order_acquire) - top + 1) / 2;
    if (n > most)
        n = most;
    for (int64_t i = 0; i < n; i++)
        out[i] = atomic_load_explicit(&d->ring[(top + i) % RT_DEQUE_SIZE], memory_order_relaxed);
    atomic_store_explicit(&d->top, top + n, memory_order_release);
    atomic_store_explicit(&d->taking, false, memory_order_release);
    rt_unlock(&d->lock);
    return (unsigned)n;
}

void rt_deque_wait(struct rt_deque *d)
{
    atomic_store_explicit(&d->popping, false, memory_order_release);
    rt_lock(&d->lock);
}
