/* symmetry.h - tasks that are alike, in one order, whatever objects and unknowns they have to themselves.
 *
 * Two states that differ only in the order of identical tasks are one (Ip and
 * Dill, "Better Verification Through Symmetry", 1996): tasks are sorted by what they
 * look like, without numbers that depend on the order, before a state is saved.
 */
#ifndef SYMMETRY_H
#define SYMMETRY_H

#include "machine.h"

/* order[new] = old: the root, then the living by their looks. Returns how many. Without
 * REDUCTION_SYMMETRY, in the order they are in. */
uint32_t symmetry_order(struct machine *m, uint32_t *order);

#endif
