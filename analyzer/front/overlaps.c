#include "overlaps.h"

#include <string.h>
#include <xxhash.h>

/* Where pointers lead, by unification: what is assigned to each other is one class (Bjarne Steensgaard,
 * Points-to Analysis in Almost Linear Time, POPL 1996). A variable is an alias class of memory, a register, what a
 * function returns, or an object that has a name, which stands for its address. */
struct overlaps {
    struct flow  *flow;
    struct arena *scratch;
    uint32_t     *values;           /* union-find over variables: the same may be in them; alias classes come first */
    uint32_t     *memory;           /* union-find over alias classes: they may be the same memory */
    uint32_t     *first;            /* per function: its registers, then its result, then its slots */
    uint32_t      symbols;          /* variable of the first symbol */
    uint32_t     *locals;           /* hash table of the alias classes "$function:name", + 1 */
    uint32_t      locals_size;
    uint32_t      text;             /* alias class of characters, which may lie in anything, or FLOW_NONE */
    bool         *taken;            /* per function: its address is taken */
    bool         *allocates;        /* per function: what it returns is new */
    struct access *table;           /* hash table of what was found under a class and offset */
    uint32_t      table_size, table_count;
    uint32_t      capacity;         /* of flow->aliases */
    bool          changed;
};

struct access {
    uint32_t class, key;            /* key + 1; 0: free */
    int64_t  offset;
};

static uint32_t find(uint32_t *up, uint32_t v)
{
    while (up[v] != v)
        v = up[v] = up[up[v]];
    return v;
}

static void unite(struct overlaps *o, uint32_t a, uint32_t b)
{
    if (a == FLOW_NONE || b == FLOW_NONE)
        return;
    a = find(o->values, a);
    b = find(o->values, b);
    o->changed |= a != b;
    o->values[a] = b;
}

/* What the same memory holds is the same. */
static void unite_memory(struct overlaps *o, uint32_t a, uint32_t b)
{
    o->memory[find(o->memory, a)] = find(o->memory, b);
    unite(o, a, b);
}

/* ---- variables ---------------------------------------------------------------------- */

static uint32_t result_of(const struct overlaps *o, uint32_t f)
{
    return o->first[f] + o->flow->functions[f].reg_count;
}

static uint32_t slot_of(const struct overlaps *o, uint32_t f, uint32_t slot)
{
    return result_of(o, f) + 1 + slot;
}

static uint32_t function_named(const struct overlaps *o, const struct expr *e)
{
    return e->kind == EXPR_GLOBAL ? o->flow->symbols[e->index].function : FLOW_NONE;
}

/* The variable that has the value of an expression, or FLOW_NONE. Elements of an array are one. */
static uint32_t variable_of(const struct overlaps *o, uint32_t f, uint32_t expr)
{
    const struct expr *e;

    if (expr == FLOW_NONE)
        return FLOW_NONE;
    e = &o->flow->functions[f].exprs[expr];
    switch ((enum expr_kind)e->kind) {
    case EXPR_REG:
        return o->first[f] + e->index;
    case EXPR_SLOT:
        return slot_of(o, f, e->index);
    case EXPR_GLOBAL:
        return o->flow->symbols[e->index].is_function ? FLOW_NONE : o->symbols + e->index;
    case EXPR_LOAD:
        return e->type == SCALAR_PTR ? e->index : FLOW_NONE;
    case EXPR_CAST:
        return variable_of(o, f, e->a);
    case EXPR_INDEX:
        return e->number == 1 ? FLOW_NONE : variable_of(o, f, e->a);
    case EXPR_CONST: case EXPR_STRING: case EXPR_BINARY: case EXPR_UNARY: case EXPR_UNKNOWN:
        return FLOW_NONE;
    }
    return FLOW_NONE;
}

static uint32_t argument(const struct overlaps *o, uint32_t f, const struct instr *in, uint32_t i)
{
    return i < in->arg_count ? variable_of(o, f, o->flow->functions[f].args[in->first_arg + i]) : FLOW_NONE;
}

static uint32_t *local_at(const struct overlaps *o, const char *function, size_t length, const char *name)
{
    uint64_t at = XXH3_64bits(function, length) * 31 + XXH3_64bits(name, strlen(name));

    for (;; at++) {
        uint32_t *place = &o->locals[at & (o->locals_size - 1)];
        const char *key = *place ? o->flow->strings[*place - 1].bytes + 1 : NULL;

        if (!key || (!strncmp(key, function, length) && key[length] == ':' && !strcmp(key + length + 1, name)))
            return place;
    }
}

static void index_locals(struct overlaps *o)
{
    for (o->locals_size = 64; o->locals_size < 2 * o->flow->string_count;)
        o->locals_size *= 2;
    o->locals = ARENA_ARRAY(o->scratch, uint32_t, o->locals_size);
    for (uint32_t i = 0; i < o->flow->string_count; i++) {
        const char *key = o->flow->strings[i].bytes, *colon = key[0] == '$' ? strrchr(key, ':') : NULL;

        if (colon)
            *local_at(o, key + 1, (size_t)(colon - key - 1), colon + 1) = i + 1;
    }
}

/* The variable of a parameter: a register, or the memory of a local whose address is taken. */
static uint32_t variable_of_param(const struct overlaps *o, uint32_t f, const struct param *param)
{
    const char *function = flow_function_name(o->flow, f);
    uint32_t key;

    if (param->is_struct || param->type != SCALAR_PTR)
        return FLOW_NONE;
    if (!param->in_slot)
        return o->first[f] + param->index;
    key = *local_at(o, function, strlen(function),
                    flow_string(o->flow, o->flow->functions[f].slots[param->index].name));
    return key ? key - 1 : FLOW_NONE;
}

/* ---- what is assigned --------------------------------------------------------------- */

static void pass(struct overlaps *o, uint32_t variable, uint32_t callee, uint32_t param)
{
    const struct function *to = &o->flow->functions[callee];

    if (param < to->param_count)
        unite(o, variable, variable_of_param(o, callee, &to->params[param]));
}

static void pass_call(struct overlaps *o, uint32_t f, const struct instr *in, uint32_t callee)
{
    for (uint32_t i = 0; i < in->arg_count; i++)
        pass(o, argument(o, f, in, i), callee, i);
    if (in->dst != FLOW_NONE && !o->allocates[callee])
        unite(o, o->first[f] + in->dst, result_of(o, callee));
}

static void pass_by_pointer(struct overlaps *o, uint32_t f, const struct instr *in)
{
    for (uint32_t callee = 0; callee < o->flow->function_count; callee++)
        if (o->taken[callee] && o->flow->functions[callee].param_count == in->arg_count)
            pass_call(o, f, in, callee);
}

/* A task's parameter is what it was started with. */
static void pass_start(struct overlaps *o, uint32_t f, const struct instr *in, uint32_t at)
{
    const struct function *fn = &o->flow->functions[f];
    uint32_t named = function_named(o, &fn->exprs[fn->args[in->first_arg + at]]);

    if (named != FLOW_NONE)
        pass(o, argument(o, f, in, at + 1), named, 0);
    for (uint32_t g = 0; named == FLOW_NONE && g < o->flow->function_count; g++)
        if (o->taken[g] && o->flow->functions[g].param_count == 1)
            pass(o, argument(o, f, in, at + 1), g, 0);
}

static void pass_op(struct overlaps *o, uint32_t f, const struct instr *in)
{
    switch (in->op) {
    case FLOW_SPAWN: case FLOW_SPAWN_COPY:
        pass_start(o, f, in, 0);
        break;
    case FLOW_GROUP_SPAWN: case FLOW_ONCE:
        pass_start(o, f, in, 1);
        break;
    case FLOW_REALLOC: case FLOW_COPY: case FLOW_FILL:
        if (in->op == FLOW_COPY)
            unite(o, argument(o, f, in, 0), argument(o, f, in, 1));
        if (in->dst != FLOW_NONE)
            unite(o, o->first[f] + in->dst, argument(o, f, in, 0));
        break;
    default:
        break;
    }
}

static void pass_instr(struct overlaps *o, uint32_t f, const struct instr *in)
{
    switch ((enum instr_kind)in->kind) {
    case INSTR_SET:
        unite(o, o->first[f] + in->dst, variable_of(o, f, in->a));
        break;
    case INSTR_STORE:
        if (in->type == SCALAR_PTR)
            unite(o, in->key, variable_of(o, f, in->b));
        break;
    case INSTR_CALL:
        if (in->symbol == FLOW_NONE)
            pass_by_pointer(o, f, in);
        else if (o->flow->symbols[in->symbol].function != FLOW_NONE)
            pass_call(o, f, in, o->flow->symbols[in->symbol].function);
        break;
    case INSTR_OP:
        pass_op(o, f, in);
        break;
    case INSTR_COPY:            /* two objects of one layout */
        unite(o, variable_of(o, f, in->a), variable_of(o, f, in->b));
        break;
    case INSTR_ZERO: case INSTR_DECL: case INSTR_HAVOC:
        break;
    }
}

static void pass_function(struct overlaps *o, uint32_t f)
{
    const struct function *fn = &o->flow->functions[f];

    for (uint32_t i = 0; i < fn->instr_count; i++)
        pass_instr(o, f, &fn->instrs[i]);
    for (uint32_t b = 0; b < fn->block_count; b++)
        if (fn->blocks[b].term == TERM_RETURN && !fn->return_size)
            unite(o, result_of(o, f), variable_of(o, f, fn->blocks[b].cond));
}

static void pass_globals(struct overlaps *o)
{
    for (uint32_t g = 0; g < o->flow->global_count; g++)
        for (uint32_t i = 0; i < o->flow->globals[g].init_count; i++) {
            const struct init *init = &o->flow->globals[g].inits[i];

            if (init->kind == EXPR_GLOBAL && o->flow->symbols[init->index].function != FLOW_NONE)
                o->taken[o->flow->symbols[init->index].function] = true;
        }
}

/* ---- functions ---------------------------------------------------------------------- */

/* What an address is counted from. */
static const struct expr *root_of(const struct function *fn, uint32_t address)
{
    const struct expr *e = &fn->exprs[address];

    while (e->kind == EXPR_INDEX || e->kind == EXPR_CAST)
        e = &fn->exprs[e->a];
    return e;
}

enum { FRESH_DEPTH = 4 };       /* registers and functions between an allocation and who gets it */

static bool is_fresh(const struct overlaps *o, const struct function *fn, uint32_t expr, unsigned depth);

static bool defines_fresh(const struct overlaps *o, const struct function *fn, const struct instr *in, unsigned depth)
{
    if (in->kind == INSTR_SET)
        return is_fresh(o, fn, in->a, depth);
    if (in->kind == INSTR_CALL)
        return in->symbol != FLOW_NONE && o->flow->symbols[in->symbol].function != FLOW_NONE &&
               o->allocates[o->flow->symbols[in->symbol].function];
    return in->kind == INSTR_OP && (in->op == FLOW_ALLOC || in->op == FLOW_ZALLOC);
}

/* Nothing but new memory, or NULL. */
static bool is_fresh(const struct overlaps *o, const struct function *fn, uint32_t expr, unsigned depth)
{
    const struct expr *e = &fn->exprs[expr];
    bool defined = false;

    if (e->kind == EXPR_CONST)
        return true;
    if (e->kind == EXPR_CAST)
        return is_fresh(o, fn, e->a, depth);
    if (e->kind != EXPR_REG || !depth)
        return false;
    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];

        if (in->kind != INSTR_SET && in->kind != INSTR_CALL && in->kind != INSTR_OP)
            continue;
        if (in->dst != e->index)
            continue;
        if (!defines_fresh(o, fn, in, depth - 1))
            return false;
        defined = true;
    }
    return defined;
}

/* Does it read or write through a pointer that it has in a register? */
static bool looks_inside(const struct function *fn)
{
    for (uint32_t i = 0; i < fn->expr_count; i++)
        if (fn->exprs[i].kind == EXPR_LOAD && root_of(fn, fn->exprs[i].a)->kind == EXPR_REG)
            return true;
    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (fn->instrs[i].kind == INSTR_STORE && root_of(fn, fn->instrs[i].a)->kind == EXPR_REG)
            return true;
    return false;
}

/* What xmalloc() returns is one thing here and another there: its callers have nothing to do with each other. */
static bool returns_fresh(const struct overlaps *o, const struct function *fn)
{
    bool returns = false;

    if (looks_inside(fn))
        return false;
    for (uint32_t b = 0; b < fn->block_count; b++)
        if (fn->blocks[b].term == TERM_RETURN) {
            if (fn->blocks[b].cond == FLOW_NONE || !is_fresh(o, fn, fn->blocks[b].cond, FRESH_DEPTH))
                return false;
            returns = true;
        }
    return returns;
}

static void find_allocators(struct overlaps *o)
{
    bool more = true;

    for (unsigned depth = 0; more && depth < FRESH_DEPTH; depth++) {
        more = false;
        for (uint32_t f = 0; f < o->flow->function_count; f++)
            if (!o->allocates[f] && returns_fresh(o, &o->flow->functions[f]))
                more = o->allocates[f] = true;
    }
}

static void find_taken(struct overlaps *o)
{
    for (uint32_t f = 0; f < o->flow->function_count; f++)
        for (uint32_t i = 0; i < o->flow->functions[f].expr_count; i++) {
            uint32_t named = function_named(o, &o->flow->functions[f].exprs[i]);

            if (named != FLOW_NONE)
                o->taken[named] = true;
        }
    pass_globals(o);
}

/* ---- what is read and written ------------------------------------------------------- */

/* What an address is counted from, and how far it lies behind; elements of an array are one. */
static uint32_t base_of(const struct overlaps *o, uint32_t f, uint32_t address, int64_t *offset)
{
    const struct function *fn = &o->flow->functions[f];

    for (;;) {
        const struct expr *e = &fn->exprs[address];

        if (e->kind == EXPR_INDEX && fn->exprs[e->b].kind == EXPR_CONST)
            *offset = (int64_t)((uint64_t)*offset + (uint64_t)fn->exprs[e->b].number * (uint64_t)e->number);
        if (e->kind != EXPR_INDEX && e->kind != EXPR_CAST)
            return variable_of(o, f, address);
        address = e->a;
    }
}

static struct access *access_at(struct overlaps *o, uint32_t class, int64_t offset)
{
    uint64_t at = (class * 0x9e3779b97f4a7c15u + (uint64_t)offset * 0xc2b2ae3d27d4eb4fu) >> 32;

    for (;; at++) {
        struct access *a = &o->table[at & (o->table_size - 1)];

        if (!a->key || (a->class == class && a->offset == offset))
            return a;
    }
}

static void note_access(struct overlaps *o, uint32_t f, uint32_t address, uint32_t key)
{
    int64_t offset = 0;
    uint32_t base = base_of(o, f, address, &offset);
    struct access *a;

    if (base == FLOW_NONE || key == FLOW_NONE || key == o->text)
        return;
    a = access_at(o, find(o->values, base), offset);
    if (!a->key) {
        *a = (struct access){ find(o->values, base), key + 1, offset };
    } else if (find(o->memory, a->key - 1) != find(o->memory, key)) {
        struct flow *flow = o->flow;
        uint32_t other = a->key - 1;

        unite_memory(o, other, key);
        ARENA_PUSH(flow->arena, flow->aliases, flow->alias_count, o->capacity) =
            (struct alias){ other < key ? other : key, other < key ? key : other };
    }
}

static void note_accesses(struct overlaps *o, uint32_t f)
{
    const struct function *fn = &o->flow->functions[f];

    for (uint32_t i = 0; i < fn->expr_count; i++)
        if (fn->exprs[i].kind == EXPR_LOAD)
            note_access(o, f, fn->exprs[i].a, fn->exprs[i].index);
    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (fn->instrs[i].kind == INSTR_STORE)
            note_access(o, f, fn->instrs[i].a, fn->instrs[i].key);
}

/* ---- all together ------------------------------------------------------------------- */

static void number_variables(struct overlaps *o)
{
    const struct flow *flow = o->flow;
    uint32_t count = flow->string_count, accesses = 0;

    o->first = ARENA_ARRAY(o->scratch, uint32_t, flow->function_count + 1);
    for (uint32_t f = 0; f < flow->function_count; f++) {
        o->first[f] = count;
        count += flow->functions[f].reg_count + 1 + flow->functions[f].slot_count;
        accesses += flow->functions[f].expr_count + flow->functions[f].instr_count;
    }
    o->symbols = count;
    count += flow->symbol_count;
    o->values = ARENA_ARRAY(o->scratch, uint32_t, count);
    o->memory = ARENA_ARRAY(o->scratch, uint32_t, flow->string_count + 1);
    for (uint32_t v = 0; v < count; v++)
        o->values[v] = v;
    for (uint32_t v = 0; v < flow->string_count; v++)
        o->memory[v] = v;
    for (o->table_size = 64; o->table_size < accesses + 1;)
        o->table_size *= 2;
    o->table = ARENA_ARRAY(o->scratch, struct access, o->table_size);
}

static uint32_t text_class(const struct flow *flow)
{
    for (uint32_t i = 0; i < flow->string_count; i++)
        if (!strcmp(flow->strings[i].bytes, FLOW_TEXT_KEY))
            return i;
    return FLOW_NONE;
}

void overlaps_join(struct flow *program)
{
    struct overlaps o = { .flow = program, .scratch = arena_new(), .text = text_class(program),
                          .capacity = program->alias_count };

    number_variables(&o);
    o.taken = ARENA_ARRAY(o.scratch, bool, program->function_count + 1);
    o.allocates = ARENA_ARRAY(o.scratch, bool, program->function_count + 1);
    index_locals(&o);
    find_taken(&o);
    find_allocators(&o);
    for (uint32_t i = 0; i < program->alias_count; i++)
        unite_memory(&o, program->aliases[i].a, program->aliases[i].b);
    for (uint32_t f = 0; f < program->function_count; f++)
        pass_function(&o, f);
    do {        /* where fields meet, what they lead to meets */
        o.changed = false;
        memset(o.table, 0, o.table_size * sizeof *o.table);
        for (uint32_t f = 0; f < program->function_count; f++)
            note_accesses(&o, f);
    } while (o.changed);
    arena_free(o.scratch);
}
