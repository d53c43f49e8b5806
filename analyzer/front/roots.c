#include "roots.h"

#include <string.h>

struct graph {                  /* who refers to whom: calls, addresses, through globals */
    const struct flow *flow;
    struct arena      *arena;
    uint32_t         **to;
    uint32_t          *count, *capacity;
    bool              *operates;        /* does something with tasks, channels, locks */
    bool              *global_seen;
    uint32_t          *stack;           /* room for a search */
    uint32_t          *looked;          /* per function: the last search that came by */
    uint32_t           searches;
};

static void refer(struct graph *g, uint32_t from, uint32_t symbol);

static void refer_through(struct graph *g, uint32_t from, uint32_t global)
{
    const struct global *object = &g->flow->globals[global];

    if (g->global_seen[global])
        return;
    g->global_seen[global] = true;
    for (uint32_t i = 0; i < object->init_count; i++)
        if (object->inits[i].kind == EXPR_GLOBAL)
            refer(g, from, object->inits[i].index);
    g->global_seen[global] = false;
}

static void refer(struct graph *g, uint32_t from, uint32_t symbol)
{
    const struct symbol *s = &g->flow->symbols[symbol];

    if (s->function != FLOW_NONE)
        ARENA_PUSH(g->arena, g->to[from], g->count[from], g->capacity[from]) = s->function;
    else if (s->global != FLOW_NONE)
        refer_through(g, from, s->global);
}

/* Whether tasks can tell that the operation happened. */
static bool is_visible(enum flow_op op)
{
    return op <= FLOW_LEAK_CHECK_END && op != FLOW_YIELD && op != FLOW_SLEEP &&
           op != FLOW_CTX_BACKGROUND && op != FLOW_CTX_ERR && op != FLOW_LEN && op != FLOW_CAP;
}

static void read_function(struct graph *g, uint32_t at)
{
    const struct function *f = &g->flow->functions[at];

    for (uint32_t i = 0; i < f->expr_count; i++)
        if (f->exprs[i].kind == EXPR_GLOBAL)
            refer(g, at, f->exprs[i].index);
    for (uint32_t i = 0; i < f->instr_count; i++) {
        const struct instr *in = &f->instrs[i];

        if (in->kind == INSTR_CALL && in->symbol != FLOW_NONE)
            refer(g, at, in->symbol);
        if (in->kind == INSTR_OP)
            g->operates[at] |= is_visible(in->op);
    }
}

/* Everything reachable from `start`, itself too. */
static void mark(const struct graph *g, uint32_t start, bool *marked)
{
    uint32_t count = 0;

    if (marked[start])
        return;
    marked[start] = true;
    g->stack[count++] = start;
    while (count) {
        uint32_t at = g->stack[--count];

        for (uint32_t i = 0; i < g->count[at]; i++)
            if (!marked[g->to[at][i]]) {
                marked[g->to[at][i]] = true;
                g->stack[count++] = g->to[at][i];
            }
    }
}

static bool reaches_operation(struct graph *g, uint32_t start)
{
    uint32_t count = 0, search = ++g->searches;

    g->looked[start] = search;
    g->stack[count++] = start;
    while (count) {
        uint32_t at = g->stack[--count];

        if (g->operates[at])
            return true;
        for (uint32_t i = 0; i < g->count[at]; i++)
            if (g->looked[g->to[at][i]] != search) {
                g->looked[g->to[at][i]] = search;
                g->stack[count++] = g->to[at][i];
            }
    }
    return false;
}

static struct graph graph_of(const struct flow *flow, struct arena *arena)
{
    uint32_t n = flow->function_count;
    struct graph g = {
        .flow = flow, .arena = arena,
        .to = ARENA_ARRAY(arena, uint32_t *, n),
        .count = ARENA_ARRAY(arena, uint32_t, n),
        .capacity = ARENA_ARRAY(arena, uint32_t, n),
        .operates = ARENA_ARRAY(arena, bool, n),
        .global_seen = ARENA_ARRAY(arena, bool, flow->global_count),
        .stack = ARENA_ARRAY(arena, uint32_t, n + 1),
        .looked = ARENA_ARRAY(arena, uint32_t, n),
    };

    for (uint32_t i = 0; i < n; i++)
        read_function(&g, i);
    return g;
}

static uint32_t find_main(const struct flow *flow)
{
    for (uint32_t i = 0; i < flow->function_count; i++)
        if (!strcmp(flow_function_name(flow, i), "main"))
            return i;
    return FLOW_NONE;
}

struct choice {
    struct graph *graph;
    bool         *reached;
    uint32_t     *roots;
    uint32_t      count;
};

static void choose(struct choice *c, uint32_t function, bool always)
{
    if (c->reached[function])
        return;
    if (always || reaches_operation(c->graph, function))
        c->roots[c->count++] = function;
    mark(c->graph, function, c->reached);
}

/* Functions that another refers to, itself left aside. */
static bool *referred_to(const struct graph *g)
{
    bool *referred = ARENA_ARRAY(g->arena, bool, g->flow->function_count);

    for (uint32_t i = 0; i < g->flow->function_count; i++)
        for (uint32_t k = 0; k < g->count[i]; k++)
            referred[g->to[i][k]] |= g->to[i][k] != i;
    return referred;
}

static bool is_internal(const struct flow *program, uint32_t function)
{
    return program->symbols[program->functions[function].symbol].internal;
}

/* Of a library: whoever loads it runs its constructors and destructors. */
static bool runs_by_itself(const struct flow *program, uint32_t function)
{
    const struct symbol *s = &program->symbols[program->functions[function].symbol];

    return s->constructor || s->destructor;
}

uint32_t *roots_of(const struct flow *program, struct arena *arena, uint32_t *count)
{
    struct arena *scratch = arena_new();
    struct graph g = graph_of(program, scratch);
    uint32_t n = program->function_count, first = find_main(program);
    bool *referred = referred_to(&g);
    struct choice c = {
        .graph = &g, .reached = ARENA_ARRAY(scratch, bool, n), .roots = ARENA_ARRAY(arena, uint32_t, n),
    };

    if (first != FLOW_NONE)
        choose(&c, first, true);
    for (uint32_t i = 0; i < n; i++)        /* what nobody calls */
        if (!referred[i] && (!is_internal(program, i) || runs_by_itself(program, i)))
            choose(&c, i, false);
    for (uint32_t i = 0; i < n; i++)        /* what only calls itself in a circle */
        if (!is_internal(program, i))
            choose(&c, i, false);
    arena_free(scratch);
    *count = c.count;
    return c.roots;
}

static bool makes_channels(const struct function *f)
{
    for (uint32_t i = 0; i < f->instr_count; i++)
        if (f->instrs[i].kind == INSTR_OP && f->instrs[i].op == FLOW_MAKE)
            return true;
    return false;
}

static bool takes_pointers(const struct function *f)
{
    for (uint32_t i = 0; i < f->param_count; i++)
        if (f->params[i].is_struct || f->params[i].type != SCALAR_PTR)
            return false;
    return true;
}

uint32_t *roots_owners(const struct flow *program, uint32_t root, struct arena *arena, uint32_t *count)
{
    struct graph g = graph_of(program, arena);
    bool *marked = ARENA_ARRAY(arena, bool, program->function_count);
    uint32_t *owners = ARENA_ARRAY(arena, uint32_t, program->function_count);

    *count = 0;
    mark(&g, root, marked);
    for (uint32_t i = 0; i < program->function_count; i++)
        if (marked[i] && i != root && makes_channels(&program->functions[i]) &&
            takes_pointers(&program->functions[i]))
            owners[(*count)++] = i;
    return owners;
}
