/* circles.h - schedules in which tasks wait for each other's locks.
 *
 * Locks that are taken in a circle (lock_order.h) deadlock when all who take one of them have it at the same
 * time. Such a state is looked for best first: where most locks are taken (after Groce and Visser, "Heuristics for
 * Model Checking Java Programs", 2004: most blocked).
 */
#ifndef CIRCLES_H
#define CIRCLES_H

#include "search.h"

/* Explore from the root, at most max_states, until in stuck states tasks wait at all these places. */
void circles_search(struct search *s, uint32_t root, const struct place *places, uint32_t count, uint64_t max_states);

#endif
