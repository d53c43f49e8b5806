/* cfg.h - the shape of one function's flow graph: order, dominance, loops. */
#ifndef CFG_H
#define CFG_H

#include "plan.h"

struct edge_list {
    uint32_t *to;
    uint32_t  count;
};

struct loop {
    uint32_t   head;
    bits_word *body;                /* blocks, the head among them */
};

struct cfg {
    uint32_t          block_count;
    uint32_t          words;        /* of a set of blocks */
    struct edge_list *next, *previous;
    uint32_t         *post;         /* immediate post-dominator; block_count: the function's end */
    struct edge_list *controls;     /* the branches each block depends on */
    struct loop      *loops;        uint32_t loop_count;
};

/* Everything is allocated from arena. */
struct cfg cfg_make(const struct function *fn, struct arena *arena);

/* The blocks a terminator can lead to, at most `room` of them; how many there are. */
uint32_t cfg_successors(const struct function *fn, const struct block *b, uint32_t *to, uint32_t room);

#endif
