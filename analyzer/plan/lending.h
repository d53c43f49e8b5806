/* lending.h - who is given the address of somebody else's local variable.
 *
 * A function lends a local when it starts a task with its address, directly, through
 * a parameter, or in a record, or sends such a record. Whoever may get it is
 * watched: what its instructions read and write through pointers is looked at while
 * it runs, also where the values decide nothing and are sliced away.
 */
#ifndef LENDING_H
#define LENDING_H

#include "cfg.h"

enum { ACCESSES_MAX = 16 };

/* Fills touches, ends_touch and lent of the reached functions, and plan->lends. Requires graphs. */
void lending_make(const struct flow *program, struct plan *plan, uint32_t root, const struct cfg *graphs,
                  struct arena *arena);

/* The addresses an instruction reads or writes at, or hands to code that does: expressions
 * of fn, at most ACCESSES_MAX. */
uint32_t lending_accesses(const struct flow *program, const struct function *fn, const struct instr *in,
                          uint32_t *address);
/* The same, of what a block ends by: its condition, or the value it returns. */
uint32_t lending_end_accesses(const struct function *fn, const struct block *block, uint32_t *address);

#endif
