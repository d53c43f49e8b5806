/* liveness.h - which registers and slots are still read from an instruction on. */
#ifndef LIVENESS_H
#define LIVENESS_H

#include "cfg.h"

/* Fills plan->functions[f].live for the instructions a frame can rest on:
 * kept calls (what is live behind them) and visible operations (before them).
 * Requires keep, decides, skip_to and stops. */
void liveness_function(const struct flow *program, struct plan *plan, uint32_t f, struct arena *arena);

#endif
