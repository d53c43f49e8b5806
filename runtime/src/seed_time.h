/* seed_time.h - timers of a seeded run, on a clock that only they move.
 *
 * A pending timer may fire at any moment after it was set, for between any two steps of a
 * program there can be any length of time. But time does not run backwards: a timer
 * never overtakes one that was set before it and is due no later.
 */
#ifndef RT_SEED_TIME_H
#define RT_SEED_TIME_H

#include "seed_choice.h"

struct rt_seed_timers {
    struct rt_lock          lock;       /* other threads may stop timers */
    struct rt_mover       **all;        /* in the order in which they were set, with holes */
    size_t                  end;        /* of what is in use of all */
    size_t                  count;
    size_t                  room;
    size_t                  ticking;    /* how many are tickers' */
    struct rt_mover       **ready;      /* those that may fire now */
    size_t                  ready_count;
    bool                    stale;      /* ready is to be found out anew */
    int64_t                 now;
};

void rt_seed_timers_init(struct rt_seed_timers *timers);
/* The timers still pending never fire. */
void rt_seed_timers_free(struct rt_seed_timers *timers);

struct rt_mover *rt_seed_timers_add(struct rt_seed_timers *timers, struct rt_timer *timer);
/* False when it was not pending. */
bool rt_seed_timers_remove(struct rt_seed_timers *timers, struct rt_timer *timer);

/* Find the timers that may fire now: ready, ready_count. alone: nothing else can move, so
 * that a tick nobody waits for is of no use. Locked by the caller. */
void rt_seed_timers_look(struct rt_seed_timers *timers, bool alone);

/* Fire one of ready; the clock is at its deadline then, or later. Unlocks. */
void rt_seed_timers_fire(struct rt_seed_timers *timers, struct rt_timer *timer);

#endif
