#include "root_key.h"

#include <string.h>
#include <xxhash.h>

#include "flow_text.h"

struct root_keys {
    const struct flow *flow;
    struct arena      *arena;
    uint64_t           salt;
    const uint64_t    *functions;   /* hashes of them */
    uint64_t          *globals;     /* of their contents */
    bool              *seen;        /* symbols */
    uint32_t          *todo, todo_count, todo_capacity;
};

static uint64_t hash_string(const char *s)
{
    return XXH3_64bits(s, strlen(s));
}

/* Of its place and its text. */
static uint64_t hash_function(const struct flow *flow, uint32_t at, struct flow_texts *texts)
{
    const struct loc loc = flow->functions[at].loc;
    uint64_t file = loc.line ? hash_string(flow_string(flow, flow->files[loc.file])) : 0;
    size_t size;
    const char *text = flow_texts_of(texts, at, &size);

    return XXH3_64bits_withSeed(text, size, file);
}

uint64_t *root_key_functions(const struct flow *program, struct arena *arena)
{
    uint64_t *hashes = ARENA_ARRAY(arena, uint64_t, program->function_count + 1);
    struct flow_texts *texts = flow_texts_new(program);

    for (uint32_t i = 0; i < program->function_count; i++)
        hashes[i] = hash_function(program, i, texts);
    flow_texts_free(texts);
    return hashes;
}

static uint64_t hash_global(const struct flow *flow, const struct global *g)
{
    XXH3_state_t *state = XXH3_createState();
    uint64_t about[] = { hash_string(flow_string(flow, flow->symbols[g->symbol].name)), g->size, g->is_const,
                         g->is_extern, g->init_count };
    uint64_t hash;

    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, about, sizeof about);
    for (uint32_t i = 0; i < g->init_count; i++) {
        const struct init *in = &g->inits[i];
        uint64_t parts[] = { in->offset, in->type, in->kind, (uint64_t)in->number, 0 };

        if (in->kind == EXPR_GLOBAL)
            parts[4] = hash_string(flow_string(flow, flow->symbols[in->index].name));
        if (in->kind == EXPR_CONST && in->index != FLOW_NONE)
            parts[4] = hash_string(flow_string(flow, in->index));
        if (in->kind == EXPR_STRING)
            parts[4] = XXH3_64bits(flow->strings[in->index].bytes, flow->strings[in->index].size);
        XXH3_64bits_update(state, parts, sizeof parts);
    }
    hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}

/* Which names may be the same memory holds for all of a program. */
static uint64_t hash_aliases(const struct flow *flow)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < flow->alias_count; i++)
        sum += hash_string(flow_string(flow, flow->aliases[i].a)) * 31 + hash_string(flow_string(flow, flow->aliases[i].b));
    return sum;
}

struct root_keys *root_keys_of(const struct flow *program, const uint64_t *functions, uint64_t salt, struct arena *arena)
{
    struct root_keys *k = ARENA_NEW(arena, struct root_keys);

    k->flow = program;
    k->arena = arena;
    k->salt = salt ^ hash_aliases(program);
    k->functions = functions;
    k->globals = ARENA_ARRAY(arena, uint64_t, program->global_count + 1);
    k->seen = ARENA_ARRAY(arena, bool, program->symbol_count + 1);
    for (uint32_t i = 0; i < program->global_count; i++)
        k->globals[i] = hash_global(program, &program->globals[i]);
    return k;
}

static void reach(struct root_keys *k, uint32_t symbol)
{
    if (symbol == FLOW_NONE || k->seen[symbol])
        return;
    k->seen[symbol] = true;
    ARENA_PUSH(k->arena, k->todo, k->todo_count, k->todo_capacity) = symbol;
}

static void reach_from_function(struct root_keys *k, const struct function *f)
{
    for (uint32_t i = 0; i < f->expr_count; i++)
        if (f->exprs[i].kind == EXPR_GLOBAL)
            reach(k, f->exprs[i].index);
    for (uint32_t i = 0; i < f->instr_count; i++)
        if (f->instrs[i].kind == INSTR_CALL)
            reach(k, f->instrs[i].symbol);
}

static void reach_from_global(struct root_keys *k, const struct global *g)
{
    for (uint32_t i = 0; i < g->init_count; i++)
        if (g->inits[i].kind == EXPR_GLOBAL)
            reach(k, g->inits[i].index);
}

/* Sums do not depend on the order in which things are met. */
uint64_t root_key(struct root_keys *k, uint32_t root)
{
    uint64_t sum = 0, parts[3];

    for (uint32_t i = 0; i < k->todo_count; i++)       /* of the root before */
        k->seen[k->todo[i]] = false;
    k->todo_count = 0;
    reach(k, k->flow->functions[root].symbol);
    for (uint32_t at = 0; at < k->todo_count; at++) {
        const struct symbol *s = &k->flow->symbols[k->todo[at]];
        uint64_t of[] = { hash_string(flow_string(k->flow, s->name)), s->model, s->noreturn, 0, 0 };

        if (s->function != FLOW_NONE) {
            of[3] = k->functions[s->function];
            reach_from_function(k, &k->flow->functions[s->function]);
        }
        if (s->global != FLOW_NONE) {
            of[4] = k->globals[s->global];
            reach_from_global(k, &k->flow->globals[s->global]);
        }
        sum += XXH3_64bits(of, sizeof of);
    }
    parts[0] = sum;
    parts[1] = k->salt;
    parts[2] = k->functions[root];
    uint64_t key = XXH3_64bits(parts, sizeof parts);
    return key ? key : 1;
}
