/* roots.h - where everything alive begins: all memory but blocks and task stacks. */
#ifndef RT_ROOTS_H
#define RT_ROOTS_H

#include "profile.h"

struct rt_cuts {
    struct rt_range *all;           /* sorted by address, do not overlap */
    size_t           count, size;
};

/* What is not looked through with the maps: stacks of tasks, the dead part of other
 * stacks, memory of the profile's own; and blocks, which this finds. Sets m->heap and m->libc.
 * Requires m->maps and m->tasks. NULL, or why it cannot be done. */
const char *rt_roots_find(struct rt_mark *m, const struct rt_profile *p,
                          const struct rt_world *world, struct rt_cuts *cuts);
void rt_roots_drop(struct rt_cuts *cuts);

/* Mark from the maps. */
void rt_roots_mark(struct rt_mark *m, const struct rt_cuts *cuts);
/* Mark from the threads' registers and stacks. */
void rt_roots_mark_threads(struct rt_mark *m, const struct rt_profile *p,
                           const struct rt_world *world);

/* Some thread may be in the middle of malloc. */
bool rt_roots_malloc_busy(const struct rt_mark *m, const struct rt_world *world);

#endif
