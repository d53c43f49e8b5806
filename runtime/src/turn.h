/* turn.h - a task that goes on polling in vain gives way, if there is anybody to give way to.
 *
 * chanrt_others_ (see chanrt.h) says whether there may be. Whoever puts a task into a queue
 * sets it. A poller that has found nothing for a while clears it, makes that seen by all
 * processors (membarrier(2)), then looks into the queues: a task put there before the
 * barrier is found; after it, the one who puts it sees the cleared flag and sets it.
 */
#ifndef RT_TURN_H
#define RT_TURN_H

#include "chanrt.h"

#include <stdatomic.h>

/* A poll found nothing: every so often somebody else gets a turn. */
void rt_polled_in_vain(void);

/* From now on chanrt_others_ stays set as long as there are seeded runs; count: how many. */
void rt_turn_seeded(atomic_int *count, int change);

/* After a task was put into a queue. */
static inline void rt_turn_wanted(void)
{
    atomic_signal_fence(memory_order_seq_cst);
    if (!__atomic_load_n(&chanrt_others_, __ATOMIC_RELAXED))
        __atomic_store_n(&chanrt_others_, 1, __ATOMIC_RELAXED);
}

#endif
