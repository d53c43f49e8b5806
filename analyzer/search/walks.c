#include "walks.h"

enum {
    WALKS = 64,
    STEPS = 20000,              /* of a walk: a service may go on for ever */
};

struct walks {
    struct search *s;
    uint64_t       max_states;
    double         start;
    uint64_t       seed;        /* of the same numbers in every run */
};

/* A number below count: Marsaglia, "Xorshift RNGs", 2003. */
static uint32_t draw(struct walks *w, uint32_t count)
{
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return (uint32_t)(w->seed % count);
}

/* Of two nodes that the walk can go on to: where nobody has been, and, when that is asked for, where less had to be chosen:
 * a program that is given nothing to read has little to choose. */
static bool is_better(const struct walks *w, uint32_t a, uint32_t b, bool plain)
{
    const struct node *x = &w->s->nodes[a], *y = &w->s->nodes[b];

    if (plain && x->choice_count != y->choice_count)
        return x->choice_count < y->choice_count;
    return !x->done && y->done;
}

/* The next node of the walk; FLOW_NONE: this one is its end. */
static uint32_t next_node(struct walks *w, uint32_t node, bool plain)
{
    const struct node *n = &w->s->nodes[node];
    uint32_t best = FLOW_NONE, from = n->edge_count ? draw(w, n->edge_count) : 0;

    for (uint32_t i = 0; i < n->edge_count; i++) {
        uint32_t to = w->s->edges[n->first_edge + (from + i) % n->edge_count].to;

        if (best == FLOW_NONE || is_better(w, to, best, plain))
            best = to;
    }
    return best;
}

static uint32_t first_node(struct walks *w, uint32_t initial, bool plain)
{
    uint32_t best = draw(w, initial);

    for (uint32_t node = 0; node < initial; node++)
        if (is_better(w, node, best, plain))
            best = node;
    return best;
}

/* False: the budget is spent. */
static bool walk(struct walks *w, uint32_t node, bool plain)
{
    for (uint32_t step = 0; step < STEPS && node != FLOW_NONE; step++) {
        if (!search_is_within_budget(w->s, w->max_states, w->start))
            return false;
        if (!w->s->nodes[node].done)
            search_expand(w->s, node);
        node = next_node(w, node, plain);
    }
    return true;
}

void walks_search(struct search *s, uint32_t root, uint64_t max_states)
{
    struct walks w = { .s = s, .max_states = max_states, .start = search_now(), .seed = 0x9e3779b97f4a7c15u };
    uint32_t initial;

    search_begin(s, root);
    initial = s->node_count;
    for (uint32_t i = 0; initial && i < WALKS; i++)
        if (!walk(&w, first_node(&w, initial, i % 2 == 0), i % 2 == 0))
            return;
}
