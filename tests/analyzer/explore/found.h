/* found.h - what an exploration finds, in lines that can be compared. */
#ifndef FOUND_H
#define FOUND_H

#include "explore.h"

enum { LINE = 160, LINES = 64, VARIANTS = 6 };

struct found {
    char     lines[LINES][LINE];    /* sorted */
    uint32_t count;
    uint64_t states;
    bool     cut;                   /* not explored in full: the lines mean little */
};

/* How often each reduction made an exploration smaller. */
extern unsigned reduced_by[VARIANTS];
const char *variant_name(unsigned variant);

/* FLOW_NONE: there is none. */
uint32_t function_named(const struct flow *flow, const char *name);

void sort_lines(char lines[][LINE], uint32_t count);

/* Explore @main without these reductions (enum reduction). */
void find(const struct flow *flow, unsigned without, uint64_t max_states, struct found *out);

/* Explore @main with all reductions, without each of them, and without all, which is
 * left in *full. False: they do not all find the same; the differences are printed.
 * Explorations of more than max_states are not compared. */
bool find_alike(const struct flow *flow, const char *path, uint64_t max_states, struct found *reduced,
                struct found *full);

#endif
