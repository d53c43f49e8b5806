/* unguarded.h - what a condition stands for, changed without the mutex that goes with it.
 *
 * A store is local to its task as long as locks keep the others out, and what is local does not
 * interleave (Lipton, "Reduction", 1975). A store outside every lock, followed by a signal, is
 * not: whoever has looked, and is not waiting yet, misses both. Only there a store is a place
 * where others may come first; other races on memory are not looked at.
 */
#ifndef UNGUARDED_H
#define UNGUARDED_H

#include "plan.h"

/* Adds such stores to the stops of a function. Requires keep, skip_to, stops. */
void unguarded_stores(const struct function *fn, struct function_plan *p, struct arena *arena);

#endif
