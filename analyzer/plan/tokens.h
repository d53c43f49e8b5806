/* tokens.h - which kinds of objects code may still operate on.
 *
 * A token is a class of objects: all channels that one assignment chain can
 * carry are one class (Steensgaard, "Points-to Analysis in Almost Linear Time",
 * 1996: by unification, here with a variable for each register and each alias
 * class of memory), all mutexes another, and so on. Two operations without a
 * common token never touch the same object.
 */
#ifndef TOKENS_H
#define TOKENS_H

#include "plan.h"

/* Fills token and ahead of every reached function. Requires keep and skip_to. */
void tokens_make(const struct flow *program, struct plan *plan, struct arena *arena);

#endif
