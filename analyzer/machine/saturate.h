/* saturate.h - counts that have gone beyond the numbers that are told apart.
 *
 * Such a count is an unknown of its own, of which it is known how far it is at least, and what
 * it is modulo something (tallies.h): the unknown is a multiple of that, and the value the rest.
 */
#ifndef SATURATE_H
#define SATURATE_H

#include "machine.h"

/* What v becomes that went up or down by counting: itself while it lies between low and high. modulus: what it
 * matters modulo, at least 1. Once it comes back from beyond it may be anything. */
struct value saturate(struct machine *m, struct value v, int64_t low, int64_t high, uint8_t modulus);

/* The remainder of v when divided by a constant, where that is known of a count gone beyond. */
bool saturated_remainder(const struct machine *m, struct value v, int64_t divisor, int64_t *rest);

#endif
