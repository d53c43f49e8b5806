/* link.h - the flows of units become the flows of programs.
 *
 * A compile database holds many programs. Each main starts one; it takes in the
 * units that define what is referred to, as a linker would: of the same target
 * first, else the only definition among units without a main, else the nearest
 * one. Units no main reaches form programs of their own, one per target or
 * per set of units that refer to each other.
 */
#ifndef LINK_H
#define LINK_H

#include "flow.h"
#include "model.h"

struct link_unit {
    const struct flow *flow;
    const char        *file;    /* absolute */
    const char        *target;  /* as in compdb.h, or "" */
};

struct program {
    const char  *name;          /* unique: the file with the main, or the library's target or first file */
    struct flow *flow;
    uint32_t    *units;         /* indices, in the order they were taken in */
    uint32_t     unit_count, unit_capacity;
};

struct programs {
    struct program *list;
    uint32_t        count, capacity;
};

/* Calls of functions that no unit defines become the operations the models
 * say, or calls of the models' bodies. */
struct programs link_programs(const struct link_unit *units, uint32_t count,
                              const struct models *models, struct arena *arena);

#endif
