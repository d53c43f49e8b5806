/* scale.h - counts that are too far to be run in full, made smaller.
 *
 * A million sends to one receiver are as stuck as six. The numbers a program
 * counts with (loop bounds, capacities, what is added to a wait group, what
 * flows into those) are replaced by small ones that keep how they relate:
 *
 * - numbers up to a limit stay as they are;
 * - of the others, those near a multiple of a common base, c = q * base + r, stay
 *   so with a smaller base: 1,000,000 and 999,999 become 5 and 4, 4 workers with
 *   250 rows each still make 1,000 rows. Sums of counts are kept, for the map is
 *   linear in the base; what is no such multiple has a base of its own;
 * - a base that is the product of two numbers, or a multiple of one, stays so, and
 *   what is counted in steps, or looked at every so many turns, keeps how often that is;
 * - the order of all numbers, and of each against the sums of two, is kept: small differences
 *   as they are, others remain more than all small numbers together.
 *
 * Only what counts is scaled (units.h): characters, sizes in bytes and durations are left alone.
 *
 * What this cannot do: the scaled program is another one. Where it seems stuck the
 * source's own numbers decide (retrace.h); where it is not, a leak that needs more
 * turns, or arithmetic that is not linear, can be missed: the small-scope hypothesis.
 */
#ifndef SCALE_H
#define SCALE_H

#include "cfg.h"

struct scaled {
    int64_t from, to;           /* the number in the source, and in the exploration */
};

struct scaling {
    struct scaled *numbers;     /* those that are changed, in order */
    uint32_t       count;       /* 0: none are, or no way was found */
};

/* Fills functions[].scaled and global_scaled of a sliced plan: numbers beyond limit become smaller. */
void scale_program(const struct flow *flow, struct plan *plan, int64_t limit, struct arena *arena);

/* The first numbers that something is counted with in a sliced plan, from least to most, in order. */
uint32_t scale_counts(const struct flow *flow, struct plan *plan, int64_t least, int64_t most, int64_t *counts,
                      uint32_t room, struct arena *arena);

/* Is any number another? NULL: none is. */
bool scaling_changes(const struct scaling *s);
bool scaling_shrinks(const struct scaling *s);      /* by a third at least */
bool scaling_equal(const struct scaling *a, const struct scaling *b);

/* The number in the source that n stands for. */
int64_t scale_back(const struct scaling *s, int64_t n);

#endif
