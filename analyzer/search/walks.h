/* walks.h - a few schedules to their end, where all of them are too many.
 *
 * What is found stuck at the end of a walk is stuck: no walk proves that nothing is. Walks differ in which
 * of the successors of a state they go on to (after Holzmann, Joshi and Groce, "Swarm Verification Techniques", 2011).
 */
#ifndef WALKS_H
#define WALKS_H

#include "search.h"

/* Walk from the root, again and again, until there are max_states or the time is up. */
void walks_search(struct search *s, uint32_t root, uint64_t max_states);

#endif
