/* feasible.h - can all that was decided about some unknowns be true at once?
 *
 * Each unknown has an interval, and each term over unknowns one of its own: n / 4 is 2,
 * n % 4 is not 0, i < n. Intervals alone let through what no numbers satisfy: an even
 * n with n - 1 pairs of two, more rows than rows * columns cells. So numbers are looked for: small
 * ones, those at the ends of the intervals, and what those and the constants of the
 * terms come to (the small-scope hypothesis, Jackson 1996, for numbers). Where none are
 * found, nobody gets.
 */
#ifndef FEASIBLE_H
#define FEASIBLE_H

#include "machine.h"

enum feasibility {
    FEASIBLE,
    INFEASIBLE,
    FEASIBLE_UNKNOWN,       /* too much was decided, about too many unknowns */
};

/* Of the unknown, and all that hangs together with it. */
enum feasibility feasible(const struct machine *m, uint32_t unknown);

#endif
