#include "value.h"

#include "saturate.h"
#include "terms.h"

#include <string.h>

/* Terms nest no deeper; what would is simply unknown. */
enum { DEPTH_MAX = 8, SUM_DEPTH_MAX = 12 };

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

static bool is_unsigned(uint8_t type)
{
    int64_t low, high;

    type_range(type, &low, &high);
    return low == 0;
}

/* What lies within the range of u's type whatever its operands are. */
static void natural_range(const struct unknown *u, int64_t *low, int64_t *high)
{
    type_range(u->type, low, high);
    if (u->origin == UNKNOWN_UNARY && u->op >= OP_POPCOUNT && u->op <= OP_CLZ) {
        *low = 0;
        *high = 64;
    }
    if (u->origin != UNKNOWN_BINARY)
        return;
    if (value_compares(u->op)) {
        *low = 0;
        *high = 1;
    } else if (u->op == OP_REM && u->b.kind == VALUE_INT && u->b.n > 0) {
        *low = is_unsigned(u->type) ? 0 : 1 - u->b.n;
        *high = u->b.n - 1;
    } else if (u->op == OP_AND && u->b.kind == VALUE_INT && u->b.n >= 0) {
        *low = 0;
        *high = u->b.n;
    }
}

bool unknown_is_narrowed(const struct unknown *u)
{
    int64_t low, high;

    natural_range(u, &low, &high);
    return u->low != low || u->high != high || u->excluded_count;
}

bool value_same(struct value a, struct value b)
{
    return a.kind == b.kind && a.id == b.id && a.n == b.n;
}

static struct value unknown_new(struct machine *m, struct unknown u)
{
    u.object = FLOW_NONE;
    natural_range(&u, &u.low, &u.high);
    ARENA_PUSH(m->arena, m->unknowns, m->unknown_count, m->unknown_capacity) = u;
    return (struct value){ VALUE_UNKNOWN, m->unknown_count - 1, 0 };
}

struct value value_fresh(struct machine *m, enum scalar type)
{
    return unknown_new(m, (struct unknown){ .origin = UNKNOWN_FRESH, .type = type });
}

struct value value_from_caller(struct machine *m, enum scalar type)
{
    uint8_t from = m->options->is_part ? FROM_CALLER : FROM_ANYWHERE;

    return unknown_new(m, (struct unknown){ .origin = UNKNOWN_FRESH, .op = from, .type = type });
}

static unsigned depth_of(const struct machine *m, struct value v)
{
    return v.kind == VALUE_UNKNOWN ? m->unknowns[v.id].depth + 1 : 0;
}

static bool is_sum(const struct machine *m, struct value v)
{
    const struct unknown *u = &m->unknowns[v.id];

    return v.kind == VALUE_UNKNOWN && u->origin == UNKNOWN_BINARY && (u->op == OP_ADD || u->op == OP_SUB);
}

/* What was added up in too many steps is a count nobody knows; what else came about so is as good as any number
 * that the last step can give. */
static struct value too_deep(struct machine *m, bool sums, const struct unknown *term)
{
    struct unknown u = { .origin = sums ? UNKNOWN_COUNTER : UNKNOWN_FRESH, .type = term->type };
    struct value v = unknown_new(m, u);

    natural_range(term, &m->unknowns[v.id].low, &m->unknowns[v.id].high);
    return v;
}

struct value value_term(struct machine *m, enum unknown_origin origin, uint8_t op, enum scalar type,
                        struct value a, struct value b)
{
    unsigned depth = depth_of(m, a) > depth_of(m, b) ? depth_of(m, a) : depth_of(m, b);
    bool compares = op >= OP_EQ && op <= OP_GE && origin == UNKNOWN_BINARY;
    bool sums = is_sum(m, a) || is_sum(m, b) || (origin == UNKNOWN_BINARY && (op == OP_ADD || op == OP_SUB));

    struct unknown term = { .origin = origin, .op = op, .type = type, .depth = (uint8_t)depth, .a = a, .b = b };
    if (depth > (sums ? SUM_DEPTH_MAX : DEPTH_MAX) + (unsigned)compares)    /* what can be had can be compared */
        return too_deep(m, sums, &term);
    uint32_t known = terms_find(m, &term);

    return known != FLOW_NONE ? (struct value){ VALUE_UNKNOWN, known, 0 } : unknown_new(m, term);
}

/* An unsigned difference about which it is known by now that it did not wrap: v - n after all. */
static bool is_shifted(const struct machine *m, const struct unknown *u)
{
    const struct unknown *from = &m->unknowns[u->a.id];

    return u->origin == UNKNOWN_BINARY && u->op == OP_SUB && u->a.kind == VALUE_UNKNOWN && from->object == FLOW_NONE &&
           u->b.kind == VALUE_INT && u->b.n >= 0 && u->b.n < INT32_MAX && u->a.n > -INT32_MAX &&
           u->a.n <= u->b.n && from->low >= u->b.n - u->a.n && !unknown_is_narrowed(u);
}

/* A number that was converted to a smaller type, and by now is known, or known to fit in there. */
static bool is_kept_by_cast(const struct machine *m, const struct unknown *u)
{
    int64_t low, high, least, most;

    if (u->origin != UNKNOWN_CAST)
        return false;
    value_range(m, u->a, &low, &high);
    type_range(u->type, &least, &most);
    return low >= least && high <= most && (low == high || !unknown_is_narrowed(u));
}

struct value value_resolve(const struct machine *m, struct value v)
{
    if (v.kind == VALUE_UNKNOWN) {
        const struct unknown *u = &m->unknowns[v.id];

        if (is_shifted(m, u))
            return value_resolve(m, (struct value){ VALUE_UNKNOWN, u->a.id, number_plus(u->a.n - u->b.n, v.n) });

        if (is_kept_by_cast(m, u))
            return value_resolve(m, (struct value){ u->a.kind, u->a.id, number_plus(u->a.n, v.n) });
        if (u->object != FLOW_NONE)
            return (struct value){ VALUE_ADDRESS, u->object, v.n };
        if (u->low == u->high)
            return INT_VALUE(number_plus(u->low, v.n));
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
    case OP_ADD: return number_plus(a, b);
    case OP_SUB: case OP_PTRDIFF: return number_minus(a, b);
    case OP_MUL: return number_times(a, b);
    case OP_DIV: return b == 0 ? 0 : is_unsigned ? (int64_t)(ua / ub) : b == -1 ? number_minus(0, a) : a / b;
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
    case OP_NEG: case OP_INVERT: case OP_NOT: case OP_POPCOUNT: case OP_CTZ: case OP_CLZ: case OP_BSWAP:
        break;
    }
    return 0;
}

/* Those of zero bits are as a processor says it: the language does not. */
static int64_t count_bits(enum expr_op op, unsigned bits, uint64_t a)
{
    if (op == OP_POPCOUNT)
        return __builtin_popcountll(a);
    if (a == 0)
        return bits;
    return op == OP_CTZ ? __builtin_ctzll(a) : __builtin_clzll(a) - (64 - (int)bits);
}

int64_t value_compute_unary(enum expr_op op, enum scalar type, int64_t a)
{
    unsigned bits = (unsigned)scalar_size(type) * 8;
    uint64_t of_type = bits < 64 ? (uint64_t)a & (((uint64_t)1 << bits) - 1) : (uint64_t)a;

    if (op == OP_NEG || op == OP_INVERT)
        return scalar_wrap(type, op == OP_NEG ? number_minus(0, a) : ~a);
    if (op == OP_BSWAP)
        return scalar_wrap(type, bits ? (int64_t)(__builtin_bswap64(of_type) >> (64 - bits)) : a);
    return count_bits(op, bits, of_type);
}

bool value_compute(enum expr_op op, enum scalar type, int64_t a, int64_t b, int64_t *n)
{
    int64_t bits = scalar_size(type) * 8;

    if (((op == OP_DIV || op == OP_REM) && b == 0) || ((op == OP_SHL || op == OP_SHR) && (b < 0 || b >= bits)))
        return false;
    *n = compute(op, type, a, b);
    if (!value_compares(op))
        *n = scalar_wrap(type, *n);
    return true;
}

bool value_compares(enum expr_op op)
{
    return op >= OP_EQ && op <= OP_GE;
}

bool value_is_pointer(struct value v)
{
    return v.kind == VALUE_ADDRESS || v.kind == VALUE_FUNCTION || v.kind == VALUE_SOMEWHERE;
}

bool unknown_excludes(const struct unknown *u, int64_t n)
{
    for (unsigned i = 0; i < u->excluded_count; i++)
        if (u->excluded[i] == n)
            return true;
    return false;
}

/* What is known of `a op b` without choosing: 1, 0, or -1. */
int value_decide(const struct machine *m, enum expr_op op, struct value a, struct value b)
{
    int64_t alow, ahigh, blow, bhigh;

    if (a.kind == VALUE_FUNCTION && b.kind == VALUE_FUNCTION)
        return op == OP_EQ ? a.id == b.id : op == OP_NE ? a.id != b.id : -1;
    if (a.kind == VALUE_ADDRESS && b.kind == VALUE_ADDRESS && a.id == b.id)
        return (int)compute(op, SCALAR_I64, a.n, b.n);
    if (value_is_pointer(a) && value_is_pointer(b) && (a.id != b.id || a.kind != b.kind))
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
        if (alow == ahigh && blow == bhigh && !value_is_pointer(a) && !value_is_pointer(b))
            return op == OP_EQ;
        if (a.kind == VALUE_UNKNOWN && b.kind == VALUE_INT && unknown_excludes(&m->unknowns[a.id], number_minus(b.n, a.n)))
            return op == OP_NE;
        if (b.kind == VALUE_UNKNOWN && a.kind == VALUE_INT && unknown_excludes(&m->unknowns[b.id], number_minus(a.n, b.n)))
            return op == OP_NE;
        return -1;
    default:
        return -1;
    }
}

/* What lies at an address of this object, at least 8 bytes, may be marked in the lowest bits of its address. */
static bool mark_pointer(const struct machine *m, enum expr_op op, struct value a, struct value b, struct value *to)
{
    enum { MARKS = 7 };

    if (a.kind != VALUE_ADDRESS || b.kind != VALUE_INT || m->objects[a.id].size <= MARKS)
        return false;
    if (op == OP_AND && b.n >= 0 && b.n <= MARKS)
        *to = INT_VALUE(a.n & b.n);
    else if (op == OP_AND && b.n < 0 && b.n >= ~MARKS)
        *to = memory_address(a.id, a.n & b.n);
    else if (op == OP_OR && b.n >= 0 && b.n <= MARKS)
        *to = memory_address(a.id, a.n | b.n);
    else
        return false;
    return true;
}

static struct value pointer_arithmetic(struct machine *m, enum expr_op op, enum scalar type, struct value a,
                                       struct value b)
{
    struct value marked;

    if (op == OP_ADD && value_is_pointer(b) && !value_is_pointer(a)) {
        struct value t = a;
        a = b;
        b = t;
    }
    if (a.kind == VALUE_ADDRESS && b.kind == VALUE_INT && (op == OP_ADD || op == OP_SUB))
        return memory_address(a.id, op == OP_ADD ? number_plus(a.n, b.n) : number_minus(a.n, b.n));
    if (mark_pointer(m, op, a, b, &marked))
        return marked;
    if (a.kind == VALUE_ADDRESS && b.kind == VALUE_ADDRESS && a.id == b.id)
        return INT_VALUE(number_minus(a.n, b.n));
    if (value_is_pointer(a) && (op == OP_ADD || op == OP_SUB) && !value_is_pointer(b) && a.kind != VALUE_FUNCTION)
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
    v->n = number_plus(v->n, by);
    return true;
}

void value_note_fixed(struct machine *m, struct value v)
{
    if (v.kind == VALUE_INT)
        machine_note_sum(m, SUM_FIXED, 0, v.n, 0);
}

/* The quotients of an unknown lie between those of its ends. */
void value_narrow_quotients(struct machine *m, uint32_t id)
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
    int64_t rest;

    a = value_resolve(m, a);
    b = value_resolve(m, b);
    if (a.kind == VALUE_INT && b.kind == VALUE_INT) {
        int64_t n = compute(op, type, a.n, b.n);
        machine_note_sum(m, op, type, a.n, b.n);
        return INT_VALUE(value_compares(op) ? n : scalar_wrap(type, n));
    }
    value_note_fixed(m, a);
    value_note_fixed(m, b);
    if (type == SCALAR_U64 || type == SCALAR_U32) {
        retype(m, a, type);
        retype(m, b, type);
    }
    if (value_compares(op)) {
        int known = value_decide(m, op, a, b);
        return known >= 0 ? INT_VALUE(known) : value_term(m, UNKNOWN_BINARY, op, type, a, b);
    }
    if (value_is_pointer(a) || value_is_pointer(b))
        return pointer_arithmetic(m, op, type, a, b);
    if (b.kind == VALUE_INT && ((op == OP_REM && saturated_remainder(m, a, b.n, &rest)) ||
                                (op == OP_AND && !(b.n & (b.n + 1)) && saturated_remainder(m, a, b.n + 1, &rest))))
        return INT_VALUE(rest);
    if (op == OP_SUB && a.kind == VALUE_UNKNOWN && b.kind == VALUE_UNKNOWN && a.id == b.id)
        return INT_VALUE(number_minus(a.n, b.n));
    if ((op == OP_ADD || op == OP_SUB) && a.kind == VALUE_UNKNOWN && b.kind == VALUE_INT &&
        shift_unknown(m, type, &a, op == OP_ADD ? b.n : number_minus(0, b.n)))
        return a;
    if (op == OP_ADD && b.kind == VALUE_UNKNOWN && a.kind == VALUE_INT && shift_unknown(m, type, &b, a.n))
        return b;
    if (b.kind == VALUE_INT && ((b.n == 1 && (op == OP_MUL || op == OP_DIV)) ||
                                (b.n == 0 && (op == OP_OR || op == OP_XOR || op == OP_SHL || op == OP_SHR))))
        return a;
    if ((op == OP_MUL || op == OP_AND) &&
        ((b.kind == VALUE_INT && b.n == 0) || (a.kind == VALUE_INT && a.n == 0)))
        return INT_VALUE(0);
    result = value_term(m, UNKNOWN_BINARY, op, type, a, b);
    if (op == OP_DIV && a.kind == VALUE_UNKNOWN)
        value_narrow_quotients(m, a.id);
    return value_resolve(m, result);
}

struct value value_unary(struct machine *m, enum expr_op op, enum scalar type, struct value a)
{
    a = value_resolve(m, a);
    if (op == OP_NOT) {
        if (a.kind == VALUE_INT)
            return value_binary(m, OP_EQ, SCALAR_I64, a, INT_VALUE(0));
        if (value_is_pointer(a))
            return INT_VALUE(0);
        return value_binary(m, OP_EQ, SCALAR_I64, a, INT_VALUE(0));
    }
    if (a.kind == VALUE_INT)
        machine_note_sum(m, op, type, a.n, 0);
    if (a.kind == VALUE_INT)
        return INT_VALUE(value_compute_unary(op, type, a.n));
    return value_term(m, UNKNOWN_UNARY, op, type, a, INT_VALUE(0));
}

struct value value_cast(struct machine *m, enum scalar type, struct value a)
{
    int64_t low, high, tlow, thigh;

    a = value_resolve(m, a);
    if (type == SCALAR_FLOAT)
        return a.kind == VALUE_INT ? a : value_fresh(m, type);
    if (a.kind == VALUE_INT) {
        machine_note_sum(m, SUM_CAST, type, a.n, 0);
        return INT_VALUE(scalar_wrap(type, a.n));
    }
    if (type == SCALAR_BOOL)
        return value_binary(m, OP_NE, SCALAR_I64, a, INT_VALUE(0));
    if (value_is_pointer(a))
        return scalar_size(type) == 8 ? a : value_fresh(m, type);
    retype(m, a, type);
    value_range(m, a, &low, &high);
    type_range(type, &tlow, &thigh);
    if ((low >= tlow && high <= thigh) || scalar_size(type) == 8)
        return a;
    return value_term(m, UNKNOWN_CAST, 0, type, a, INT_VALUE(0));
}

struct value value_call(struct machine *m, uint32_t symbol, const struct value *args, uint32_t count)
{
    struct value v = { VALUE_FUNCTION, symbol, 0 };

    if (count == 0)
        return value_term(m, UNKNOWN_CALL, 0, SCALAR_I64, v, INT_VALUE(0));
    for (uint32_t i = 0; i < count; i++) {
        value_note_fixed(m, value_resolve(m, args[i]));
        v = value_term(m, UNKNOWN_CALL, 0, SCALAR_I64, v, value_resolve(m, args[i]));
    }
    return v;
}
