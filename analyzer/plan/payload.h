/* payload.h - what is sent and never looked at.
 *
 * Most values that go through channels decide nothing: they are printed, added up, passed on. States
 * are not to differ by them. Slicing (slice.h) tells memory apart by its type only, and an `int` somewhere is
 * always read; here it is asked variable by variable and channel class by channel class
 * (tokens.h): who receives there, into what, and is that variable ever read or sent on to
 * where it is (faint variables: Giegerich, Moencke, Wilhelm, "Invariance of Approximate Semantics with
 * Respect to Program Transformations", 1981).
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include "plan.h"

/* The slot an expression is an address in; FLOW_NONE: none. */
uint32_t payload_slot(const struct function *fn, uint32_t expr);

/* Fills confined and silent of every reached function, and unread, when slices and tokens are made. True: variables
 * are written that nobody reads, so there is more to slice. */
bool payload_make(const struct flow *program, struct plan *plan, struct arena *arena);

#endif
