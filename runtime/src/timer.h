/* timer.h - things that happen later: one heap, one thread that waits for its top.
 *
 * A timer is part of whatever waits for it, on a stack or in the heap; nothing is
 * allocated for it. Deadlines are CLOCK_MONOTONIC nanoseconds.
 */
#ifndef RT_TIMER_H
#define RT_TIMER_H

#include "task.h"

struct rt_timer {
    int64_t when;
    size_t  slot;           /* 1 + index in the heap; 0: not in it */
    _Atomic(struct rt_run *) run;   /* the seeded run in whose heap it is, or NULL */
    bool    idles;          /* waiting for it alone is no movement: see rt_timers_pending */
    /* Called on the timer thread with the heap locked and the timer taken out of it: true
     * when fire is to be called after unlocking. It may do the work itself if that is no
     * more than rt_ready; otherwise it must take a reference that fire gives back. */
    bool  (*pop)(struct rt_timer *timer);
    void  (*fire)(struct rt_timer *timer);
};

void rt_timer_start(struct rt_timer *timer);

/* After this pop is not running and will not; fire may be, if pop said so. False when
 * it was not pending. */
bool rt_timer_stop(struct rt_timer *timer);

/* Whether any timer can still make something move: one that is not marked idles, or
 * whose marked owner says so through can_wake. */
bool rt_timers_pending(bool (*can_wake)(struct rt_timer *timer));

/* For tickers: somebody waits on its channel. */
bool rt_tick_is_awaited(struct rt_timer *timer);
/* For tickers: a tick now would not be dropped. */
bool rt_tick_is_kept(struct rt_timer *timer);

#endif
