/* units.h - which numbers of a program are counts of the same thing.
 *
 * Inferred as units of measure are (Kennedy, "Dimension Types", 1994): what is compared,
 * added or assigned has the same unit. A unit counts when somebody counts in it, x = x + n,
 * or when a capacity has it.
 */
#ifndef UNITS_H
#define UNITS_H

#include "keys.h"

/* A constant, and the unit it is a number of. */
struct mention {
    uint32_t function, expr;    /* function FLOW_NONE: init `expr` of `global` */
    uint32_t global;
    uint32_t unit;
    int64_t  number;
    bool     divides;           /* something is taken modulo it, or divided by it */
};

/* Units are numbered: 0 that of capacities; then a register, an alias class of
 * memory, the result of a function each; union-find joins them. */
struct units {
    const struct flow *flow;
    struct plan       *plan;
    struct arena      *arena;
    struct keys       *keys;
    uint32_t          *parent;
    bool              *counts;      /* per unit: somebody counts in it */
    uint32_t          *first_reg;   /* per function */
    uint32_t           first_key, first_result;
    struct mention    *mentions;    uint32_t mention_count, mention_capacity;
};

/* Of the reached functions of a sliced plan: fills the rest of u, given flow, plan and arena. */
void units_make(struct units *u);

/* The unit that stands for all that are the same. */
uint32_t unit_find(struct units *u, uint32_t unit);

/* Of an expression's value, of memory, of what lies in a slot; FLOW_NONE: none, a mere number. */
uint32_t unit_of_value(struct units *u, uint32_t function, uint32_t expr);
uint32_t unit_of_key(struct units *u, uint32_t key);
uint32_t unit_of_slot(struct units *u, uint32_t function, uint32_t slot);

#endif
