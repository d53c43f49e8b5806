/* explore.h - execute a program abstractly, under every schedule. */
#ifndef EXPLORE_H
#define EXPLORE_H

#include "facts.h"

struct explore_options {
    uint64_t max_states;        /* 0: no limit */
    size_t   max_bytes;         /* of stored states; 0: no limit */
    double   max_seconds;       /* 0: no limit */
    unsigned loop_bound;        /* how often a loop of unknown count runs at most; 0: 3 */
    bool     full;              /* no reduction: every interleaving, tasks never identified */
};

/* Explore `program` from the call of function `root` with unknown arguments.
 * Facts are allocated from `arena`; reads the program only. Never fails: what
 * it could not do is in facts.coverage. */
struct facts explore(const struct flow *program, uint32_t root,
                     const struct explore_options *options, struct arena *arena);

#endif
