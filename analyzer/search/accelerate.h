/* accelerate.h - how often can a round that repeats itself be repeated?
 *
 * A task that counts goes through the same states but for the numbers in them. When
 * one round has changed each number by d, and the next by the same d, all the operations
 * in between are linear, and the comparisons come out as before, the round
 * after that changes them by d again: for as long as no comparison flips.
 */
#ifndef ACCELERATE_H
#define ACCELERATE_H

#include "machine.h"

/* The states at three points in time, the numbers in them only, and what was computed
 * in the two rounds between. */
struct rounds {
    const int64_t    *numbers[3];
    size_t            number_count;
    const struct sum *sums[2];
    size_t            sum_count[2];
};

/* How many more rounds go the same way, so that each number changes as often by
 * numbers[2] - numbers[1]; 0: none that we know of. */
int64_t accelerate(const struct rounds *r);

#endif
