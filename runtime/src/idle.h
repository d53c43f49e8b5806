/* idle.h - when workers sleep, and who wakes them.
 *
 * No wake-up is lost because both sides announce before they look: a push stores the
 * task, then looks for sleepers; a worker joins the sleepers, then looks for tasks. The
 * barrier that this needs is the sleeper's (barrier.h).
 */
#ifndef RT_IDLE_H
#define RT_IDLE_H

#include "worker.h"

/* A task was put in a queue that others take from: wake a sleeper unless a searcher will
 * find it. */
void rt_idle_wake_one(void);

/* The same for a fresh task of a worker's. Those are left to it for a while anyway: when the
 * last search ended with such in sight, the watcher's next look, within a millisecond, is soon
 * enough. */
void rt_idle_wake_for_fresh(void);

/* Whether some sleeper looks at the workers every millisecond. */
bool rt_idle_watched(void);

/* w has nothing to do: may it search? At most half of the workers do at once. */
void rt_idle_start_searching(struct rt_worker *w);
/* w searched and found something. */
void rt_idle_stop_searching(struct rt_worker *w);

/* Sleep until there may be something to do; w searches then. */
void rt_idle_sleep(struct rt_worker *w);

#endif
