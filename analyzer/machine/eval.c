#include "machine.h"

/* Expressions, in a frame of the state. */

enum { ELEMENTS_MAX = 8 };      /* an unknown index into so many elements is tried with each */

static const struct function *function_of(const struct machine *m, const struct frame *f)
{
    return &m->flow->functions[f->function];
}

static struct value eval_reg(struct machine *m, const struct frame *f, uint32_t reg)
{
    if (f->regs[reg].kind == VALUE_UNSET)
        f->regs[reg] = value_fresh(m, SCALAR_I64);
    return value_resolve(m, f->regs[reg]);
}

/* The object of a local variable; made is where it is declared. */
uint32_t local_new(struct machine *m, const struct frame *f, uint32_t slot, struct place made)
{
    uint32_t id = memory_new(m, function_of(m, f)->slots[slot].size, FILL_UNSET, made);

    m->objects[id].local = m->plan->lends;
    return id;
}

struct value eval_slot(struct machine *m, const struct frame *f, uint32_t slot)
{
    if (f->slots[slot] == FLOW_NONE)
        f->slots[slot] = local_new(m, f, slot, NO_PLACE);
    return memory_address(f->slots[slot], 0);
}

static struct value eval_symbol(struct machine *m, uint32_t symbol)
{
    uint32_t global = m->flow->symbols[symbol].global;

    if (global != FLOW_NONE)
        return memory_address(global_object(m, global), 0);
    return (struct value){ VALUE_FUNCTION, symbol, 0 };
}

/* declared: as many as the array is declared with, or 0. Behind it other members may follow. */
static struct value eval_index(struct machine *m, struct value base, struct value index, int64_t scale,
                               uint32_t declared)
{
    base = value_resolve(m, base);
    index = value_resolve(m, index);
    if (base.kind == VALUE_ADDRESS && index.kind == VALUE_UNKNOWN && scale > 0 &&
        m->objects[base.id].size != UINT32_MAX) {
        int64_t elements = number_minus(m->objects[base.id].size, base.n) / scale;

        elements = declared && elements > declared ? declared : elements;
        value_concretise(m, &index, 0, number_minus(elements, 1), ELEMENTS_MAX);
    }
    if (index.kind == VALUE_INT)
        return value_binary(m, OP_ADD, SCALAR_PTR, base, INT_VALUE(number_times(index.n, scale)));
    if (value_is_counted(m, index))
        machine_widen(m, "an array indexed by a counter that grows without end");
    if (base.kind == VALUE_ADDRESS || base.kind == VALUE_SOMEWHERE)
        return (struct value){ VALUE_SOMEWHERE, base.id, 0 };
    return value_fresh(m, SCALAR_PTR);
}

/* An array whose elements end a loop is as long as an unknown count is large: how many
 * elements were looked at before counts against the bound of the loop. */
static struct value eval_load(struct machine *m, const struct frame *f, uint32_t expr)
{
    const struct expr *e = &function_of(m, f)->exprs[expr];
    struct value address = eval(m, f, e->a), v;
    uint32_t known = m->unknown_count;

    v = memory_load(m, address, e->type);
    if (v.kind == VALUE_UNKNOWN && v.id >= known && m->plan->functions[f->function].walks[expr])
        m->unknowns[v.id].splits = memory_decided(m, address);
    return value_resolve(m, v);
}

struct value eval(struct machine *m, const struct frame *f, uint32_t expr)
{
    const struct expr *e = &function_of(m, f)->exprs[expr];

    switch ((enum expr_kind)e->kind) {
    case EXPR_CONST: {
        const int64_t *scaled = m->plan->functions[f->function].scaled;
        return INT_VALUE(scaled ? scaled[expr] : e->number);
    }
    case EXPR_REG:
        return eval_reg(m, f, e->index);
    case EXPR_SLOT:
        return eval_slot(m, f, e->index);
    case EXPR_GLOBAL:
        return eval_symbol(m, e->index);
    case EXPR_STRING:
        return memory_address(string_object(m, e->index), 0);
    case EXPR_LOAD:
        return eval_load(m, f, expr);
    case EXPR_BINARY: {
        struct value a = eval(m, f, e->a);
        return value_binary(m, e->op, e->type, a, eval(m, f, e->b));
    }
    case EXPR_UNARY:
        return value_unary(m, e->op, e->type, eval(m, f, e->a));
    case EXPR_CAST:
        return value_cast(m, e->type, eval(m, f, e->a));
    case EXPR_INDEX: {
        struct value a = eval(m, f, e->a);
        return eval_index(m, a, eval(m, f, e->b), e->number, e->index);
    }
    case EXPR_UNKNOWN:
        return value_fresh(m, e->type);
    }
    return value_fresh(m, SCALAR_I64);
}
