/* follow.h - follow a schedule of a scaled program in the program as it is written.
 *
 * Step by step, loops as often as they really turn: where the scaled program has left
 * a loop and the real one has not, the schedule goes back to where the tasks last stood
 * so. A round that repeats itself and changes numbers by constants only is not walked a
 * million times: it is jumped over as often as every comparison in it still comes out
 * the same (acceleration of counter systems: Finkel and Leroux, "How to Compose
 * Presburger-Accelerations", 2002). What arrives is a run of the program itself.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "search.h"

/* What the run is to come to: one of them. */
struct goal {
    const struct stuck  *stuck;
    const struct fault  *fault;
    const struct loss   *loss;
    const struct remark *remark;
};

/* Follow the schedule that leads to `node` of a search over a scaled plan, FLOW_NONE: to a fault before the
 * first stop, in `exact`, a plan of the same program that is not scaled, until the goal is reached.
 * Returns the run's trace in s->arena; NULL: within a small budget it does not get there. */
const struct trace *follow_to(struct search *s, const struct plan *exact, uint32_t node, const struct goal *goal);

#endif
