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
    if (m->objects[old.id].store == STORE_MEMORY && size.kind == VALUE_INT && size.n >= 0 &&
        size.n < UINT32_MAX / 2)
        m->objects[old.id].size = (uint32_t)size.n;
    return old;
}

static void copy(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value to = op_arg(m, task, in, 0), from = op_arg(m, task, in, 1), size = op_arg(m, task, in, 2);

    if (size.kind == VALUE_INT && size.n >= 0 && size.n < UINT32_MAX / 2)
        memory_copy(m, to, from, (uint32_t)size.n);
    else
        memory_unknown(m, to, op_room(m, task, in, 0));
}

static void fill(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value to = op_arg(m, task, in, 0), byte = op_arg(m, task, in, 1), size = op_arg(m, task, in, 2);
    bool known = size.kind == VALUE_INT && size.n >= 0 && size.n < UINT32_MAX / 2;

    if (known && byte.kind == VALUE_INT && byte.n == 0)
        memory_zero(m, to, (uint32_t)size.n);
    else
        memory_unknown(m, to, known ? (uint32_t)size.n : op_room(m, task, in, 0));
}

static void writes(struct machine *m, uint32_t task, const struct instr *in)
{
    for (uint32_t i = 0; i < in->arg_count; i++) {
        struct value v = op_arg(m, task, in, i);

        if (v.kind == VALUE_ADDRESS)
            memory_unknown(m, v, op_room(m, task, in, i));
    }
}

enum { LEADS_MAX = 1 };         /* pointers to follow from an element to what it is sorted by */

/* Nothing in the object is unknown, nor in what its elements point at. */
static bool is_known(const struct machine *m, uint32_t object, unsigned leads)
{
    const struct object *o = &m->objects[object];

    if (o->store != STORE_MEMORY)
        return true;
    if (o->external || o->fill == FILL_UNKNOWN)
        return false;
    for (uint32_t i = 0; i < o->cell_count; i++) {
        struct value v = value_resolve(m, o->cells[i].value);

        if (v.kind == VALUE_UNKNOWN || v.kind == VALUE_SOMEWHERE ||
            (v.kind == VALUE_ADDRESS && leads && !is_known(m, v.id, leads - 1)))
            return false;
    }
    return true;
}

/* There are too many orders to look at each: what follows stands for more than the program can do. */
static struct value shuffle(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value v = op_arg(m, task, in, 0);

    if (v.kind == VALUE_ADDRESS && is_known(m, v.id, LEADS_MAX))
        return INT_VALUE(0);
    if (v.kind == VALUE_ADDRESS)
        memory_unknown(m, v, op_room(m, task, in, 0));
    machine_widen(m, "an array of many elements, sorted by what is not known");
    return INT_VALUE(1);
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

/* ---- comparing ------------------------------------------------------------------ */

enum { COMPARED_MAX = 4096 };       /* bytes, and measured */

/* The order is that of the C locale. */
static int64_t folded(int64_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

/* Under, at or over 0; false: a byte that decides it is not known. */
static bool compare_bytes(struct machine *m, enum flow_op op, struct value a, struct value b, uint64_t size,
                          int64_t *result)
{
    *result = 0;
    for (uint64_t i = 0; i < size; i++) {
        int64_t x, y;

        if (i == COMPARED_MAX || !memory_byte(m, a, (int64_t)i, op != FLOW_COMPARE, &x) ||
            !memory_byte(m, b, (int64_t)i, op != FLOW_COMPARE, &y))
            return false;
        if (op == FLOW_COMPARE_FOLDED) {
            x = folded(x);
            y = folded(y);
        }
        if (x != y) {
            *result = x < y ? -1 : 1;
            return true;
        }
        if (x == 0 && op != FLOW_COMPARE)
            return true;
    }
    return true;
}

/* Which of the two is named first makes no difference: the same two are the same term. */
static struct value compare_unknown(struct machine *m, const struct instr *in, struct value *args, uint32_t count)
{
    int64_t byte;
    bool swapped = memory_byte(m, args[0], 0, false, &byte) && !memory_byte(m, args[1], 0, false, &byte);

    if (!is_untouched(m, args[0]) || !is_untouched(m, args[1]))
        return value_fresh(m, SCALAR_I64);
    if (swapped) {
        struct value first = args[0];

        args[0] = args[1];
        args[1] = first;
    }
    struct value v = value_call(m, in->key, args, count);

    return swapped ? value_unary(m, OP_NEG, SCALAR_I64, v) : v;
}

static struct value compare(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value args[3] = { op_arg(m, task, in, 0), op_arg(m, task, in, 1), op_arg(m, task, in, 2) };
    bool bounded = args[2].kind != VALUE_INT || args[2].n != -1;
    int64_t result;

    if (args[2].kind == VALUE_INT && compare_bytes(m, in->op, args[0], args[1], (uint64_t)args[2].n, &result))
        return INT_VALUE(result);
    return compare_unknown(m, in, args, bounded ? 3 : 2);
}

/* ---- measuring ------------------------------------------------------------------- */

static struct value text_length(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value args[2] = { op_arg(m, task, in, 0), op_arg(m, task, in, 1) };
    bool bounded = args[1].kind != VALUE_INT || args[1].n != -1;
    int64_t byte = 1, length = 0;

    while (length < COMPARED_MAX && (uint64_t)length < (uint64_t)args[1].n && args[1].kind == VALUE_INT &&
           memory_byte(m, args[0], length, true, &byte) && byte)
        length++;
    if (args[1].kind == VALUE_INT && (byte == 0 || length == args[1].n))
        return INT_VALUE(length);
    if (!is_untouched(m, args[0]))
        return value_fresh(m, SCALAR_U64);
    return value_call(m, in->key, args, bounded ? 2 : 1);
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
        copy(m, task, in);
        result = a;
        break;
    case FLOW_FILL:
        fill(m, task, in);
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
    case FLOW_COMPARE:
    case FLOW_COMPARE_TEXT:
    case FLOW_COMPARE_FOLDED:
        result = compare(m, task, in);
        break;
    case FLOW_TEXT_LENGTH:
        result = text_length(m, task, in);
        break;
    case FLOW_WRITES:
        writes(m, task, in);
        result = value_fresh(m, result_type(in));
        break;
    case FLOW_SHUFFLE:
        result = shuffle(m, task, in);
        break;
    case FLOW_FORMAT:
        op_format(m, task, in);
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
