/* loops.h - what ends a loop, and what it counts in.
 *
 * A loop that only a receive ends is a range; one counted too far to be run in full is a
 * loop of unknown count; a register that it counts in is told apart up to a saturation.
 */
#ifndef LOOPS_H
#define LOOPS_H

#include "cfg.h"

/* Fills range, long_loop, widen, counters, leaves, computes, walks and repeats of a function, of which stops is there. */
void loops_function(const struct flow *flow, struct plan *plan, uint32_t f, const struct cfg *g, bool full,
                    struct arena *arena);

/* Marks the receives that end loops of the function, also in functions that return them: when
 * loops_function() was called of all. */
void loops_ranges(const struct flow *flow, struct plan *plan, uint32_t f, const struct cfg *g);

#endif
