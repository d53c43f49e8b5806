/* lock.h - the lock inside channels and queues, and the futex under it.
 *
 * A word that is 0 when free, 1 when held, 2 when held and somebody may sleep on it
 * (Ulrich Drepper, "Futexes Are Tricky", 2011, mutex 2). Held for a few dozen
 * instructions only, so waiting spins a little first. May be held across a switch
 * to the scheduler: it has no owner. Unlocking is its last access: the memory may go
 * as soon as another thread can have locked it.
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
    if (atomic_exchange_explicit(&lock->word, 0, memory_order_release) == 2)
        rt_futex_wake(&lock->word, 1);
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
