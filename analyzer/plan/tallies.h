/* tallies.h - what is counted in memory, and what of a count matters.
 *
 * A service counts what it has done for as long as it runs, and the states would never
 * end: beyond a saturation a count is only known to be beyond. Where somebody takes it modulo a constant
 * (every fourth sample is flushed, slot n % 8 of a ring) that much of it is known on:
 * the domain of arithmetical congruences (Granger, "Static Analysis of Arithmetical Congruences", 1989),
 * with the constants that the program itself divides by.
 */
#ifndef TALLIES_H
#define TALLIES_H

#include "plan.h"

/* Fills tally and moduli of the reached functions of a sliced and scaled plan. */
void tallies_make(const struct flow *flow, struct plan *plan, struct arena *arena);

#endif
