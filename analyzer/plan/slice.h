/* slice.h - which instructions and branches matter to the operations of a program. */
#ifndef SLICE_H
#define SLICE_H

#include "cfg.h"

/* root: whose result its caller reads. Fills keep, decides and skip_to of every reached function; a block that ends
 * in a return decides when its value is read. graphs[f] is the cfg of each
 * reached function. full: keep everything. */
void slice_program(const struct flow *program, struct plan *plan, uint32_t root, const struct cfg *graphs, bool full,
                   struct arena *arena);

#endif
