/* terms.h - the unknowns that are computed from others, found by what they are. */
#ifndef TERMS_H
#define TERMS_H

#include "machine.h"

/* The unknown of that origin, operation, type and operands; FLOW_NONE: there is none yet. */
uint32_t terms_find(struct machine *m, const struct unknown *like);

#endif
