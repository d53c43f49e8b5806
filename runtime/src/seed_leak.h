/* seed_leak.h - what is left at the end of a seeded run. */
#ifndef RT_SEED_LEAK_H
#define RT_SEED_LEAK_H

#include "seed.h"
#include "sighting.h"

/* leak_check_end in a seeded run: nothing sleeps, so timeout is for other threads only. */
size_t rt_seed_leak_check(uint64_t first, int64_t timeout, FILE *out);

/* The same at the end of a seeded process, on stderr. */
size_t rt_seed_leak_check_process(int64_t timeout);

/* What is left of run (from first on, main too if that is 0) but the caller, each as a line
 * of seen. */
void rt_seed_sight(struct rt_run *run, uint64_t first, enum rt_settled settled,
                   struct rt_sightings *seen);

/* Say so, and end the process. */
_Noreturn void rt_seed_all_blocked(struct rt_run *run);

/* Wait for other threads until they have set *bell (true), or it takes longer than patience
 * nanoseconds, or they cannot. */
bool rt_seed_wait_for_threads(atomic_uint *bell, int64_t patience);

#endif
