/* roots.h - where explorations start. */
#ifndef ROOTS_H
#define ROOTS_H

#include "flow.h"

/* The functions of a linked program to explore from: main if there is one, then
 * functions that reach an operation on tasks, channels or locks and that nothing
 * in the program calls, refers to or starts. Indices into flow->functions. */
uint32_t *roots_of(const struct flow *program, struct arena *arena, uint32_t *count);

#endif
