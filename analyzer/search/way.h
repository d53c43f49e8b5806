/* way.h - the schedule that a search has found, as a way to follow: where everybody stands after each step.
 *
 * Two states are at the same place of the way when their tasks stand at the same places of the program, whatever
 * they count: so a run with other numbers can be told where on the way it is. */
#ifndef WAY_H
#define WAY_H

#include "search.h"

/* A state on the schedule, and how it goes on from there. */
struct waypoint {
    uint64_t control;           /* where its tasks stand */
    uint32_t signature;         /* of the task that moves next */
    uint32_t first_choice;      /* in the search */
    uint16_t choice_count;
    bool     forced;
};

struct way {
    struct waypoint *at;
    uint32_t         count;     /* the last one is the goal */
};

/* The way to a node; FLOW_NONE: one waypoint, of which nothing is known. Leaves the machine of the search in any state. */
struct way way_to(struct search *s, uint32_t node, struct arena *arena);

/* Where the tasks of the machine's state stand, as a hash. */
uint64_t way_control(const struct machine *m);

/* Where on the way the tasks stand so, for somebody who comes from `from`: the next waypoint if they do there,
 * else the last one up to it, else the first one behind; FLOW_NONE. */
uint32_t way_place(const struct way *way, uint32_t from, uint64_t control);

#endif
