/* sections.h - critical sections in which nothing happens that matters. */
#ifndef SECTIONS_H
#define SECTIONS_H

#include "plan.h"

/* Drop the locks and unlocks (plan.dropped) of every name whose sections are all
 * empty after slicing: nobody ever waits for such a lock, and what it protects
 * decides nothing. Requires keep and decides, which are to be made again when it
 * returns true: without those locks less may matter. */
bool sections_drop(const struct flow *program, struct plan *plan, struct arena *arena);

#endif
