/* lock.h - the lock inside channels and queues, and the futex that threads sleep on.
 *
 * A word that is 0 when free. Locks are held for a few dozen instructions, so that whoever
 * finds one taken waits longer and longer between two looks (Anderson, "The Performance of
 * Spin Lock Alternatives for Shared-Memory Multiprocessors", 1990), then gives its processor
 * away in case the holder needs that, then sleeps a little. Nobody waits to be woken, which
 * saves unlocking its atomic read-modify-write; and a worker that holds a lock often can do
 * so several times before the other's next look, which costs less than to take turns.
 * May be held across a switch to the scheduler: it has no owner. Unlocking is its last
 * access: the memory may go as soon as another thread can have locked it.
 */
#ifndef RT_LOCK_H
#define RT_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct rt_lock { atomic_uint word; };

/* Sleep while *word == expected, until deadline (CLOCK_MONOTONIC nanoseconds,
 * INT64_MAX: for ever). May return early. Returns false when the time is over. */
bool rt_futex_wait(atomic_uint *word, unsigned expected, int64_t deadline);
void rt_futex_wake(atomic_uint *word, int count);

void rt_lock_slow(struct rt_lock *lock);

static inline void rt_lock(struct rt_lock *lock)
{
    unsigned free = 0;

    if (!atomic_compare_exchange_strong_explicit(&lock->word, &free, 1, memory_order_acquire,
                                                 memory_order_relaxed))
        rt_lock_slow(lock);
}

static inline void rt_unlock(struct rt_lock *lock)
{
    atomic_store_explicit(&lock->word, 0, memory_order_release);
}

static inline void rt_cpu_relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield");
#endif
}

#endif
