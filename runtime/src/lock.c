/* lock.c - sleeping on a word, and the slow half of rt_lock. */
#include "lock.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SPINS = 64 };

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
    for (int i = 0; i < SPINS; i++) {
        unsigned free = 0;

        if (atomic_load_explicit(&lock->word, memory_order_relaxed) == 0 &&
            atomic_compare_exchange_weak_explicit(&lock->word, &free, 1, memory_order_acquire,
                                                  memory_order_relaxed))
            return;
        rt_cpu_relax();
    }
    while (atomic_exchange_explicit(&lock->word, 2, memory_order_acquire) != 0)
        rt_futex_wait(&lock->word, 2, INT64_MAX);
}
