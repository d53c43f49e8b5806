/* elsewhere.h - what code that a root does not reach could do for a task it has started.
 *
 * A library has several entrances: the one that starts a task is explored by itself, and what ends the
 * task, stop() or submit(), is another. Whether that is there is asked of the text.
 */
#ifndef ELSEWHERE_H
#define ELSEWHERE_H

#include "plan.h"

/* Is there an operation, in a function that the plan's root does not reach, that does what the operation at
 * `at` waits for - a send or a close for a receive, a receive for a send - on a channel that may be the
 * same: kept in the same field or variable, or handed on from there? */
bool is_served_elsewhere(const struct flow *flow, const struct plan *plan, struct place at);

#endif
