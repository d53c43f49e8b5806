/* restarts.h - tasks that start the like of themselves. */
#ifndef RESTARTS_H
#define RESTARTS_H

#include "plan.h"

/* A task that starts the function it runs, itself or by way of others, may go round for
 * ever where no loop is seen: task_spawn(tick, ..) at the end of tick(). Such starts become places to
 * stop (plan.stops), so that the round is one in the graph of states; else a step would
 * not end. Requires reached, by_pointer and stops; before liveness, which looks at stops. */
void restarts_find(const struct flow *program, struct plan *plan, struct arena *arena);

#endif
