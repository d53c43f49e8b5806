/* solo.h - what one task can do alone, from a state on.
 *
 * A round is a way from a state back to itself on which one task moves and
 * nobody else: whatever the others do, it can go on like this for ever. Rounds
 * are looked for by letting the task step, not along the edges of the search:
 * a persistent set may have put the task off in some states of a cycle, though
 * by the proviso of the reduction never in all of them (search.c).
 */
#ifndef SOLO_H
#define SOLO_H

#include "search.h"

struct solo_edge {
    uint32_t     from, to;
    struct deeds deeds;
};

struct solo_node {
    uint8_t *bytes;
    size_t   size;
    uint32_t task;              /* the number it has in this state */
};

struct solo {
    struct arena     *arena;
    struct solo_node *nodes;  uint32_t node_count, node_capacity;
    struct solo_edge *edges;  uint32_t edge_count, edge_capacity;
    bool              ends;     /* it can return, or end the process */
    bool              cut;      /* something was not followed */
};

/* Everything the task can do alone from a node's state; allocated from arena. */
void solo_explore(struct solo *solo, struct search *s, uint32_t node, uint32_t task, struct arena *arena);

/* An edge that does one of the deeds in `with` (a bit each, 0: any), on a round none of whose
 * edges does one of those in `without`; NULL: there is none. */
const struct solo_edge *solo_round(const struct solo *solo, uint8_t with, uint8_t without);

/* Does any edge do one of these deeds? */
bool solo_does(const struct solo *solo, uint8_t deeds);

#endif
