#include "cases.h"

/* Arguments of a select in a flow, see flow.h. */
enum { ARG_CASES, ARG_SIZE = 3, ARG_DIRECTION, ARG_CHANNEL, ARG_VALUE };

static const struct expr *argument(const struct function *fn, const struct instr *in, unsigned i)
{
    return &fn->exprs[fn->args[in->first_arg + i]];
}

static bool is_select(const struct instr *in)
{
    return in->kind == INSTR_OP && (in->op == FLOW_SELECT || in->op == FLOW_POLL || in->op == FLOW_SELECT_TIMEOUT);
}

/* Is the expression `slot` plus a constant? */
static bool address_in(const struct function *fn, uint32_t expr, uint32_t slot, int64_t *offset)
{
    const struct expr *e = &fn->exprs[expr];

    if (e->kind == EXPR_SLOT && e->index == slot) {
        *offset = 0;
        return true;
    }
    if (e->kind != EXPR_INDEX || fn->exprs[e->b].kind != EXPR_CONST || !address_in(fn, e->a, slot, offset))
        return false;
    *offset += fn->exprs[e->b].number * e->number;
    return true;
}

static bool mentions(const struct function *fn, uint32_t expr, uint32_t slot)
{
    const struct expr *e;

    if (expr == FLOW_NONE)
        return false;
    e = &fn->exprs[expr];
    return (e->kind == EXPR_SLOT && e->index == slot) || (expr_operands(e) > 0 && mentions(fn, e->a, slot)) ||
           (expr_operands(e) > 1 && mentions(fn, e->b, slot));
}

/* Does the instruction do anything with the slot but begin it, clear it, fill it in at a
 * constant place, or select from its beginning? */
static bool uses_otherwise(const struct function *fn, const struct instr *in, uint32_t slot)
{
    int64_t offset;

    if (in->kind == INSTR_STORE && address_in(fn, in->a, slot, &offset))
        return mentions(fn, in->b, slot);
    if (in->kind == INSTR_ZERO && address_in(fn, in->a, slot, &offset))
        return false;
    if (in->kind == INSTR_DECL)
        return false;
    for (uint32_t i = 0; i < in->arg_count; i++)
        if (!(i == ARG_CASES && is_select(in) && argument(fn, in, i)->kind == EXPR_SLOT) &&
            mentions(fn, fn->args[in->first_arg + i], slot))
            return true;
    return mentions(fn, in->a, slot) || mentions(fn, in->b, slot) || mentions(fn, in->dst_address, slot);
}

static bool is_private(const struct function *fn, uint32_t slot)
{
    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (uses_otherwise(fn, &fn->instrs[i], slot))
            return false;
    for (uint32_t b = 0; b < fn->block_count; b++)
        if (mentions(fn, fn->blocks[b].cond, slot))
            return false;
    for (uint32_t p = 0; p < fn->param_count; p++)
        if (fn->params[p].in_slot && fn->params[p].index == slot)
            return false;
    return true;
}

/* One store into the slot: a direction or a channel of a case, or neither. False: not understood. */
static bool read_store(const struct function *fn, const struct instr *store, const struct instr *select,
                       uint32_t slot, struct case_list *list)
{
    int64_t size = argument(fn, select, ARG_SIZE)->number, offset, at;

    if (store->kind != INSTR_STORE || !address_in(fn, store->a, slot, &offset))
        return true;
    at = offset / size;
    if (offset < 0 || at >= CASES_MAX)
        return false;
    if (offset % size == argument(fn, select, ARG_DIRECTION)->number) {
        if (fn->exprs[store->b].kind != EXPR_CONST)
            return false;
        list->of[at].is_send |= fn->exprs[store->b].number != 0;
    } else if (offset % size == argument(fn, select, ARG_CHANNEL)->number) {
        if (list->of[at].channel != FLOW_NONE)
            return false;           /* several: a slot used twice */
        list->of[at].channel = store->b;
    } else if (offset % size == argument(fn, select, ARG_VALUE)->number) {
        list->of[at].value = list->of[at].value == FLOW_NONE ? store->b : CASE_SEVERAL;
    }
    return true;
}

bool cases_of(const struct function *fn, uint32_t at, struct case_list *list)
{
    const struct instr *select = &fn->instrs[at];
    uint32_t slot;

    if (argument(fn, select, ARG_CASES)->kind != EXPR_SLOT || argument(fn, select, ARG_SIZE)->kind != EXPR_CONST ||
        argument(fn, select, ARG_SIZE)->number <= 0)
        return false;
    slot = argument(fn, select, ARG_CASES)->index;
    if (!is_private(fn, slot))
        return false;
    *list = (struct case_list){ 0 };
    for (uint32_t i = 0; i < CASES_MAX; i++)
        list->of[i].channel = list->of[i].value = FLOW_NONE;
    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (!read_store(fn, &fn->instrs[i], select, slot, list))
            return false;
    while (list->count < CASES_MAX && list->of[list->count].channel != FLOW_NONE)
        list->count++;
    return true;
}

bool cases_is_store(const struct function *fn, const struct instr *store)
{
    struct case_list list;
    int64_t offset;

    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (is_select(&fn->instrs[i]) && argument(fn, &fn->instrs[i], ARG_CASES)->kind == EXPR_SLOT &&
            address_in(fn, store->a, argument(fn, &fn->instrs[i], ARG_CASES)->index, &offset))
            return cases_of(fn, i, &list);
    return false;
}

bool cases_fill(const struct function *fn, const struct instr *store)
{
    int64_t offset;

    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];

        if (is_select(in) && argument(fn, in, ARG_CASES)->kind == EXPR_SLOT &&
            address_in(fn, store->a, argument(fn, in, ARG_CASES)->index, &offset))
            return true;
    }
    return false;
}
