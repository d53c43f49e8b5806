/* explore.h - execute a program abstractly, under every schedule. */
#ifndef EXPLORE_H
#define EXPLORE_H

#include <stdio.h>

#include "facts.h"

/* What makes a search smaller without changing what it finds; each can be left out,
 * and the tests do (tests/analyzer/explore). */
enum reduction {
    REDUCTION_PERSISTENT = 1,   /* of orders that lead to the same, one (reduce.h) */
    REDUCTION_SYMMETRY = 2,     /* tasks that look alike stand in one order (symmetry.h) */
    REDUCTION_MOVERS = 4,       /* nobody comes between an operation and an unlock or wg_done after it */
    REDUCTION_SLICE = 8,        /* code, registers and counts that nothing depends on are left out (plan.h) */
    REDUCTION_LOCKS = 16,       /* locks are passed over where nobody can notice (lock_order.h) */
    REDUCTION_ALL = 31,
};

struct explore_options {
    uint64_t max_states;        /* 0: no limit */
    size_t   max_bytes;         /* of states and all that is kept with them; 0: no limit */
    double   max_seconds;       /* in all; 0: no limit */
    uint32_t what_if_states;    /* of one question who is to blame for whom (verdict.c); 0: 600 */
    unsigned loop_bound;        /* how often a loop of unknown count runs at most; 0: 3, and where constants matter more often */
    bool     is_part;           /* of a program that is too much as a whole: the root's callers are known, only not here */
    FILE    *states;            /* print the state graph here; NULL: no */
    uint32_t pass_locks_from;   /* states: smaller explorations pass over no locks; 0: 2000 */
    unsigned without;           /* enum reduction, a bit each: left out */
};

/* Explore `program` from the call of function `root` with unknown arguments.
 * Facts are allocated from `arena`; reads the program only. Never fails: what
 * it could not do is in facts.coverage. */
struct facts explore(const struct flow *program, uint32_t root,
                     const struct explore_options *options, struct arena *arena);

#endif
