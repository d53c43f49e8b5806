/* liveness.h - which registers and slots are still read from an instruction on. */
#ifndef LIVENESS_H
#define LIVENESS_H

#include "cfg.h"

/* Fills plan->functions[f].live for the instructions a frame can rest on:
 * kept calls (what is live behind them), visible operations (before them) and the
 * first instruction of blocks that pause. Requires keep, decides, skip_to, stops, pauses. */
void liveness_function(const struct flow *program, struct plan *plan, uint32_t f, struct arena *arena);

#endif
