/* supply.h - where a worker's next task comes from: its own queue, the global queue,
 * other workers.
 */
#ifndef RT_SUPPLY_H
#define RT_SUPPLY_H

#include "worker.h"

/* At the end of w's queue, which is the calling thread's; what that cannot hold goes to the
 * global queue. */
void rt_supply_push(struct rt_worker *w, struct rt_task *t);
/* From any thread. */
void rt_supply_push_global(struct rt_task *t);

/* What w can have without looking at other workers, or NULL. */
struct rt_task *rt_supply_own(struct rt_worker *w);

/* Look at everybody else's for some 20 us; NULL when there was nothing. */
struct rt_task *rt_supply_search(struct rt_worker *w);

/* For somebody who announced itself before: is there a task in any queue? */
bool rt_supply_anywhere(void);

#endif
