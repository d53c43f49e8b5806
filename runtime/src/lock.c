/* lock.c - sleeping on a word, and the slow half of rt_lock. */
#include "lock.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    /* About 1 and 4 us, in which a worker has 50 items through a channel. Looks that come sooner
     * take the lock's line away from it and gain nothing (four producers and four consumers on
     * two workers: 27 ns an item instead of 48). */
    PAUSES_LEAST = 32,
    PAUSES_MOST = 128,
    LOOKS = 16,
    YIELDS = 64,
    NAP_NS = 50000,
};

bool rt_futex_wait(atomic_uint *word, unsigned expected, int64_t deadline)
{
    struct timespec at = { deadline / 1000000000, deadline % 1000000000 };
    /* FUTEX_WAIT_BITSET, because its timeout is a point in time. */
    long rc = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                      deadline == INT64_MAX ? NULL : &at, NULL, FUTEX_BITSET_MATCH_ANY);

    return rc == 0 || errno != ETIMEDOUT;
}

void rt_futex_wake(atomic_uint *word, int count)
{
    syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, NULL, NULL, 0);
}

void rt_lock_slow(struct rt_lock *lock)
{
    const struct timespec nap = { 0, NAP_NS };
    unsigned pauses = PAUSES_LEAST;

    for (unsigned looks = 0;; looks++) {
        unsigned free = 0;

        if (atomic_load_explicit(&lock->word, memory_order_relaxed) == 0 &&
            atomic_compare_exchange_strong_explicit(&lock->word, &free, 1, memory_order_acquire,
                                                    memory_order_relaxed))
            return;
        for (unsigned i = 0; i < pauses; i++)
            rt_cpu_relax();
        if (pauses < PAUSES_MOST)
            pauses *= 2;
        else if (looks > LOOKS + YIELDS)
            nanosleep(&nap, NULL);
        else if (looks > LOOKS)
            sched_yield();
    }
}
