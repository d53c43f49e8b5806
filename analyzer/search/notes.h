/* notes.h - what is worth a fact in the step that was just run, each once.
 *
 * A program that aborts, a context nobody can cancel any more, a remark. What hangs on counts that
 * cannot be trusted is only counted as withheld.
 */
#ifndef NOTES_H
#define NOTES_H

#include "search.h"

/* The step of `task` from `node` (FLOW_NONE: the start) ended in a fault. */
void notes_fault(struct search *s, uint32_t node, uint32_t task);

/* What was lost, and what was noticed, on the way to a node, whose tasks were numbered anew by `order`. */
void notes_lost(struct search *s, uint32_t node);
void notes_of_run(struct search *s, uint32_t node, const uint32_t *order);

#endif
