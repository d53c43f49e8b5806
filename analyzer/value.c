#include "machine.h"

#include <string.h>

/* Terms nest no deeper; what would is simply unknown. */
enum { DEPTH_MAX = 4 };

/* Comparisons of an unknown that are not the loop's: range checks before it. */
enum { CHECKS = 2 };

static void type_range(enum scalar type, int64_t *low, int64_t *high)
{
    *low = INT64_MIN;
    *high = INT64_MAX;
    switch (type) {
    case SCALAR_I8:   *low = INT8_MIN;  *high = INT8_MAX;   break;
    case SCALAR_I16:  *low = INT16_MIN; *high = INT16_MAX;  break;
    case SCALAR_I32:  *low = INT32_MIN; *high = INT32_MAX;  break;
    case SCALAR_U8:   *low = 0;         *high = UINT8_MAX;  break;
    case SCALAR_U16:  *low = 0;         *high = UINT16_MAX; break;
    case SCALAR_U32:  *low = 0;         *high = UINT32_MAX; break;
    case SCALAR_U64:  *low = 0;         *high = INT64_MAX;  break;
    case SCALAR_BOOL: *low = 0;         *high = 1;          break;
    case SCALAR_PTR:  *low = 0;         *high = INT64_MAX;  break;
    case SCALAR_I64:
    case SCALAR_FLOAT: break;
    }
}

static int64_t wrap(enum scalar type, int64_t n)
{
    switch (type) {
    case SCALAR_I8:   return (int8_t)n;
    case SCALAR_I16:  return (int16_t)n;
    case SCALAR_I32:  return (int32_t)n;
    case SCALAR_U8:   return (uint8_t)n;
    case SCALAR_U16:  return (uint16_t)n;
    case SCALAR_U32:  return (uint32_t)n;
    case SCALAR_BOOL: return n != 0;
    case SCALAR_I64: case SCALAR_U64: case SCALAR_PTR: case SCALAR_FLOAT:
        break;
    }
    return n;
}

bool unknown_is_narrowed(const struct unknown *u)
{
    int64_t low, high;

    type_range(u->type, &low, &high);
    if (u->origin == UNKNOWN_BINARY && u->op >= OP_EQ && u->op <= OP_GE) {
        low = 0;
        high = 1;
    }
    return u->low != low || u->high != high || u->excluded_count;
}

static bool same_value(struct value a, struct value b)
{
    return a.kind == b.kind && a.id == b.id && a.n == b.n;
}

static struct value unknown_new(struct machine *m, struct unknown u)
{
    u.object = FLOW_NONE;
    type_range(u.type, &u.low, &u.high);
    if (u.origin == UNKNOWN_BINARY && u.op >= OP_EQ && u.op <= OP_GE) {
        u.low = 0;
        u.high = 1;
    }
    ARENA_PUSH(m->arena, m->unknowns, m->unknown_count, m->unknown_capacity) = u;
    return (struct value){ VALUE_UNKNOWN, m->unknown_count - 1, 0 };
}

struct value value_fresh(struct machine *m, enum scalar type)
{
    return unknown_new(m, (struct unknown){ .origin = UNKNOWN_FRESH, .type = type });
}

static unsigned depth_of(const struct machine *m, struct value v)
{
    return v.kind == VALUE_UNKNOWN ? m->unknowns[v.id].depth + 1 : 0;
}

static struct value term(struct machine *m, enum unknown_origin origin, uint8_t op, enum scalar type,
                         struct value a, struct value b)
{
    unsigned depth = depth_of(m, a) > depth_of(m, b) ? depth_of(m, a) : depth_of(m, b);

    if (depth > DEPTH_MAX)
        return value_fresh(m, op >= OP_EQ && op <= OP_GE && origin == UNKNOWN_BINARY ? SCALAR_BOOL : type);
    for (uint32_t i = 0; i < m->unknown_count; i++) {
        const struct unknown *u = &m->unknowns[i];

        if (u->origin == origin && u->op == op && (u->type == type || origin == UNKNOWN_CALL) && same_value(u->a, a) &&
            same_value(u->b, b))
            return (struct value){ VALUE_UNKNOWN, i, 0 };
    }
    return unknown_new(m, (struct unknown){ .origin = origin, .op = op, .type = type,
                                            .depth = (uint8_t)depth, .a = a, .b = b });
}

/* An unsigned difference about which it is known by now that it did not wrap: v - n after all. */
static bool is_shifted(const struct machine *m, const struct unknown *u)
{
    const struct unknown *from = &m->unknowns[u->a.id];

    return u->origin == UNKNOWN_BINARY && u->op == OP_SUB && u->a.kind == VALUE_UNKNOWN && from->object == FLOW_NONE &&
           u->b.kind == VALUE_INT && u->b.n >= 0 && u->b.n < INT32_MAX && u->a.n > -INT32_MAX &&
           u->a.n <= u->b.n && from->low >= u->b.n - u->a.n && !unknown_is_narrowed(u);
}

struct value value_resolve(const struct machine *m, struct value v)
{
    if (v.kind == VALUE_UNKNOWN) {
        const struct unknown *u = &m->unknowns[v.id];

        if (is_shifted(m, u))
            return value_resolve(m, (struct value){ VALUE_UNKNOWN, u->a.id, u->a.n - u->b.n + v.n });

        if (u->object != FLOW_NONE)
            return (struct value){ VALUE_ADDRESS, u->object, v.n };
        if (u->low == u->high)
            return INT_VALUE(u->low + v.n);
    }
    return v;
}

static int64_t add_clamped(int64_t a, int64_t b)
{
    int64_t sum;

    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return a > 0 ? INT64_MAX : INT64_MIN;
}

void value_range(const struct machine *m, struct value v, int64_t *low, int64_t *high)
{
    v = value_resolve(m, v);
    *low = INT64_MIN;
    *high = INT64_MAX;
    switch ((enum value_kind)v.kind) {
    case VALUE_INT:
        *low = *high = v.n;
        return;
    case VALUE_UNKNOWN:
        *low = add_clamped(m->unknowns[v.id].low, v.n);
        *high = add_clamped(m->unknowns[v.id].high, v.n);
        return;
    case VALUE_ADDRESS:
    case VALUE_FUNCTION:
    case VALUE_SOMEWHERE:
        *low = 1;
        return;
    case VALUE_UNSET:
        return;
    }
}

/* ---- arithmetic ----------------------------------------------------------- */

static int64_t compute(enum expr_op op, enum scalar type, int64_t a, int64_t b)
{
    uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
    bool is_unsigned = type == SCALAR_U64 || type == SCALAR_PTR;

    switch (op) {
    case OP_ADD: return (int64_t)(ua + ub);
    case OP_SUB: case OP_PTRDIFF: return (int64_t)(ua - ub);
    case OP_MUL: return (int64_t)(ua * ub);
    case OP_DIV: return b == 0 ? 0 : is_unsigned ? (int64_t)(ua / ub) : b == -1 ? (int64_t)(0 - ua) : a / b;
    case OP_REM: return b == 0 ? 0 : is_unsigned ? (int64_t)(ua % ub) : b == -1 ? 0 : a % b;
    case OP_AND: return a & b;
    case OP_OR:  return a | b;
    case OP_XOR: return a ^ b;
    case OP_SHL: return b < 0 || b > 63 ? 0 : (int64_t)(ua << b);
    case OP_SHR: return b < 0 || b > 63 ? 0 : is_unsigned ? (int64_t)(ua >> b) : a >> b;
    case OP_EQ:  return a == b;
    case OP_NE:  return a != b;
    case OP_LT:  return is_unsigned ? ua < ub : a < b;
    case OP_LE:  return is_unsigned ? ua <= ub : a <= b;
    case OP_GT:  return is_unsigned ? ua > ub : a > b;
    case OP_GE:  return is_unsigned ? ua >= ub : a >= b;
    case OP_NEG: case OP_INVERT: case OP_NOT:
        break;
    }
    return 0;
}

static bool is_comparison(enum expr_op op)
{
    return op >= OP_EQ && op <= OP_GE;
}

static bool is_pointer(struct value v)
{
    return v.kind == VALUE_ADDRESS || v.kind == VALUE_FUNCTION || v.kind == VALUE_SOMEWHERE;
}

static bool is_excluded(const struct unknown *u, int64_t n)
{
    for (unsigned i = 0; i < u->excluded_count; i++)
        if (u->excluded[i] == n)
            return true;
    return false;
}

/* What is known of `a op b` without choosing: 1, 0, or -1. */
static int decide(const struct machine *m, enum expr_op op, struct value a, struct value b)
{
    int64_t alow, ahigh, blow, bhigh;

    if (a.kind == VALUE_FUNCTION && b.kind == VALUE_FUNCTION)
        return op == OP_EQ ? a.id == b.id : op == OP_NE ? a.id != b.id : -1;
    if (a.kind == VALUE_ADDRESS && b.kind == VALUE_ADDRESS && a.id == b.id)
        return (int)compute(op, SCALAR_I64, a.n, b.n);
    if (is_pointer(a) && is_pointer(b) && (a.id != b.id || a.kind != b.kind))
        return op == OP_EQ ? 0 : op == OP_NE ? 1 : -1;
    if (a.kind == VALUE_UNKNOWN && b.kind == VALUE_UNKNOWN && a.id == b.id)
        return (int)compute(op, SCALAR_I64, a.n, b.n);
    value_range(m, a, &alow, &ahigh);
    value_range(m, b, &blow, &bhigh);
    switch (op) {
    case OP_LT: return ahigh < blow ? 1 : alow >= bhigh ? 0 : -1;
    case OP_LE: return ahigh <= blow ? 1 : alow > bhigh ? 0 : -1;
    case OP_GT: return alow > bhigh ? 1 : ahigh <= blow ? 0 : -1;
    case OP_GE: return alow >= bhigh ? 1 : ahigh < blow ? 0 : -1;
    case OP_NE:
    case OP_EQ:
        if (ahigh < blow || alow > bhigh)
            return op == OP_NE;
        if (alow == ahigh && blow == bhigh && !is_pointer(a) && !is_pointer(b))
            return op == OP_EQ;
        if (a.kind == VALUE_UNKNOWN && b.kind == VALUE_INT && is_excluded(&m->unknowns[a.id], b.n - a.n))
            return op == OP_NE;
        if (b.kind == VALUE_UNKNOWN && a.kind == VALUE_INT && is_excluded(&m->unknowns[b.id], a.n - b.n))
            return op == OP_NE;
        return -1;
    default:
        return -1;
    }
}

static struct value pointer_arithmetic(struct machine *m, enum expr_op op, enum scalar type, struct value a,
                                       struct value b)
{
    if (op == OP_ADD && is_pointer(b) && !is_pointer(a)) {
        struct value t = a;
        a = b;
        b = t;
    }
    if (a.kind == VALUE_ADDRESS && b.kind == VALUE_INT && (op == OP_ADD || op == OP_SUB))
        return memory_address(a.id, op == OP_ADD ? a.n + b.n : a.n - b.n);
    if (a.kind == VALUE_ADDRESS && b.kind == VALUE_ADDRESS && a.id == b.id)
        return INT_VALUE(a.n - b.n);
    if (is_pointer(a) && (op == OP_ADD || op == OP_SUB) && !is_pointer(b) && a.kind != VALUE_FUNCTION)
        return (struct value){ VALUE_SOMEWHERE, a.id, 0 };
    return value_fresh(m, type);
}

/* An unknown plus or minus a number stays the same unknown, if that cannot wrap. */
static bool shift_unknown(const struct machine *m, enum scalar type, struct value *v, int64_t by)
{
    int64_t low, high, tlow, thigh;

    value_range(m, *v, &low, &high);
    type_range(type, &tlow, &thigh);
    bool is_signed = type == SCALAR_I32 || type == SCALAR_I64 || type == SCALAR_PTR;
    if (!is_signed && (add_clamped(low, by) < tlow || add_clamped(high, by) > thigh))
        return false;
    v->n += by;
    return true;
}

static void note_fixed(struct machine *m, struct value v)
{
    if (v.kind == VALUE_INT)
        machine_note_sum(m, SUM_FIXED, 0, v.n, 0);
}

/* The quotients of an unknown lie between those of its ends. */
static void narrow_quotients(struct machine *m, uint32_t id)
{
    for (uint32_t i = 0; i < m->unknown_count; i++) {
        struct unknown *u = &m->unknowns[i];
        int64_t low, high;

        if (u->origin != UNKNOWN_BINARY || u->op != OP_DIV || u->b.kind != VALUE_INT || u->b.n <= 0 ||
            u->a.kind != VALUE_UNKNOWN || u->a.id != id)
            continue;
        value_range(m, u->a, &low, &high);
        u->low = low / u->b.n > u->low ? low / u->b.n : u->low;
        u->high = high / u->b.n < u->high ? high / u->b.n : u->high;
        if (u->low > u->high)
            machine_prune(m);
    }
}

/* What came without a type (the result of a call, an unset register) has the
 * one it is first used as; a long that becomes an int is taken to fit. */
static void retype(struct machine *m, struct value v, enum scalar type)
{
    struct unknown *u = &m->unknowns[v.id];
    int64_t low, high;

    if (v.kind != VALUE_UNKNOWN || v.n || u->type != SCALAR_I64 || u->object != FLOW_NONE ||
        (u->origin != UNKNOWN_FRESH && u->origin != UNKNOWN_CALL))
        return;
    type_range(type, &low, &high);
    low = u->low > low ? u->low : low;
    high = u->high < high ? u->high : high;
    if (low > high)
        return;
    u->type = (uint8_t)type;
    u->low = low;
    u->high = high;
}

struct value value_binary(struct machine *m, enum expr_op op, enum scalar type, struct value a, struct value b)
{
    struct value result;

    a = value_resolve(m, a);
    b = value_resolve(m, b);
    if (a.kind == VALUE_INT && b.kind == VALUE_INT) {
        int64_t n = compute(op, type, a.n, b.n);
        machine_note_sum(m, op, type, a.n, b.n);
        return INT_VALUE(is_comparison(op) ? n : wrap(type, n));
    }
    note_fixed(m, a);
    note_fixed(m, b);
    if (type == SCALAR_U64 || type == SCALAR_U32) {
        retype(m, a, type);
        retype(m, b, type);
    }
    if (is_comparison(op)) {
        int known = decide(m, op, a, b);
        return known >= 0 ? INT_VALUE(known) : term(m, UNKNOWN_BINARY, op, type, a, b);
    }
    if (is_pointer(a) || is_pointer(b))
        return pointer_arithmetic(m, op, type, a, b);
    if (op == OP_SUB && a.kind == VALUE_UNKNOWN && b.kind == VALUE_UNKNOWN && a.id == b.id)
        return INT_VALUE(a.n - b.n);
    if ((op == OP_ADD || op == OP_SUB) && a.kind == VALUE_UNKNOWN && b.kind == VALUE_INT &&
        shift_unknown(m, type, &a, op == OP_ADD ? b.n : -b.n))
        return a;
    if (op == OP_ADD && b.kind == VALUE_UNKNOWN && a.kind == VALUE_INT && shift_unknown(m, type, &b, a.n))
        return b;
    if (b.kind == VALUE_INT && ((b.n == 1 && (op == OP_MUL || op == OP_DIV)) ||
                                (b.n == 0 && (op == OP_OR || op == OP_XOR || op == OP_SHL || op == OP_SHR))))
        return a;
    if ((op == OP_MUL || op == OP_AND) &&
        ((b.kind == VALUE_INT && b.n == 0) || (a.kind == VALUE_INT && a.n == 0)))
        return INT_VALUE(0);
    result = term(m, UNKNOWN_BINARY, op, type, a, b);
    if (op == OP_DIV && a.kind == VALUE_UNKNOWN)
        narrow_quotients(m, a.id);
    return value_resolve(m, result);
}

struct value value_unary(struct machine *m, enum expr_op op, enum scalar type, struct value a)
{
    a = value_resolve(m, a);
    if (op == OP_NOT) {
        if (a.kind == VALUE_INT)
            return value_binary(m, OP_EQ, SCALAR_I64, a, INT_VALUE(0));
        if (is_pointer(a))
            return INT_VALUE(0);
        return value_binary(m, OP_EQ, SCALAR_I64, a, INT_VALUE(0));
    }
    if (a.kind == VALUE_INT)
        machine_note_sum(m, op, type, a.n, 0);
    if (a.kind == VALUE_INT)
        return INT_VALUE(wrap(type, op == OP_NEG ? (int64_t)(0 - (uint64_t)a.n) : ~a.n));
    return term(m, UNKNOWN_UNARY, op, type, a, INT_VALUE(0));
}

struct value value_cast(struct machine *m, enum scalar type, struct value a)
{
    int64_t low, high, tlow, thigh;

    a = value_resolve(m, a);
    if (type == SCALAR_FLOAT)
        return a.kind == VALUE_INT ? a : value_fresh(m, type);
    if (a.kind == VALUE_INT) {
        machine_note_sum(m, SUM_CAST, type, a.n, 0);
        return INT_VALUE(wrap(type, a.n));
    }
    if (type == SCALAR_BOOL)
        return value_binary(m, OP_NE, SCALAR_I64, a, INT_VALUE(0));
    if (is_pointer(a))
        return scalar_size(type) == 8 ? a : value_fresh(m, type);
    retype(m, a, type);
    value_range(m, a, &low, &high);
    type_range(type, &tlow, &thigh);
    if ((low >= tlow && high <= thigh) || scalar_size(type) == 8)
        return a;
    return term(m, UNKNOWN_CAST, 0, type, a, INT_VALUE(0));
}

struct value value_call(struct machine *m, uint32_t symbol, const struct value *args, uint32_t count)
{
    struct value v = { VALUE_FUNCTION, symbol, 0 };

    if (count == 0)
        return term(m, UNKNOWN_CALL, 0, SCALAR_I64, v, INT_VALUE(0));
    for (uint32_t i = 0; i < count; i++) {
        note_fixed(m, value_resolve(m, args[i]));
        v = term(m, UNKNOWN_CALL, 0, SCALAR_I64, v, value_resolve(m, args[i]));
    }
    return v;
}

/* ---- deciding, by choice where both ways are open -------------------------- */

/* An interval that is halved again and again is counted up to by a loop: that is
 * cut at the bound (the small-scope hypothesis, Jackson 1996). */
static void note_split(struct machine *m, struct unknown *u)
{
    u->splits++;
    if (u->low != u->high && u->splits > m->options->loop_bound + CHECKS)
        machine_prune(m);
}

static void tighten(struct unknown *u)
{
    for (bool moved = true; moved && u->low < u->high;) {
        moved = false;
        if (is_excluded(u, u->low)) {
            u->low++;
            moved = true;
        }
        if (u->low < u->high && is_excluded(u, u->high)) {
            u->high--;
            moved = true;
        }
    }
}

static void exclude(struct unknown *u, int64_t n)
{
    if (u->excluded_count < EXCLUDED_MAX)
        u->excluded[u->excluded_count++] = n;
    tighten(u);
}

/* And where a quotient ends, so does what was divided. */
static void narrow_dividend(struct machine *m, uint32_t id)
{
    const struct unknown q = m->unknowns[id];
    struct unknown *u = &m->unknowns[q.a.id];
    int64_t low, high;

    if (q.origin != UNKNOWN_BINARY || q.op != OP_DIV || q.b.kind != VALUE_INT || q.b.n <= 0 ||
        q.a.kind != VALUE_UNKNOWN || __builtin_mul_overflow(q.low, q.b.n, &low) ||
        __builtin_sub_overflow(low, q.a.n, &low))
        return;
    if (q.low > 0 && low > u->low)
        u->low = low;
    if (q.high >= 0 && !__builtin_add_overflow(q.high, 1, &high) && !__builtin_mul_overflow(high, q.b.n, &high) &&
        !__builtin_sub_overflow(high - 1, q.a.n, &high) && high < u->high)
        u->high = high;
    if (u->low > u->high)
        machine_prune(m);
}

/* What is now known of an unknown agrees with how its comparisons with others were decided, or
 * nobody gets here: two different indices are not to become the same number. */
static void check_decided(struct machine *m, uint32_t id)
{
    narrow_dividend(m, id);
    narrow_quotients(m, id);
    for (uint32_t i = 0; i < m->unknown_count; i++) {
        const struct unknown *u = &m->unknowns[i];
        int known;

        if (u->origin != UNKNOWN_BINARY || !is_comparison(u->op) || u->low != u->high ||
            !((u->a.kind == VALUE_UNKNOWN && u->a.id == id) || (u->b.kind == VALUE_UNKNOWN && u->b.id == id)))
            continue;
        known = decide(m, u->op, value_resolve(m, u->a), value_resolve(m, u->b));
        if (known >= 0 && known != u->low)
            machine_prune(m);
    }
}

/* Narrow v, an unknown, to the numbers with v op n (EQ or LT), or to the others. */
static void narrow(struct machine *m, struct value v, enum expr_op op, int64_t n, bool holds)
{
    struct unknown *u = &m->unknowns[v.id];
    int64_t bound = n - v.n;

    if (op == OP_EQ && holds)
        u->low = u->high = bound;
    else if (op == OP_EQ)
        exclude(u, bound);
    else if (holds && u->high > bound - 1)
        u->high = bound - 1;
    else if (!holds && u->low < bound)
        u->low = bound;
    tighten(u);
    if (u->low > u->high)
        machine_prune(m);
    else
        check_decided(m, v.id);
    note_split(m, u);
}

/* n < v, or not. */
static void narrow_above(struct machine *m, struct value v, int64_t n, bool holds)
{
    narrow(m, v, OP_LT, n + 1, !holds);
}

static bool pinned(struct machine *m, struct value t, bool *result)
{
    const struct unknown *u = &m->unknowns[t.id];

    if (u->low != u->high)
        return false;
    *result = u->low + t.n != 0;
    return true;
}

enum { CHAIN_MAX = 8 };

/* What a pointer points into, as a whole: objects do not overlap. */
static struct value whole_of(const struct machine *m, struct value v)
{
    v = value_resolve(m, v);
    return (struct value){ v.kind == VALUE_SOMEWHERE ? VALUE_ADDRESS : v.kind, v.id, 0 };
}

/* Does a lie before b by what was decided before, of them or of others in between? */
static bool lies_before(const struct machine *m, struct value a, struct value b, unsigned steps)
{
    for (uint32_t i = 0; i < m->unknown_count; i++) {
        const struct unknown *u = &m->unknowns[i];
        struct value below, above;

        if (u->origin != UNKNOWN_BINARY || u->op != OP_LT || u->low != u->high)
            continue;
        below = whole_of(m, u->low ? u->a : u->b);
        above = whole_of(m, u->low ? u->b : u->a);
        if (is_pointer(below) && is_pointer(above) && same_value(below, a) && !same_value(above, a) &&
            (same_value(above, b) || (steps && lies_before(m, above, b, steps - 1))))
            return true;
    }
    return false;
}

/* All objects lie in one order, which is chosen pair by pair. */
static bool choose_order(struct machine *m, struct value a, struct value b)
{
    bool result;

    a = whole_of(m, a);
    b = whole_of(m, b);
    result = lies_before(m, a, b, CHAIN_MAX) || (!lies_before(m, b, a, CHAIN_MAX) && machine_choose(m, 2) == 0);
    struct value t = term(m, UNKNOWN_BINARY, OP_LT, SCALAR_I64, a, b);

    m->unknowns[t.id].low = m->unknowns[t.id].high = result;
    return result;
}

/* Two unknowns, or an unknown and an address: the comparison itself is remembered. */
static bool choose_term(struct machine *m, enum expr_op op, struct value a, struct value b)
{
    struct value t;
    bool result;

    if (op == OP_LT && is_pointer(a) && is_pointer(b) && !same_value(whole_of(m, a), whole_of(m, b)))
        return choose_order(m, a, b);
    t = term(m, UNKNOWN_BINARY, op, SCALAR_I64, a, b);
    if (pinned(m, t, &result))
        return result;
    result = machine_choose(m, 2) == 0;
    m->unknowns[t.id].low = m->unknowns[t.id].high = result;
    if (op == OP_EQ && result && a.kind == VALUE_UNKNOWN && b.kind == VALUE_ADDRESS && a.n == b.n)
        m->unknowns[a.id].object = b.id;
    if (op == OP_LT && a.kind == VALUE_UNKNOWN && b.kind == VALUE_UNKNOWN) {
        int64_t alow, ahigh, blow, bhigh;

        value_range(m, a, &alow, &ahigh);
        value_range(m, b, &blow, &bhigh);
        if (result) {
            narrow(m, a, OP_LT, bhigh, true);
            narrow_above(m, b, alow, true);
        } else {
            narrow(m, a, OP_LT, blow, false);
            narrow_above(m, b, ahigh, false);
        }
    }
    return result;
}

bool value_is_counted(const struct machine *m, struct value v)
{
    const struct unknown *u = &m->unknowns[v.id];

    if (v.kind != VALUE_UNKNOWN)
        return false;
    return u->origin == UNKNOWN_COUNTER || value_is_counted(m, u->a) || value_is_counted(m, u->b);
}

static bool is_truth(const struct machine *m, struct value v)
{
    const struct unknown *u = &m->unknowns[v.id];

    return v.kind == VALUE_UNKNOWN && v.n == 0 && u->origin == UNKNOWN_BINARY && is_comparison(u->op);
}

static bool holds_basic(struct machine *m, enum expr_op op, struct value a, struct value b)
{
    if (value_is_counted(m, a) || value_is_counted(m, b)) {
        machine_widen(m, "a counter that grows without end");
        return machine_choose(m, 2) == 0;
    }
    if (op == OP_EQ && a.kind == VALUE_INT) {
        struct value t = a;
        a = b;
        b = t;
    }
    if (op == OP_EQ && b.kind == VALUE_INT && is_truth(m, a))
        return value_true(m, a) == (b.n != 0);
    if (op == OP_EQ && is_pointer(a) && b.kind == VALUE_UNKNOWN)
        return choose_term(m, op, b, a);
    if (a.kind == VALUE_UNKNOWN && b.kind == VALUE_INT) {
        bool result = machine_choose(m, 2) == 0;
        narrow(m, a, op, b.n, result);
        return result;
    }
    if (op == OP_LT && a.kind == VALUE_INT && b.kind == VALUE_UNKNOWN) {
        bool result = machine_choose(m, 2) == 0;
        narrow_above(m, b, a.n, result);
        return result;
    }
    return choose_term(m, op, a, b);
}

/* The result of a comparison with its arguments the other way round (op_library.c). */
static bool is_negated(const struct machine *m, struct value v)
{
    return v.kind == VALUE_UNKNOWN && v.n == 0 && m->unknowns[v.id].origin == UNKNOWN_UNARY &&
           m->unknowns[v.id].op == OP_NEG && m->unknowns[v.id].type == SCALAR_I64;
}

bool value_holds(struct machine *m, enum expr_op op, struct value a, struct value b)
{
    int known;

    a = value_resolve(m, a);
    b = value_resolve(m, b);
    if (is_negated(m, a) && b.kind == VALUE_INT && b.n == 0)
        return value_holds(m, op, b, m->unknowns[a.id].a);
    known = decide(m, op, a, b);
    if (a.kind == VALUE_INT && b.kind == VALUE_INT) {
        machine_note_sum(m, op, SCALAR_I64, a.n, b.n);
    } else {
        note_fixed(m, a);
        note_fixed(m, b);
    }
    if (known >= 0)
        return known;
    switch (op) {
    case OP_NE: return !value_holds(m, OP_EQ, a, b);
    case OP_GT: return value_holds(m, OP_LT, b, a);
    case OP_LE: return !value_holds(m, OP_LT, b, a);
    case OP_GE: return !value_holds(m, OP_LT, a, b);
    default:    return holds_basic(m, op, a, b);
    }
}

bool value_true(struct machine *m, struct value v)
{
    v = value_resolve(m, v);
    if (v.kind == VALUE_INT) {
        machine_note_sum(m, OP_NE, SCALAR_I64, v.n, 0);
        return v.n != 0;
    }
    if (is_pointer(v))
        return true;
    if (v.kind == VALUE_UNSET)
        return machine_choose(m, 2) == 0;
    if (is_truth(m, v)) {
        struct unknown u = m->unknowns[v.id];
        bool result = value_holds(m, u.op, u.a, u.b);

        m->unknowns[v.id].low = m->unknowns[v.id].high = result;
        return result;
    }
    return value_holds(m, OP_NE, v, INT_VALUE(0));
}

bool value_concretise(struct machine *m, struct value *v, int64_t low, int64_t high, unsigned limit)
{
    int64_t vlow, vhigh;
    uint32_t pick;

    *v = value_resolve(m, *v);
    note_fixed(m, *v);
    if (v->kind == VALUE_INT)
        return true;
    if (v->kind != VALUE_UNKNOWN)
        return false;
    value_range(m, *v, &vlow, &vhigh);
    low = vlow > low ? vlow : low;
    high = vhigh < high ? vhigh : high;
    if (high < low || high - low >= (int64_t)limit)
        return false;
    pick = machine_choose(m, (uint32_t)(high - low + 1));
    m->unknowns[v->id].low = m->unknowns[v->id].high = low + pick - v->n;
    check_decided(m, v->id);
    *v = INT_VALUE(low + pick);
    return true;
}
