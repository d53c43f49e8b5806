/* retrace.h - does what a scaled exploration found also happen with the source's own numbers?
 *
 * The schedule that led to the finding is followed step by step in the program as it
 * is written, loops as often as they really turn: where the scaled program has left
 * a loop and the real one has not, the schedule goes back to where the tasks last stood
 * so. A round that repeats itself and changes numbers by constants only is not walked a
 * million times: it is jumped over as often as every comparison in it still comes out
 * the same (acceleration of counter systems: Finkel and Leroux, "How to Compose
 * Presburger-Accelerations", 2002). What arrives is a run of the program itself:
 * a finding is kept when it does, withheld when it does not within a small budget.
 */
#ifndef RETRACE_H
#define RETRACE_H

#include "search.h"

/* Keep of a finished search over a scaled plan what is true with the numbers of `exact`,
 * a plan of the same program that is not scaled; count the rest as withheld. */
void retrace_findings(struct search *s, const struct plan *exact);

/* As witness_stuck, of a stuck state that was retraced. */
struct trace retrace_witness(struct search *s, const struct stuck *stuck, uint64_t blocked, uint32_t last,
                             struct arena *arena);
/* As witness_fault. */
struct trace retrace_fault_witness(const struct fault *fault, struct arena *arena);

#endif
