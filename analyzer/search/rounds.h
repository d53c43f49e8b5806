/* rounds.h - tasks that are never blocked for ever and never end either. */
#ifndef ROUNDS_H
#define ROUNDS_H

#include "search.h"

/* Of a component that nothing leaves, its first state: tasks that go round there
 * for ever, let through by a closed channel, or although those who started them have
 * returned. blocked: tasks that cannot move in that state. Requires all states
 * of the component to have the same population. */
void rounds_find(struct search *s, uint32_t node, uint64_t blocked);

/* Polls that were seen to find nothing: which of them stand in a loop that does
 * nothing but poll? */
void rounds_of_polls(struct search *s);

#endif
