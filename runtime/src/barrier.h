/* barrier.h - a barrier that only the side that needs it rarely pays for.
 *
 * Two threads that each store and then look at what the other stored need a barrier in
 * between, or neither may see the other's store. membarrier(2) runs one on every processor
 * that runs this process, so that the other side needs none but the compiler's (Dice,
 * Huang and Yang, "Asymmetric Dekker Synchronization", 2001). It takes 0.3 to 3 us.
 */
#ifndef RT_BARRIER_H
#define RT_BARRIER_H

#include <stdatomic.h>
#include <stdbool.h>

/* Never changes once main has begun. When false the often used side must do without:
 * with a lock, or an ordinary barrier. */
extern bool rt_barrier_possible;

/* What this thread stored before all others see in what they load after; and what they
 * stored before it sees. False when the system cannot do that; aborts when it no longer does, for the
 * other side relies on it. */
bool rt_barrier(void);

/* The often used side's, when rt_barrier_possible. */
static inline void rt_barrier_light(void)
{
    atomic_signal_fence(memory_order_seq_cst);
}

#endif
