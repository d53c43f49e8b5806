#include "tallies.h"

#include "units.h"

enum {
    STEP_MAX = 16,              /* what adds more at once measures, and does not count */
    DIVISOR_MAX = 64,
    MODULUS_MAX = 240,          /* fits a byte, with the most divisors for its size */
};

static int64_t constant_of(const struct function *fn, const struct function_plan *p, uint32_t expr)
{
    const struct expr *e = &fn->exprs[expr];

    while (e->kind == EXPR_CAST)
        e = &fn->exprs[expr = e->a];
    return e->kind != EXPR_CONST ? 0 : p->scaled ? p->scaled[expr] : e->number;
}

/* ---- what counts are divided by ---------------------------------------------------- */

/* The constant by which the expression leaves a remainder; 0: by none. x & 7 is x % 8. */
static int64_t divisor_of(const struct function *fn, const struct function_plan *p, const struct expr *e)
{
    int64_t n;

    if (e->kind != EXPR_BINARY || (e->op != OP_REM && e->op != OP_AND))
        return 0;
    n = constant_of(fn, p, e->b);
    if (e->op == OP_AND)
        n = n > 0 && !(n & (n + 1)) ? n + 1 : 0;
    return n > 1 && n <= DIVISOR_MAX ? n : 0;
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static void divide(uint8_t *modulus, int64_t divisor)
{
    int64_t now = *modulus ? *modulus : 1, both = now / common_divisor(now, divisor) * divisor;

    if (both <= MODULUS_MAX)
        *modulus = (uint8_t)both;
}

static bool has_divisors(const struct flow *flow, const struct plan *plan)
{
    for (uint32_t f = 0; f < flow->function_count; f++)
        for (uint32_t e = 0; plan->functions[f].reached && e < flow->functions[f].expr_count; e++)
            if (divisor_of(&flow->functions[f], &plan->functions[f], &flow->functions[f].exprs[e]))
                return true;
    return false;
}

/* Of each unit, the least common multiple of what it is divided by; 0: nothing. */
static uint8_t *moduli_of_units(struct units *u)
{
    const struct flow *flow = u->flow;
    uint8_t *moduli = ARENA_ARRAY(u->arena, uint8_t, u->first_key + flow->string_count);

    for (uint32_t f = 0; f < flow->function_count; f++)
        for (uint32_t i = 0; u->plan->functions[f].reached && i < flow->functions[f].expr_count; i++) {
            const struct expr *e = &flow->functions[f].exprs[i];
            int64_t divisor = divisor_of(&flow->functions[f], &u->plan->functions[f], e);
            uint32_t unit = divisor ? unit_of_value(u, f, e->a) : FLOW_NONE;

            if (unit != FLOW_NONE)
                divide(&moduli[unit_find(u, unit)], divisor);
        }
    return moduli;
}

/* ---- stores that count ----------------------------------------------------------------- */

/* Does the expression read memory of this key, itself or in a register that was set from there in the block before? */
static bool reads_key(const struct function *fn, const struct block *b, uint32_t before, uint32_t expr, uint32_t key)
{
    const struct expr *e = &fn->exprs[expr];

    switch ((enum expr_kind)e->kind) {
    case EXPR_LOAD:
        return e->index == key;
    case EXPR_CAST:
        return reads_key(fn, b, before, e->a, key);
    case EXPR_REG:
        for (uint32_t i = before; i-- > b->first_instr;)
            if (fn->instrs[i].kind == INSTR_SET && fn->instrs[i].dst == e->index)
                return reads_key(fn, b, i, fn->instrs[i].a, key);
        return false;
    default:
        return false;
    }
}

/* x = x + n, in memory, possibly by way of a register. */
static bool is_count(const struct function *fn, const struct function_plan *p, const struct block *b, uint32_t at,
                     uint32_t value, uint32_t key)
{
    const struct expr *e = &fn->exprs[value];
    int64_t step;

    while (e->kind == EXPR_CAST)
        e = &fn->exprs[e->a];
    if (e->kind == EXPR_REG)
        for (uint32_t i = at; i-- > b->first_instr;)
            if (fn->instrs[i].kind == INSTR_SET && fn->instrs[i].dst == e->index)
                return is_count(fn, p, b, i, fn->instrs[i].a, key);
    if (e->kind != EXPR_BINARY || (e->op != OP_ADD && e->op != OP_SUB))
        return false;
    step = constant_of(fn, p, e->b);
    return step && step <= STEP_MAX && step >= -STEP_MAX && reads_key(fn, b, at, e->a, key);
}

static void find_tallies(const struct function *fn, struct function_plan *p, struct arena *arena)
{
    for (uint32_t n = 0; n < fn->block_count; n++) {
        const struct block *b = &fn->blocks[n];

        for (uint32_t i = b->first_instr; i < b->first_instr + b->instr_count; i++) {
            const struct instr *in = &fn->instrs[i];

            if (in->kind != INSTR_STORE || !p->keep[i] || in->key == FLOW_NONE ||
                keys_root_slot(fn, in->a) != FLOW_NONE || !is_count(fn, p, b, i, in->b, in->key))
                continue;
            if (!p->tally)
                p->tally = ARENA_ARRAY(arena, uint8_t, fn->instr_count);
            p->tally[i] = 1;
        }
    }
}

/* ---- both together ----------------------------------------------------------------------- */

static uint8_t modulus_of(struct units *u, const uint8_t *moduli, uint32_t unit)
{
    uint8_t n = unit == FLOW_NONE ? 1 : moduli[unit_find(u, unit)];

    return n ? n : 1;
}

static void put_moduli(struct units *u, const uint8_t *moduli, uint32_t f)
{
    const struct function *fn = &u->flow->functions[f];
    struct function_plan *p = &u->plan->functions[f];

    p->moduli = ARENA_ARRAY(u->arena, uint8_t, fn->reg_count + fn->slot_count + 1);
    for (uint32_t r = 0; r < fn->reg_count; r++)
        p->moduli[r] = modulus_of(u, moduli, u->first_reg[f] + r);
    for (uint32_t s = 0; s < fn->slot_count; s++)
        p->moduli[fn->reg_count + s] = modulus_of(u, moduli, unit_of_slot(u, f, s));
    for (uint32_t i = 0; p->tally && i < fn->instr_count; i++)
        if (p->tally[i])
            p->tally[i] = modulus_of(u, moduli, unit_of_key(u, fn->instrs[i].key));
}

void tallies_make(const struct flow *flow, struct plan *plan, struct arena *arena)
{
    struct units u = { .flow = flow, .plan = plan, .arena = arena };
    uint8_t *moduli;

    for (uint32_t f = 0; f < flow->function_count; f++)
        if (plan->functions[f].reached)
            find_tallies(&flow->functions[f], &plan->functions[f], arena);
    if (!has_divisors(flow, plan))
        return;
    units_make(&u);
    moduli = moduli_of_units(&u);
    for (uint32_t f = 0; f < flow->function_count; f++)
        if (plan->functions[f].reached)
            put_moduli(&u, moduli, f);
}
