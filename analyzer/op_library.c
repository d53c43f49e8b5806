#include "machine.h"

static struct value allocate(struct machine *m, uint32_t task, struct value size, enum fill fill)
{
    bool known = size.kind == VALUE_INT && size.n >= 0 && size.n < UINT32_MAX / 2;

    return memory_address(
        memory_new(m, known ? (uint32_t)size.n : UINT32_MAX, fill, machine_here(m, task)), 0);
}

static struct value reallocate(struct machine *m, uint32_t task, struct value old, struct value size)
{
    if (old.kind != VALUE_ADDRESS)
        return allocate(m, task, size, FILL_UNSET);
    if (m->objects[old.id].store == STORE_MEMORY && size.kind == VALUE_INT && size.n < UINT32_MAX / 2)
        m->objects[old.id].size = (uint32_t)size.n;
    return old;
}

static void copy(struct machine *m, struct value to, struct value from, struct value size)
{
    if (size.kind == VALUE_INT && size.n >= 0 && size.n < UINT32_MAX / 2)
        memory_copy(m, to, from, (uint32_t)size.n);
    else
        memory_unknown(m, to);
}

static void fill(struct machine *m, struct value to, struct value byte, struct value size)
{
    if (byte.kind == VALUE_INT && byte.n == 0 && size.kind == VALUE_INT && size.n >= 0 &&
        size.n < UINT32_MAX / 2)
        memory_zero(m, to, (uint32_t)size.n);
    else
        memory_unknown(m, to);
}

static void writes(struct machine *m, uint32_t task, const struct instr *in)
{
    for (uint32_t i = 0; i < in->arg_count; i++) {
        struct value v = op_arg(m, task, in, i);

        if (v.kind == VALUE_ADDRESS)
            memory_unknown(m, v);
    }
}

/* Is what v points at still as it was when the program began? */
static bool is_untouched(const struct machine *m, struct value v)
{
    const struct object *o;

    if (v.kind != VALUE_ADDRESS && v.kind != VALUE_SOMEWHERE)
        return true;
    o = &m->objects[v.id];
    return o->fill == FILL_STRING || (o->external && o->cell_count == 0);
}

static struct value same_again(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value args[in->arg_count + 1];

    for (uint32_t i = 0; i < in->arg_count; i++) {
        args[i] = op_arg(m, task, in, i);
        if (!is_untouched(m, args[i]))
            return value_fresh(m, SCALAR_I64);
    }
    return value_call(m, in->key, args, in->arg_count);
}

static enum scalar result_type(const struct instr *in)
{
    return in->type == SCALAR_I8 ? SCALAR_I64 : in->type;
}

enum outcome op_library(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value a = op_arg(m, task, in, 0), result = INT_VALUE(0);

    switch ((enum flow_op)in->op) {
    case FLOW_ALLOC:
        result = allocate(m, task, a, FILL_UNSET);
        break;
    case FLOW_ZALLOC:
        result = allocate(m, task, value_binary(m, OP_MUL, SCALAR_I64, a, op_arg(m, task, in, 1)), FILL_ZERO);
        break;
    case FLOW_REALLOC:
        result = reallocate(m, task, a, op_arg(m, task, in, 1));
        break;
    case FLOW_COPY:
        copy(m, a, op_arg(m, task, in, 1), op_arg(m, task, in, 2));
        result = a;
        break;
    case FLOW_FILL:
        fill(m, a, op_arg(m, task, in, 1), op_arg(m, task, in, 2));
        result = a;
        break;
    case FLOW_EXIT:
    case FLOW_ABORT:
        machine_trace(m, STEP_EXIT, NO_PLACE, FLOW_NONE, 0);
        if (m->end == RUN_ON)
            m->end = RUN_EXITED;
        return OUTCOME_ENDED;
    case FLOW_FUNCTION:
        result = same_again(m, task, in);
        break;
    case FLOW_WRITES:
        writes(m, task, in);
        result = value_fresh(m, result_type(in));
        break;
    case FLOW_ASSUME:
        if (!value_true(m, a))
            machine_prune(m);
        break;
    case FLOW_PURE:
        result = value_fresh(m, result_type(in));
        break;
    default:                    /* free: what is gone is not looked at; atomic: only a place to stop */
        break;
    }
    op_advance(m, task, result);
    return OUTCOME_DONE;
}
