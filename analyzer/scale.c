#include "scale.h"

#include <string.h>

#include "keys.h"

/* ---- units ------------------------------------------------------------------ */

/* A constant, and the unit it is a number of. */
struct mention {
    uint32_t function, expr;    /* function FLOW_NONE: init `expr` of `global` */
    uint32_t global;
    uint32_t unit;
    int64_t  number;
    bool     divides;           /* something is taken modulo it, or divided by it */
};

/* Units are numbered: 0 that of capacities; then a register, an alias class of
 * memory, the result of a function each; union-find joins them. */
struct units {
    const struct flow *flow;
    struct plan       *plan;
    struct arena      *arena;
    struct keys       *keys;
    uint32_t          *parent;
    bool              *counts;      /* per unit: somebody counts in it */
    uint32_t          *first_reg;   /* per function */
    uint32_t           first_key, first_result;
    struct mention    *mentions;    uint32_t mention_count, mention_capacity;
};

enum { UNIT_CAPACITY = 0 };

static uint32_t unit_find(struct units *u, uint32_t unit)
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

static uint32_t unit_of_key(struct units *u, uint32_t key)
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

static uint32_t unit_of(struct units *u, uint32_t f, uint32_t expr);

static uint32_t unit_of_binary(struct units *u, uint32_t f, const struct expr *e)
{
    uint32_t a = unit_of(u, f, e->a), b = unit_of(u, f, e->b), both;

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
static uint32_t unit_of(struct units *u, uint32_t f, uint32_t expr)
{
    const struct expr *e = &u->flow->functions[f].exprs[expr];

    switch ((enum expr_kind)e->kind) {
    case EXPR_REG:
        return u->first_reg[f] + e->index;
    case EXPR_LOAD:
        unit_of(u, f, e->a);
        return unit_of_key(u, e->index);
    case EXPR_CAST:
        return unit_of(u, f, e->a);
    case EXPR_UNARY:
        return e->op == OP_NEG ? unit_of(u, f, e->a) : (unit_of(u, f, e->a), FLOW_NONE);
    case EXPR_BINARY:
        return unit_of_binary(u, f, e);
    case EXPR_INDEX:
        unit_of(u, f, e->a);
        unit_of(u, f, e->b);
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
    unit_join(u, unit_of(u, f, expr), unit);
    mention(u, f, expr, unit, false);
}

static uint32_t unit_of_param(struct units *u, uint32_t f, uint32_t param)
{
    const struct param *p = &u->flow->functions[f].params[param];

    if (p->is_struct)
        return FLOW_NONE;
    return p->in_slot ? unit_of_key(u, keys_of_slot(u->keys, f, p->index)) : u->first_reg[f] + p->index;
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
        unit_of(u, f, fn->args[in->first_arg + i]);
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
            unit_of(u, f, block->cond);
    }
}

/* The inits of a global have the unit of the loads that name them. */
static void units_of_globals(struct units *u, uint32_t f)
{
    const struct function *fn = &u->flow->functions[f];

    for (uint32_t e = 0; e < fn->expr_count; e++) {
        const struct expr *load = &fn->exprs[e], *at = &fn->exprs[load->a];
        int64_t offset = 0;
        uint32_t global;

        if (load->kind != EXPR_LOAD)
            continue;
        for (; at->kind == EXPR_INDEX && fn->exprs[at->b].kind == EXPR_CONST; at = &fn->exprs[at->a])
            offset += fn->exprs[at->b].number * at->number;
        global = at->kind == EXPR_GLOBAL ? u->flow->symbols[at->index].global : FLOW_NONE;
        for (uint32_t i = 0; global != FLOW_NONE && i < u->flow->globals[global].init_count; i++) {
            const struct init *init = &u->flow->globals[global].inits[i];

            if (init->offset == offset && init->kind == EXPR_CONST && unit_of_key(u, load->index) != FLOW_NONE)
                ARENA_PUSH(u->arena, u->mentions, u->mention_count, u->mention_capacity) =
                    (struct mention){ FLOW_NONE, i, global, unit_of_key(u, load->index), init->number, false };
        }
    }
}

static void units_make(struct units *u)
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
        if (u->plan->functions[f].reached) {
            units_of_function(u, f);
            units_of_globals(u, f);
        }
}

/* ---- the form -------------------------------------------------------------------- */

enum {
    NUMBERS_MAX = 32,       /* as many are related to one another, no more */
    MULTIPLE_MAX = 10,      /* of a base */
    NEAR = 12,              /* so far from a multiple, at most, and */
    NEARNESS = 8,           /* the base at least so many times as far */
    MARGIN_MIN = 1,
    SMALL_PRODUCTS = 12,    /* products of two small numbers are kept from this limit on */
    SCALED_MAX = 1000,      /* what is still run */
};

struct number {
    int64_t from, to;
    bool    divides;
};

/* All numbers that count, in order, each once. */
struct numbers {
    struct number number[NUMBERS_MAX];
    uint32_t      count;
    uint32_t      small;    /* so many stay as they are: */
    int64_t       limit;    /* those up to here */
};

static int64_t magnitude(int64_t n)
{
    return n < 0 ? -n : n;
}

/* False: too many. */
static bool number_add(struct numbers *n, int64_t from, bool divides)
{
    uint32_t at = 0;

    if (from == INT64_MIN)
        return false;
    from = magnitude(from);
    while (at < n->count && n->number[at].from < from)
        at++;
    if (at < n->count && n->number[at].from == from) {
        n->number[at].divides |= divides;
        return true;
    }
    if (n->count == NUMBERS_MAX)
        return false;
    for (uint32_t i = n->count++; i > at; i--)
        n->number[i] = n->number[i - 1];
    n->number[at] = (struct number){ from, from, divides };
    return true;
}

/* c = q * base + r with q and r small. */
static bool is_near_multiple(const struct numbers *n, int64_t c, int64_t base, int64_t *q, int64_t *r)
{
    *q = (c + base / 2) / base;
    *r = c - *q * base;
    return *q >= 1 && *q <= MULTIPLE_MAX && *q <= n->limit && magnitude(*r) <= NEAR && magnitude(*r) * NEARNESS <= base;
}

/* The base of the group that begins with number `first`: it, or its half, third or
 * fourth part, whichever more of the numbers behind it are multiples of. */
static int64_t group_base(const struct numbers *n, uint32_t first)
{
    int64_t c = n->number[first].from, best = c, q, r;
    uint32_t most = 0;

    for (int64_t part = 1; part <= 4 && c / part > 1; part++) {
        uint32_t count = 0;

        if (c % part)
            continue;
        for (uint32_t i = first + 1; i < n->count; i++)
            count += is_near_multiple(n, n->number[i].from, c / part, &q, &r);
        if (count > most) {
            most = count;
            best = c / part;
        }
    }
    return best;
}

/* A base that is a product of two numbers stays it, and one that is divided by a number
 * keeps the quotient: what the scaled base is then, or 0. */
static int64_t kept_product(const struct numbers *n, uint32_t before, int64_t base)
{
    for (uint32_t i = before; i-- > 0;)
        for (uint32_t k = before; k-- > 0;) {
            const struct number *a = &n->number[i], *b = &n->number[k];
            int64_t rest = b->from > 1 && a->from > 1 ? base - a->from * b->from : -1;

            if (i < n->small && k < n->small && n->limit < SMALL_PRODUCTS)
                continue;

            if (rest == 0 || (rest > 0 && b->divides && rest < b->from))
                return a->to * b->to + (rest < b->to ? rest : b->to - 1);
        }
    return 0;
}

/* A base that is a multiple of a number stays that: 1, or what the scaled base has to be a multiple of. */
static int64_t kept_divisor(const struct numbers *n, uint32_t before, int64_t base)
{
    for (uint32_t i = before; i-- > n->small;)
        if (base % n->number[i].from == 0)
            return n->number[i].to;
    return 1;
}

/* What remains when the base is divided by a small number that something is taken
 * modulo stays what it is. */
static bool keeps_remainders(const struct numbers *n, int64_t base, int64_t scaled)
{
    for (uint32_t i = 0; i < n->small; i++)
        if (n->number[i].divides && n->number[i].from > 1 &&
            base % n->number[i].from != scaled % n->number[i].from)
            return false;
    return true;
}

/* A difference that is no more than the margin stays what it is, any other more than that. */
static bool keeps_difference(int64_t from, int64_t to, int64_t margin)
{
    if (from < 0) {
        from = -from;
        to = -to;
    }
    return from <= margin ? to == from : to > margin;
}

/* Does number i still exceed every other, and every sum of two, by as much? Only
 * numbers that have been given theirs are looked at. */
static bool keeps_order(const struct numbers *n, const bool *given, uint32_t i, int64_t margin)
{
    const struct number *c = n->number;

    for (uint32_t j = 0; j < n->count; j++) {
        if (!given[j] || j == i)
            continue;
        if (!keeps_difference(c[i].from - c[j].from, c[i].to - c[j].to, margin))
            return false;
        for (uint32_t k = n->small; k <= j; k++)
            if (given[k] && k != i &&
                !keeps_difference(c[i].from - c[j].from - c[k].from, c[i].to - c[j].to - c[k].to, margin))
                return false;
    }
    return true;
}

/* Give the members of a group their numbers. False: some relation is not kept. */
static bool group_try(struct numbers *n, int64_t base, int64_t scaled, int64_t margin, const bool *member,
                      const bool *given)
{
    int64_t q, r;

    for (uint32_t i = n->small; i < n->count; i++)
        if (member[i]) {
            is_near_multiple(n, n->number[i].from, base, &q, &r);
            n->number[i].to = q * scaled + r;
        }
    for (uint32_t i = n->small; i < n->count; i++)
        if (member[i] && !keeps_order(n, given, i, margin))
            return false;
    return true;
}

/* Scale the group that begins with number `first`. given: the numbers that have theirs. */
static bool group_scale(struct numbers *n, uint32_t first, int64_t margin, int64_t least, bool *given)
{
    int64_t base = group_base(n, first), q, r, product = kept_product(n, first, base);
    int64_t divisor = kept_divisor(n, first, base);
    bool member[NUMBERS_MAX] = { false };

    for (uint32_t i = first; i < n->count; i++)
        if (!given[i] && (i == first || is_near_multiple(n, n->number[i].from, base, &q, &r)))
            member[i] = given[i] = true;
    if (product)
        return product <= SCALED_MAX && group_try(n, base, product, margin, member, given);
    for (int64_t scaled = (least + divisor - 1) / divisor * divisor; scaled <= SCALED_MAX && scaled <= base; scaled += divisor)
        if (keeps_remainders(n, base, scaled) && group_try(n, base, scaled, margin, member, given))
            return true;
    return false;
}

/* With the first base scaled to no less than `least`. */
static bool numbers_try(struct numbers *n, int64_t margin, int64_t least)
{
    bool given[NUMBERS_MAX] = { false };

    for (uint32_t i = 0; i < n->count; i++) {
        given[i] = i < n->small;
        n->number[i].to = n->number[i].from;
    }
    for (uint32_t i = n->small; i < n->count; i++) {
        if (!given[i] && !group_scale(n, i, margin, least, given))
            return false;
        least = 1;
    }
    return n->number[n->count - 1].to <= SCALED_MAX;
}

static bool numbers_scale(struct numbers *n)
{
    int64_t margin = MARGIN_MIN;

    for (; n->small < n->count && n->number[n->small].from <= n->limit; n->small++)
        margin += n->number[n->small].from > 1 ? n->number[n->small].from : 0;
    for (int64_t least = 1; n->small < n->count && least <= SCALED_MAX; least = least * 3 / 2 + 1)
        if (numbers_try(n, margin, least))
            return true;
    return false;
}

/* The numbers that count, and the quotients where one is divided by another. */
static bool numbers_collect(struct units *u, struct numbers *n)
{
    for (uint32_t i = 0; i < u->mention_count; i++) {
        const struct mention *m = &u->mentions[i];
        uint32_t unit = unit_find(u, m->unit);

        if (!u->counts[unit] || m->number == 0)
            continue;
        if (!number_add(n, m->number, m->divides))
            return false;
        for (uint32_t k = 0; m->divides && k < u->mention_count; k++)
            if (unit_find(u, u->mentions[k].unit) == unit && magnitude(u->mentions[k].number) > magnitude(m->number) &&
                magnitude(m->number) > 1 && !number_add(n, u->mentions[k].number / m->number, false))
                return false;
    }
    return n->count != 0;
}

/* ---- putting them in --------------------------------------------------------------- */

static int64_t scaled_number(const struct numbers *n, int64_t from)
{
    for (uint32_t i = n->small; i < n->count; i++)
        if (n->number[i].from == magnitude(from))
            return from < 0 ? -n->number[i].to : n->number[i].to;
    return from;
}

static void put_in(struct units *u, const struct numbers *n, const struct mention *m)
{
    int64_t to = scaled_number(n, m->number), **numbers;
    uint32_t count;

    if (to == m->number)
        return;
    if (m->function != FLOW_NONE) {
        numbers = &u->plan->functions[m->function].scaled;
        count = u->flow->functions[m->function].expr_count;
        if (!*numbers) {
            *numbers = ARENA_ARRAY(u->arena, int64_t, count);
            for (uint32_t i = 0; i < count; i++)
                (*numbers)[i] = u->flow->functions[m->function].exprs[i].number;
        }
    } else {
        numbers = &u->plan->global_scaled[m->global];
        count = u->flow->globals[m->global].init_count;
        if (!*numbers) {
            *numbers = ARENA_ARRAY(u->arena, int64_t, count);
            for (uint32_t i = 0; i < count; i++)
                (*numbers)[i] = u->flow->globals[m->global].inits[i].number;
        }
    }
    (*numbers)[m->expr] = to;
}

void scale_program(const struct flow *flow, struct plan *plan, int64_t limit, struct arena *arena)
{
    struct units u = { .flow = flow, .plan = plan, .arena = arena };
    struct numbers n = { .limit = limit };
    struct scaling *s = plan->scaling = ARENA_NEW(arena, struct scaling);

    units_make(&u);
    if (!numbers_collect(&u, &n) || !numbers_scale(&n))
        return;
    plan->global_scaled = ARENA_ARRAY(arena, int64_t *, flow->global_count);
    for (uint32_t i = 0; i < u.mention_count; i++)
        if (u.counts[unit_find(&u, u.mentions[i].unit)])
            put_in(&u, &n, &u.mentions[i]);
    s->numbers = ARENA_ARRAY(arena, struct scaled, n.count);
    for (uint32_t i = n.small; i < n.count; i++)
        if (n.number[i].from != n.number[i].to)
            s->numbers[s->count++] = (struct scaled){ n.number[i].from, n.number[i].to };
    if (s->count && plan->coarse.saturation < s->numbers[s->count - 1].to + 2)
        plan->coarse.saturation = s->numbers[s->count - 1].to + 2;
}

bool scaling_changes(const struct scaling *s)
{
    return s && s->count;
}

bool scaling_shrinks(const struct scaling *s)
{
    for (uint32_t i = 0; s && i < s->count; i++)
        if (s->numbers[i].to + s->numbers[i].to / 2 <= s->numbers[i].from)
            return true;
    return false;
}

bool scaling_equal(const struct scaling *a, const struct scaling *b)
{
    if (!scaling_changes(a) || !scaling_changes(b))
        return scaling_changes(a) == scaling_changes(b);
    return a->count == b->count && memcmp(a->numbers, b->numbers, a->count * sizeof *a->numbers) == 0;
}

int64_t scale_back(const struct scaling *s, int64_t n)
{
    for (uint32_t i = 0; s && i < s->count; i++)
        if (s->numbers[i].to == n)
            return s->numbers[i].from;
    return n;
}
