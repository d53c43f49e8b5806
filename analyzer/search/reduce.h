/* reduce.h - which tasks must be let move from a state, and which can wait. */
#ifndef REDUCE_H
#define REDUCE_H

#include "search.h"

/* Persistent sets of the loaded state (Godefroid, "Partial-Order Methods for the
 * Verification of Concurrent Systems", 1996), a bit for each task, the smallest
 * first, the last of all `alive`: what the tasks outside may still do touches no
 * object that a pending operation inside is about. To let those inside move is
 * enough, where one of them can. Returns how many; at most one for each task. */
uint32_t persistent_sets(struct machine *m, uint64_t alive, uint64_t *sets);

/* Of the loaded state's tasks, those that wait for channels which nobody who is alive, or
 * can still be woken, leads to any more: they are leaked whatever the rest goes on
 * to do (the idea of GOLF: Saioc et al., "Dynamic Partial Deadlock Detection and
 * Recovery via Garbage Collection", ASPLOS 2025). */
uint64_t unreachable_tasks(struct machine *m, uint64_t alive);

#endif
