/* holders.h - who holds the lock that somebody waits for, from a schedule.
 *
 * A state does not say who holds a lock: states that differ in that only would be
 * different ones. The schedule that led there knows.
 */
#ifndef HOLDERS_H
#define HOLDERS_H

#include "facts.h"

/* Of each step that waits for a lock - STEP_BLOCK, STEP_QUEUE - find the step that took it, the last
 * one that did and did not give it back: step.since, else FLOW_NONE. */
void holders_find(struct step *steps, uint32_t count);

/* The same of a step that would follow on those. */
uint32_t holder_step(const struct step *steps, uint32_t count, const struct step *wait);

#endif
