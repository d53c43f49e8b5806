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

/* As witness_fault, and witness_path. */
struct trace retrace_fault_witness(const struct fault *fault, struct arena *arena);
struct trace retrace_path_witness(const struct trace *retraced, struct arena *arena);
/* As witness_round, of a remark that was retraced. */
struct trace retrace_round_witness(const struct remark *remark, struct arena *arena);

/* Fold what repeats itself in the schedule of a fact, and say how often where that is known: a schedule of
 * a scaled program that was not retraced has other numbers. */
void retrace_set_steps(const struct search *s, struct fact *fact, struct trace t, bool retraced);

#endif
