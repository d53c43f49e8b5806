/* retrace.h - does what a scaled exploration found also happen with the source's own numbers?
 *
 * The schedule that led to the finding is followed in the program as it is written (follow.h): a
 * finding is kept when it gets there, and told by that run; withheld when it does not.
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
