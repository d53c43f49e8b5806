/* sleeps.h - where sleeping and yielding let others come first. */
#ifndef SLEEPS_H
#define SLEEPS_H

#include "cfg.h"

/* Sleeping and yielding stay places to stop only where they are the only ones: in a loop without
 * another operation, or before a look at shared memory. Requires keep, skip_to, stops. */
void sleeps_relax(const struct function *fn, const struct cfg *g, struct function_plan *p, struct arena *arena);

#endif
