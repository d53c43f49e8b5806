/* roots.h - where explorations start. */
#ifndef ROOTS_H
#define ROOTS_H

#include "flow.h"

/* The functions of a linked program to explore from: main if there is one, then
 * functions that reach an operation on tasks, channels or locks and that nothing
 * in the program calls, refers to or starts. Indices into flow->functions. */
uint32_t *roots_of(const struct flow *program, struct arena *arena, uint32_t *count);

/* The functions that `root` reaches and that make channels of their own, where
 * all they take is pointers: smaller scopes to explore when the root is too much.
 * A number as a parameter would be unknown there, and what depends on it guessed. */
uint32_t *roots_owners(const struct flow *program, uint32_t root, struct arena *arena, uint32_t *count);

#endif
