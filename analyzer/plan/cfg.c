#include "cfg.h"

#include <string.h>

uint32_t cfg_successors(const struct function *fn, const struct block *b, uint32_t *to, uint32_t room)
{
    uint32_t n = 0;

    switch ((enum term_kind)b->term) {
    case TERM_JUMP:
        if (n++ < room)
            to[0] = b->then_block;
        break;
    case TERM_BRANCH:
        if (n++ < room)
            to[0] = b->then_block;
        if (n++ < room)
            to[1] = b->else_block;
        break;
    case TERM_SWITCH:
        for (uint32_t i = 0; i < b->case_count; i++)
            if (n++ < room)
                to[n - 1] = fn->cases[b->first_case + i].block;
        if (n++ < room)
            to[n - 1] = b->else_block;
        break;
    case TERM_RETURN:
    case TERM_UNREACHABLE:
        break;
    }
    return n;
}

static void edges_add(struct edge_list *list, uint32_t to, struct arena *arena)
{
    uint32_t *grown;

    for (uint32_t i = 0; i < list->count; i++)
        if (list->to[i] == to)
            return;
    if ((list->count & (list->count - 1)) == 0) {       /* a power of two is full */
        grown = arena_grow(arena, list->to, list->count * sizeof *grown,
                           (list->count ? 2 * list->count : 1) * sizeof *grown);
        list->to = grown;
    }
    list->to[list->count++] = to;
}

/* Edges of all blocks; block_count is the end, which every return leads to. */
static void edges_make(struct cfg *g, const struct function *fn, struct arena *arena)
{
    uint32_t room = 2 + fn->case_count;
    uint32_t *to = ARENA_ARRAY(arena, uint32_t, room);

    g->next = ARENA_ARRAY(arena, struct edge_list, g->block_count + 1);
    g->previous = ARENA_ARRAY(arena, struct edge_list, g->block_count + 1);
    for (uint32_t b = 0; b < g->block_count; b++) {
        uint32_t n = cfg_successors(fn, &fn->blocks[b], to, room);

        for (uint32_t i = 0; i < n; i++) {
            edges_add(&g->next[b], to[i], arena);
            edges_add(&g->previous[to[i]], b, arena);
        }
        if (n == 0) {
            edges_add(&g->next[b], g->block_count, arena);
            edges_add(&g->previous[g->block_count], b, arena);
        }
    }
}

static void mark_backwards(const struct cfg *g, uint32_t from, bool *seen, uint32_t *stack)
{
    uint32_t n = 0;

    seen[from] = true;
    stack[n++] = from;
    while (n) {
        struct edge_list *p = &g->previous[stack[--n]];

        for (uint32_t i = 0; i < p->count; i++)
            if (!seen[p->to[i]]) {
                seen[p->to[i]] = true;
                stack[n++] = p->to[i];
            }
    }
}

/* A loop without a way out gets an edge to the end, so that post-dominance is
 * defined everywhere. */
static void edges_close(struct cfg *g, struct arena *arena)
{
    uint32_t n = g->block_count;
    bool *seen = ARENA_ARRAY(arena, bool, n + 1);
    uint32_t *stack = ARENA_ARRAY(arena, uint32_t, n + 1);

    mark_backwards(g, n, seen, stack);
    for (uint32_t b = n; b-- > 0;) {
        if (seen[b])
            continue;
        edges_add(&g->next[b], n, arena);
        edges_add(&g->previous[n], b, arena);
        mark_backwards(g, b, seen, stack);
    }
}

/* Blocks in post-order of a walk from root along edges. Returns how many. */
static uint32_t post_order(uint32_t root, const struct edge_list *edges, uint32_t n, uint32_t *order,
                           struct arena *arena)
{
    uint32_t *stack = ARENA_ARRAY(arena, uint32_t, n);
    uint32_t *at = ARENA_ARRAY(arena, uint32_t, n);
    bool *seen = ARENA_ARRAY(arena, bool, n);
    uint32_t depth = 0, count = 0;

    stack[depth++] = root;
    seen[root] = true;
    while (depth) {
        uint32_t b = stack[depth - 1];

        if (at[b] < edges[b].count) {
            uint32_t to = edges[b].to[at[b]++];
            if (!seen[to]) {
                seen[to] = true;
                stack[depth++] = to;
            }
        } else {
            order[count++] = b;
            depth--;
        }
    }
    return count;
}

static uint32_t meet(uint32_t a, uint32_t b, const uint32_t *idom, const uint32_t *rank)
{
    while (a != b) {
        while (rank[a] < rank[b])
            a = idom[a];
        while (rank[b] < rank[a])
            b = idom[b];
    }
    return a;
}

/* Immediate dominators: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance
 * Algorithm" (2001). With edges turned round: post-dominators. */
static uint32_t *dominators(uint32_t root, const struct edge_list *next, const struct edge_list *previous,
                            uint32_t n, struct arena *arena)
{
    uint32_t *idom = ARENA_ARRAY(arena, uint32_t, n);
    uint32_t *rank = ARENA_ARRAY(arena, uint32_t, n);
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, n);
    uint32_t count = post_order(root, next, n, order, arena);
    bool changed = true;

    memset(idom, 0xff, n * sizeof *idom);
    for (uint32_t i = 0; i < count; i++)
        rank[order[i]] = i;
    idom[root] = root;
    while (changed) {
        changed = false;
        for (uint32_t i = count; i-- > 0;) {
            uint32_t b = order[i], best = FLOW_NONE;

            if (b == root)
                continue;
            for (uint32_t p = 0; p < previous[b].count; p++) {
                uint32_t from = previous[b].to[p];
                if (idom[from] != FLOW_NONE)
                    best = best == FLOW_NONE ? from : meet(from, best, idom, rank);
            }
            if (idom[b] != best) {
                idom[b] = best;
                changed = true;
            }
        }
    }
    return idom;
}

/* Control dependence: Ferrante, Ottenstein, Warren, "The Program Dependence
 * Graph and Its Use in Optimization" (1987). */
static void controls_make(struct cfg *g, struct arena *arena)
{
    g->controls = ARENA_ARRAY(arena, struct edge_list, g->block_count + 1);
    for (uint32_t b = 0; b < g->block_count; b++) {
        if (g->next[b].count < 2)
            continue;
        for (uint32_t i = 0; i < g->next[b].count; i++)
            for (uint32_t x = g->next[b].to[i]; x != g->post[b] && x < g->block_count; x = g->post[x])
                edges_add(&g->controls[x], b, arena);
    }
}

static bool dominates(uint32_t a, uint32_t b, const uint32_t *idom)
{
    for (; b != FLOW_NONE; b = idom[b]) {
        if (a == b)
            return true;
        if (idom[b] == b)
            break;
    }
    return false;
}

static struct loop *loop_of_head(struct cfg *g, uint32_t head, struct arena *arena)
{
    for (uint32_t i = 0; i < g->loop_count; i++)
        if (g->loops[i].head == head)
            return &g->loops[i];
    struct loop *l = &g->loops[g->loop_count++];
    l->head = head;
    l->body = ARENA_ARRAY(arena, bits_word, g->words);
    bit_set(l->body, head);
    return l;
}

static void loop_fill(const struct cfg *g, struct loop *l, uint32_t from, uint32_t *stack)
{
    uint32_t n = 0;

    if (bit_test(l->body, from))
        return;
    bit_set(l->body, from);
    stack[n++] = from;
    while (n) {
        struct edge_list *p = &g->previous[stack[--n]];

        for (uint32_t i = 0; i < p->count; i++)
            if (!bit_test(l->body, p->to[i])) {
                bit_set(l->body, p->to[i]);
                stack[n++] = p->to[i];
            }
    }
}

/* Natural loops; those with one head are one loop. */
static void loops_make(struct cfg *g, struct arena *arena)
{
    uint32_t *idom = dominators(0, g->next, g->previous, g->block_count + 1, arena);
    uint32_t *stack = ARENA_ARRAY(arena, uint32_t, g->block_count + 1);

    g->loops = ARENA_ARRAY(arena, struct loop, g->block_count);
    for (uint32_t b = 0; b < g->block_count; b++)
        for (uint32_t i = 0; i < g->next[b].count; i++) {
            uint32_t head = g->next[b].to[i];

            if (head < g->block_count && idom[b] != FLOW_NONE && dominates(head, b, idom))
                loop_fill(g, loop_of_head(g, head, arena), b, stack);
        }
}

struct cfg cfg_make(const struct function *fn, struct arena *arena)
{
    struct cfg g = { .block_count = fn->block_count, .words = fn->block_count / 64 + 1 };

    edges_make(&g, fn, arena);
    edges_close(&g, arena);
    g.post = dominators(g.block_count, g.previous, g.next, g.block_count + 1, arena);
    controls_make(&g, arena);
    loops_make(&g, arena);
    return g;
}
