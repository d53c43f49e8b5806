/* seed_many.h - seeds from the environment: one run, or many in child processes. */
#ifndef RT_SEED_MANY_H
#define RT_SEED_MANY_H

#include "seed.h"

/* Before main: seed the process if CHANRT_SEED is set. With CHANRT_RUNS only the children
 * return, each seeded. */
void rt_seed_read_environment(void);

/* In such a child: hand its parent what is left, *count places. False anywhere else. */
bool rt_many_tell(struct rt_run *run, uint64_t first, enum rt_settled settled, size_t *count);

/* In such a child: tell its parent one line more. */
void rt_many_say(const char *line);

#endif
