#include "join.h"

#include <stdlib.h>
#include <string.h>

struct join {
    struct flow *flow;
    struct arena *arena;
    struct pool  pool;
    uint32_t     symbols, functions, globals, notes, files, aliases;     /* capacities */
    uint32_t    *by_name;       /* string > external symbol + 1 */
    uint32_t     by_name_size;
    uint32_t    *file_of;       /* string > file + 1 */
    uint32_t     file_of_size;
    uint64_t    *pairs;         /* alias pairs seen */
    uint32_t     pairs_size;
};

/* From the flow being taken in to the joined one; FLOW_NONE: not yet. */
struct map {
    const struct flow *from;
    uint32_t          *string, *file, *symbol;
};

struct join *join_new(struct arena *arena)
{
    struct join *j = ARENA_NEW(arena, struct join);

    j->arena = arena;
    j->flow = ARENA_NEW(arena, struct flow);
    j->flow->arena = arena;
    j->pool = pool_of(j->flow);
    pool_string(&j->pool, "");
    return j;
}

struct flow *join_flow(struct join *join)
{
    return join->flow;
}

static uint32_t *fresh(struct join *j, uint32_t count)
{
    uint32_t *list = ARENA_ARRAY(j->arena, uint32_t, count + 1);

    memset(list, 0xff, sizeof *list * (count + 1));
    return list;
}

static struct map map_of(struct join *j, const struct flow *from)
{
    return (struct map){
        .from = from, .string = fresh(j, from->string_count),
        .file = fresh(j, from->file_count), .symbol = fresh(j, from->symbol_count),
    };
}

/* A table by string index that is as long as it has to be. */
static uint32_t *entry(struct join *j, uint32_t **table, uint32_t *size, uint32_t string)
{
    if (string >= *size) {
        uint32_t grown = string * 2 + 64;

        *table = arena_grow(j->arena, *table, sizeof **table * *size, sizeof **table * grown);
        *size = grown;
    }
    return &(*table)[string];
}

/* ---- strings, files, symbols -------------------------------------------------------- */

static uint32_t join_string(struct join *j, struct map *m, uint32_t string)
{
    if (string == FLOW_NONE)
        return FLOW_NONE;
    if (m->string[string] == FLOW_NONE)
        m->string[string] = pool_text(&j->pool, m->from->strings[string].bytes, m->from->strings[string].size);
    return m->string[string];
}

static struct loc join_loc(struct join *j, struct map *m, struct loc loc)
{
    if (!loc.line)
        return loc;
    if (m->file[loc.file] == FLOW_NONE) {
        uint32_t path = join_string(j, m, m->from->files[loc.file]);
        uint32_t *at = entry(j, &j->file_of, &j->file_of_size, path);

        if (!*at) {
            ARENA_PUSH(j->arena, j->flow->files, j->flow->file_count, j->files) = path;
            *at = j->flow->file_count;
        }
        m->file[loc.file] = *at - 1;
    }
    loc.file = m->file[loc.file];
    return loc;
}

static uint32_t symbol_new(struct join *j, struct symbol symbol)
{
    symbol.function = symbol.global = FLOW_NONE;
    ARENA_PUSH(j->arena, j->flow->symbols, j->flow->symbol_count, j->symbols) = symbol;
    return j->flow->symbol_count - 1;
}

/* A second definition of an external function (an inline one of a header, say)
 * stays with its unit. */
static bool is_duplicate(struct join *j, const struct symbol *from, uint32_t at)
{
    return from->function != FLOW_NONE && j->flow->symbols[at].function != FLOW_NONE;
}

static uint32_t join_symbol(struct join *j, struct map *m, uint32_t symbol)
{
    if (m->symbol[symbol] != FLOW_NONE)
        return m->symbol[symbol];
    struct symbol s = m->from->symbols[symbol];
    s.name = join_string(j, m, s.name);
    if (s.internal)
        return m->symbol[symbol] = symbol_new(j, s);
    uint32_t *at = entry(j, &j->by_name, &j->by_name_size, s.name);
    if (!*at || is_duplicate(j, &m->from->symbols[symbol], *at - 1)) {
        bool again = *at != 0;

        s.internal = again;
        uint32_t made = symbol_new(j, s);
        if (!again)
            *entry(j, &j->by_name, &j->by_name_size, s.name) = made + 1;
        return m->symbol[symbol] = made;
    }
    struct symbol *known = &j->flow->symbols[*at - 1];
    known->noreturn |= s.noreturn;
    known->is_function |= s.is_function;
    known->constructor = known->constructor ? known->constructor : s.constructor;
    known->destructor = known->destructor ? known->destructor : s.destructor;
    if (known->model == FLOW_OP_NONE)
        known->model = s.model;
    return m->symbol[symbol] = *at - 1;
}

/* ---- functions ------------------------------------------------------------------------- */

static void *copy_of(struct join *j, const void *list, size_t size)
{
    return size ? memcpy(arena_alloc(j->arena, size), list, size) : NULL;
}

#define COPY(j, list, count) copy_of((j), (list), sizeof *(list) * (count))

static void join_exprs(struct join *j, struct map *m, struct function *f)
{
    for (uint32_t i = 0; i < f->expr_count; i++) {
        struct expr *e = &f->exprs[i];

        if (e->kind == EXPR_GLOBAL)
            e->index = join_symbol(j, m, e->index);
        else if (e->kind == EXPR_STRING || e->kind == EXPR_LOAD)
            e->index = join_string(j, m, e->index);
    }
}

static void join_instrs(struct join *j, struct map *m, struct function *f)
{
    for (uint32_t i = 0; i < f->instr_count; i++) {
        struct instr *in = &f->instrs[i];

        in->key = join_string(j, m, in->key);
        in->name = join_string(j, m, in->name);
        in->loc = join_loc(j, m, in->loc);
        if (in->symbol != FLOW_NONE)
            in->symbol = join_symbol(j, m, in->symbol);
    }
}

static void join_names(struct join *j, struct map *m, struct function *f)
{
    for (uint32_t i = 0; i < f->reg_count; i++)
        f->reg_names[i] = join_string(j, m, f->reg_names[i]);
    for (uint32_t i = 0; i < f->slot_count; i++)
        f->slots[i].name = join_string(j, m, f->slots[i].name);
    for (uint32_t i = 0; i < f->block_count; i++)
        f->blocks[i].loc = join_loc(j, m, f->blocks[i].loc);
    f->loc = join_loc(j, m, f->loc);
    f->end = join_loc(j, m, f->end);
}

static void join_function(struct join *j, struct map *m, uint32_t function)
{
    struct function f = m->from->functions[function];
    uint32_t symbol = join_symbol(j, m, f.symbol);

    if (j->flow->symbols[symbol].function != FLOW_NONE)
        return;
    f.symbol = symbol;
    f.reg_names = COPY(j, f.reg_names, f.reg_count);
    f.slots = COPY(j, f.slots, f.slot_count);
    f.exprs = COPY(j, f.exprs, f.expr_count);
    f.instrs = COPY(j, f.instrs, f.instr_count);
    f.args = COPY(j, f.args, f.arg_count);
    f.blocks = COPY(j, f.blocks, f.block_count);
    j->flow->symbols[symbol].function = j->flow->function_count;
    join_exprs(j, m, &f);
    join_instrs(j, m, &f);
    join_names(j, m, &f);
    ARENA_PUSH(j->arena, j->flow->functions, j->flow->function_count, j->functions) = f;
}

/* ---- globals, notes, aliases -------------------------------------------------------------- */

static void join_global(struct join *j, struct map *m, uint32_t global)
{
    struct global g = m->from->globals[global];
    uint32_t symbol = join_symbol(j, m, g.symbol);
    uint32_t at = j->flow->symbols[symbol].global;

    g.symbol = symbol;
    g.loc = join_loc(j, m, g.loc);
    g.inits = COPY(j, g.inits, g.init_count);
    for (uint32_t i = 0; i < g.init_count; i++) {
        if (g.inits[i].kind == EXPR_GLOBAL)
            g.inits[i].index = join_symbol(j, m, g.inits[i].index);
        else if (g.inits[i].kind == EXPR_STRING || g.inits[i].kind == EXPR_CONST)
            g.inits[i].index = join_string(j, m, g.inits[i].index);
    }
    if (at == FLOW_NONE) {
        j->flow->symbols[symbol].global = j->flow->global_count;
        ARENA_PUSH(j->arena, j->flow->globals, j->flow->global_count, j->globals) = g;
        return;
    }
    struct global *known = &j->flow->globals[at];
    if (!g.is_extern && (known->is_extern || (g.init_count && !known->init_count))) {
        if (g.size < known->size)
            g.size = known->size;
        *known = g;
    }
}

/* The place in the table where the pair is, or belongs. */
static uint64_t *pair_place(const struct join *j, uint64_t pair)
{
    uint64_t at = pair * 0x9e3779b97f4a7c15u >> 32;     /* Fibonacci hashing (Knuth, vol. 3, 6.4) */

    while (j->pairs[at & (j->pairs_size - 1)] && j->pairs[at & (j->pairs_size - 1)] != pair)
        at++;
    return &j->pairs[at & (j->pairs_size - 1)];
}

static uint64_t number_of(struct alias pair)
{
    return (uint64_t)pair.a << 32 | pair.b;
}

static void widen_pairs(struct join *j)
{
    j->pairs_size = j->pairs_size ? j->pairs_size * 2 : 256;
    j->pairs = ARENA_ARRAY(j->arena, uint64_t, j->pairs_size);
    for (uint32_t i = 0; i < j->flow->alias_count; i++)
        *pair_place(j, number_of(j->flow->aliases[i])) = number_of(j->flow->aliases[i]);
}

static void add_alias(struct join *j, struct alias pair)
{
    uint64_t *place;

    if ((j->flow->alias_count + 1) * 2 > j->pairs_size)
        widen_pairs(j);
    place = pair_place(j, number_of(pair));
    if (*place)
        return;
    *place = number_of(pair);
    ARENA_PUSH(j->arena, j->flow->aliases, j->flow->alias_count, j->aliases) = pair;
}

static void join_aliases(struct join *j, struct map *m)
{
    for (uint32_t i = 0; i < m->from->alias_count; i++) {
        uint32_t a = join_string(j, m, m->from->aliases[i].a), b = join_string(j, m, m->from->aliases[i].b);

        if (a != b)
            add_alias(j, (struct alias){ a < b ? a : b, a < b ? b : a });
    }
}

static void join_notes(struct join *j, struct map *m)
{
    for (uint32_t i = 0; i < m->from->note_count; i++) {
        struct note n = m->from->notes[i];

        if (n.function != FLOW_NONE) {
            uint32_t symbol = join_symbol(j, m, m->from->functions[n.function].symbol);

            n.function = j->flow->symbols[symbol].function;
        }
        n.loc = join_loc(j, m, n.loc);
        n.text = join_string(j, m, n.text);
        ARENA_PUSH(j->arena, j->flow->notes, j->flow->note_count, j->notes) = n;
    }
}

void join_note(struct join *join, const char *text)
{
    ARENA_PUSH(join->arena, join->flow->notes, join->flow->note_count, join->notes) =
        (struct note){ .function = FLOW_NONE, .text = pool_string(&join->pool, text) };
}

void join_unit(struct join *j, const struct flow *from)
{
    struct map m = map_of(j, from);

    for (uint32_t i = 0; i < from->symbol_count; i++)
        join_symbol(j, &m, i);
    for (uint32_t i = 0; i < from->global_count; i++)
        join_global(j, &m, i);
    for (uint32_t i = 0; i < from->function_count; i++)
        join_function(j, &m, i);
    join_notes(j, &m);
    join_aliases(j, &m);
}

/* ---- models ----------------------------------------------------------------------------------- */

/* The model of a function that nothing defines, or NULL. */
static const struct model *missing_model(struct join *j, const struct models *models, uint32_t symbol)
{
    const struct symbol *s = &j->flow->symbols[symbol];

    if (!s->is_function || s->internal || s->function != FLOW_NONE)
        return NULL;
    return models_find(models, flow_string(j->flow, s->name));
}

static struct map *map_for(struct join *j, struct map *maps, uint32_t *count, const struct flow *from)
{
    for (uint32_t i = 0; i < *count; i++)
        if (maps[i].from == from)
            return &maps[i];
    maps[*count] = map_of(j, from);
    return &maps[(*count)++];
}

/* A static function or object that was referred to and is not here yet. */
static bool take_helper(struct join *j, struct map *m, uint32_t symbol)
{
    const struct symbol *s = &m->from->symbols[symbol];
    const struct symbol *taken = &j->flow->symbols[m->symbol[symbol]];

    if (s->internal && s->function != FLOW_NONE && taken->function == FLOW_NONE)
        join_function(j, m, s->function);
    else if (s->global != FLOW_NONE && taken->global == FLOW_NONE)
        join_global(j, m, s->global);
    else
        return false;
    return true;
}

/* Static functions and objects a model's body uses come with it, and what these use. */
static void take_helpers(struct join *j, struct map *m)
{
    bool more = true;

    while (more) {
        more = false;
        for (uint32_t i = 0; i < m->from->symbol_count; i++)
            more |= m->symbol[i] != FLOW_NONE && take_helper(j, m, i);
    }
}

/* Symbols the bodies refer to are new ones to look at: the list grows under way. */
static void take_bodies(struct join *j, const struct models *models)
{
    struct map *maps = ARENA_ARRAY(j->arena, struct map, models->flow_count);
    uint32_t count = 0;

    for (uint32_t i = 0; i < j->flow->symbol_count; i++) {
        const struct model *model = missing_model(j, models, i);

        if (!model || !model->body)
            continue;
        struct map *m = map_for(j, maps, &count, model->body);
        join_function(j, m, model->function);
        take_helpers(j, m);
    }
}

static void apply_models(struct join *j, const struct models *models, struct function *f)
{
    struct model_room room = { f->arg_count, f->expr_count };

    for (uint32_t i = 0; i < f->instr_count; i++) {
        struct instr *in = &f->instrs[i];

        if (in->kind != INSTR_CALL || in->symbol == FLOW_NONE)
            continue;
        const struct model *model = missing_model(j, models, in->symbol);
        if (model && model->op != FLOW_OP_NONE)
            model_apply(j->flow, f, in, model, &room);
    }
}

void join_models(struct join *j, const struct models *models)
{
    take_bodies(j, models);
    for (uint32_t i = 0; i < j->flow->symbol_count; i++) {
        const struct model *model = missing_model(j, models, i);

        if (model && j->flow->symbols[i].model == FLOW_OP_NONE)
            j->flow->symbols[i].model = model->op;
    }
    for (uint32_t i = 0; i < j->flow->function_count; i++)
        apply_models(j, models, &j->flow->functions[i]);
}
