/* roster.h - who is there: ids, the count, and a walk over all live tasks.
 *
 * A task is listed by lying at the top of a stack with an id that is not 0, so that
 * starting and ending one takes no lock and writes nothing that another worker writes.
 */
#ifndef RT_ROSTER_H
#define RT_ROSTER_H

#include "task.h"

/* One per worker, zero at first. */
struct rt_tally {
    uint64_t         next_id, end_id;   /* ids at hand */
    unsigned         mark;              /* as of when */
    _Atomic uint64_t started, ended;    /* tasks, by this worker */
};

/* List t, which is complete otherwise, under a new id; strike it off. tally is NULL on a
 * thread that is no worker. */
void rt_roster_enter(struct rt_tally *tally, struct rt_task *t);
void rt_roster_leave(struct rt_tally *tally, struct rt_task *t);

/* Tasks spawned from now on have this id or a higher one, others a lower one. (A task
 * that is being spawned meanwhile may have either.) */
uint64_t rt_roster_mark(void);

/* Each live task until visit returns false. A task may end during the
 * visit, and another begin in its place: what was read of t, with acquire, belonged to
 * the task with that id if t->id is still the same afterwards. */
void rt_roster_each(bool (*visit)(struct rt_task *t, uint64_t id, void *arg), void *arg);

#endif
