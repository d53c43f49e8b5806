/* contents.h - what variables hold that nobody reads any more.
 *
 * A variable that messages are received into keeps the last one until the next overwrites it: the states of tasks
 * that wait would differ by what they are done with. Live variables (liveness.h) ask for the variable,
 * this for what is in it; for those whose address goes nowhere but into sends and receives (payload.h).
 */
#ifndef CONTENTS_H
#define CONTENTS_H

#include "plan.h"

/* Fills stale of every reached function. Requires confined, token, stops, pauses. */
void contents_make(const struct flow *program, struct plan *plan, struct arena *arena);

#endif
