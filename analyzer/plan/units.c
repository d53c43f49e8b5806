#include "units.h"

enum {
    UNIT_CAPACITY = 0,
    TABLE_MAX = 16,
};

uint32_t unit_find(struct units *u, uint32_t unit)
{
    while (u->parent[unit] != unit)
        unit = u->parent[unit] = u->parent[u->parent[unit]];
    return unit;
}

static uint32_t unit_join(struct units *u, uint32_t a, uint32_t b)
{
    if (a == FLOW_NONE || b == FLOW_NONE)
        return a == FLOW_NONE ? b : a;
    a = unit_find(u, a);
    b = unit_find(u, b);
    u->parent[a] = b;
    u->counts[b] |= u->counts[a];
    return b;
}

uint32_t unit_of_key(struct units *u, uint32_t key)
{
    return key == FLOW_NONE ? FLOW_NONE : u->first_key + keys_class(u->keys, key);
}

static void mention(struct units *u, uint32_t f, uint32_t expr, uint32_t unit, bool divides)
{
    const struct expr *e = &u->flow->functions[f].exprs[expr];

    if (unit == FLOW_NONE)
        return;
    if (e->kind == EXPR_CAST || (e->kind == EXPR_UNARY && e->op == OP_NEG))
        mention(u, f, e->a, unit, divides);
    if (e->kind == EXPR_CONST)
        ARENA_PUSH(u->arena, u->mentions, u->mention_count, u->mention_capacity) =
            (struct mention){ f, expr, FLOW_NONE, unit, e->number, divides };
}

static uint32_t unit_of_binary(struct units *u, uint32_t f, const struct expr *e)
{
    uint32_t a = unit_of_value(u, f, e->a), b = unit_of_value(u, f, e->b), both;

    switch ((enum expr_op)e->op) {
    case OP_ADD: case OP_SUB: case OP_REM: case OP_DIV:
    case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE:
        both = unit_join(u, a, b);
        mention(u, f, e->a, both, false);
        mention(u, f, e->b, both, e->op == OP_REM || e->op == OP_DIV);
        return e->op == OP_ADD || e->op == OP_SUB || e->op == OP_REM ? both : FLOW_NONE;
    case OP_MUL:                        /* so many times as many */
        return a == FLOW_NONE ? b : b == FLOW_NONE ? a : FLOW_NONE;
    default:
        return FLOW_NONE;
    }
}

/* The unit of an expression's value, FLOW_NONE for a mere number; on the way, what
 * stands together in it has the same unit. */
uint32_t unit_of_value(struct units *u, uint32_t f, uint32_t expr)
{
    const struct expr *e = &u->flow->functions[f].exprs[expr];

    switch ((enum expr_kind)e->kind) {
    case EXPR_REG:
        return u->first_reg[f] + e->index;
    case EXPR_LOAD:
        unit_of_value(u, f, e->a);
        return unit_of_key(u, e->index);
    case EXPR_CAST:
        return unit_of_value(u, f, e->a);
    case EXPR_UNARY:
        return e->op == OP_NEG ? unit_of_value(u, f, e->a) : (unit_of_value(u, f, e->a), FLOW_NONE);
    case EXPR_BINARY:
        return unit_of_binary(u, f, e);
    case EXPR_INDEX:
        unit_of_value(u, f, e->a);
        unit_of_value(u, f, e->b);
        return FLOW_NONE;
    case EXPR_CONST: case EXPR_SLOT: case EXPR_GLOBAL: case EXPR_STRING: case EXPR_UNKNOWN:
        return FLOW_NONE;
    }
    return FLOW_NONE;
}

/* The expression's value goes where `unit` is the unit. */
static void flows(struct units *u, uint32_t f, uint32_t expr, uint32_t unit)
{
    if (expr == FLOW_NONE)
        return;
    unit_join(u, unit_of_value(u, f, expr), unit);
    mention(u, f, expr, unit, false);
}

uint32_t unit_of_slot(struct units *u, uint32_t function, uint32_t slot)
{
    return unit_of_key(u, keys_of_slot(u->keys, function, slot));
}

static uint32_t unit_of_param(struct units *u, uint32_t f, uint32_t param)
{
    const struct param *p = &u->flow->functions[f].params[param];

    if (p->is_struct)
        return FLOW_NONE;
    return p->in_slot ? unit_of_slot(u, f, p->index) : u->first_reg[f] + p->index;
}

static void units_of_call(struct units *u, uint32_t f, const struct instr *in, uint32_t callee)
{
    const struct function *fn = &u->flow->functions[f], *to = &u->flow->functions[callee];

    for (uint32_t i = 0; i < in->arg_count && i < to->param_count; i++)
        flows(u, f, fn->args[in->first_arg + i], unit_of_param(u, callee, i));
    if (in->dst != FLOW_NONE)
        unit_join(u, u->first_reg[f] + in->dst, u->first_result + callee);
}

/* Which argument of an operation is a count of elements, tasks or turns. */
static uint32_t counted_arg(enum flow_op op)
{
    return op == FLOW_MAKE || op == FLOW_WG_ADD || op == FLOW_GROUP_MAKE ? 1 : FLOW_NONE;
}

/* The function that argument `arg` of an operation names. */
static uint32_t started(const struct units *u, uint32_t f, const struct instr *in, uint32_t arg)
{
    const struct function *fn = &u->flow->functions[f];
    const struct expr *e = arg + 1 < in->arg_count ? &fn->exprs[fn->args[in->first_arg + arg]] : NULL;

    return e && e->kind == EXPR_GLOBAL ? u->flow->symbols[e->index].function : FLOW_NONE;
}

static void units_of_op(struct units *u, uint32_t f, const struct instr *in, enum flow_op op)
{
    const struct function *fn = &u->flow->functions[f];
    uint32_t arg = counted_arg(op), spawn = op == FLOW_SPAWN ? 0 : op == FLOW_GROUP_SPAWN ? 1 : FLOW_NONE;
    uint32_t callee = spawn == FLOW_NONE ? FLOW_NONE : started(u, f, in, spawn);

    for (uint32_t i = 0; i < in->arg_count; i++)
        unit_of_value(u, f, fn->args[in->first_arg + i]);
    if (arg != FLOW_NONE && arg < in->arg_count)
        flows(u, f, fn->args[in->first_arg + arg], UNIT_CAPACITY);
    if ((op == FLOW_CAP || op == FLOW_LEN) && in->dst != FLOW_NONE)
        unit_join(u, u->first_reg[f] + in->dst, UNIT_CAPACITY);
    if (callee != FLOW_NONE && u->flow->functions[callee].param_count)
        flows(u, f, fn->args[in->first_arg + spawn + 1], unit_of_param(u, callee, 0));
}

/* x = x + n: x counts, in steps of n. */
static void counting(struct units *u, uint32_t f, uint32_t unit, uint32_t expr)
{
    const struct expr *e = &u->flow->functions[f].exprs[expr];

    while (e->kind == EXPR_CAST)
        e = &u->flow->functions[f].exprs[e->a];
    if (unit == FLOW_NONE || e->kind != EXPR_BINARY || (e->op != OP_ADD && e->op != OP_SUB))
        return;
    u->counts[unit_find(u, unit)] = true;
    mention(u, f, e->b, unit, true);
}

static void units_of_instr(struct units *u, uint32_t f, const struct instr *in)
{
    uint32_t unit;

    switch ((enum instr_kind)in->kind) {
    case INSTR_SET:
    case INSTR_STORE: {
        uint32_t value = in->kind == INSTR_SET ? in->a : in->b;

        unit = in->kind == INSTR_SET ? u->first_reg[f] + in->dst : unit_of_key(u, in->key);
        flows(u, f, value, unit);
        counting(u, f, unit, value);
        break;
    }
    case INSTR_CALL:
        if (in->symbol == FLOW_NONE)
            break;
        if (u->flow->symbols[in->symbol].function != FLOW_NONE)
            units_of_call(u, f, in, u->flow->symbols[in->symbol].function);
        else
            units_of_op(u, f, in, u->flow->symbols[in->symbol].model);
        break;
    case INSTR_OP:
        units_of_op(u, f, in, in->op);
        break;
    case INSTR_COPY: case INSTR_ZERO: case INSTR_DECL: case INSTR_HAVOC:
        break;
    }
}

static void units_of_function(struct units *u, uint32_t f)
{
    const struct function *fn = &u->flow->functions[f];
    const struct function_plan *p = &u->plan->functions[f];

    for (uint32_t b = 0; b < fn->block_count; b++) {
        const struct block *block = &fn->blocks[b];

        for (uint32_t i = 0; i < block->instr_count; i++)
            if (p->keep[block->first_instr + i])
                units_of_instr(u, f, &fn->instrs[block->first_instr + i]);
        if (block->term == TERM_RETURN)
            flows(u, f, block->cond, u->first_result + f);
        else if (p->decides[b] && block->cond != FLOW_NONE &&
                 (block->term == TERM_BRANCH || block->term == TERM_SWITCH))
            unit_of_value(u, f, block->cond);
    }
}

/* The numbers that a global begins with are numbers of what its members are; of a long table
 * nobody could keep how they relate. */
static void units_of_global(struct units *u, uint32_t global)
{
    const struct global *g = &u->flow->globals[global];
    uint32_t numbers = 0;

    for (uint32_t i = 0; i < g->init_count; i++)
        numbers += g->inits[i].kind == EXPR_CONST && g->inits[i].index != FLOW_NONE;
    for (uint32_t i = 0; numbers <= TABLE_MAX && i < g->init_count; i++)
        if (g->inits[i].kind == EXPR_CONST && g->inits[i].index != FLOW_NONE)
            ARENA_PUSH(u->arena, u->mentions, u->mention_count, u->mention_capacity) =
                (struct mention){ FLOW_NONE, i, global, unit_of_key(u, g->inits[i].index), g->inits[i].number, false };
}

/* Of those that the reached functions can touch. */
static void units_of_globals(struct units *u)
{
    for (uint32_t g = 0; g < u->flow->global_count; g++) {
        bool touched = false;

        for (uint32_t f = 0; f < u->flow->function_count && !touched; f++)
            touched = u->plan->functions[f].reached && bit_test(u->plan->functions[f].globals, g);
        if (touched)
            units_of_global(u, g);
    }
}

void units_make(struct units *u)
{
    uint32_t n = 1, functions = u->flow->function_count;

    u->keys = keys_make(u->flow, u->plan, u->arena);
    u->first_reg = ARENA_ARRAY(u->arena, uint32_t, functions);
    for (uint32_t f = 0; f < functions; f++) {
        u->first_reg[f] = n;
        n += u->plan->functions[f].reached ? u->flow->functions[f].reg_count : 0;
    }
    u->first_result = n;
    u->first_key = n + functions;
    n = u->first_key + u->flow->string_count;
    u->parent = ARENA_ARRAY(u->arena, uint32_t, n);
    u->counts = ARENA_ARRAY(u->arena, bool, n);
    for (uint32_t i = 0; i < n; i++)
        u->parent[i] = i;
    u->counts[UNIT_CAPACITY] = true;
    for (uint32_t f = 0; f < functions; f++)
        if (u->plan->functions[f].reached)
            units_of_function(u, f);
    units_of_globals(u);
}
