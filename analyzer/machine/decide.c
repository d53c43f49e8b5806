#include "feasible.h"
#include "value.h"

/* Deciding a condition, by choice where both ways are open, and what is known from then on. */

/* Comparisons of an unknown that are not the loop's: range checks before it. */
enum { CHECKS = 2 };

/* An interval that is halved again and again is counted up to by a loop: that is
 * cut at the bound (the small-scope hypothesis, Jackson 1996). */
static void note_split(struct machine *m, struct unknown *u)
{
    u->splits++;
    if (u->low != u->high && u->splits > m->options->loop_bound + CHECKS) {
        m->bounded = true;
        machine_prune(m);
    }
}

/* What lies outside the interval need not be excluded as well. */
static void drop_excluded(struct unknown *u)
{
    uint8_t kept = 0;

    for (uint8_t i = 0; i < u->excluded_count; i++)
        if (u->excluded[i] > u->low && u->excluded[i] < u->high)
            u->excluded[kept++] = u->excluded[i];
    u->excluded_count = kept;
}

static void tighten(struct unknown *u)
{
    while (u->low < u->high && unknown_excludes(u, u->low))
        u->low++;
    while (u->low < u->high && unknown_excludes(u, u->high))
        u->high--;
    if (u->low < u->high)
        drop_excluded(u);
}

static void exclude(struct unknown *u, int64_t n)
{
    if (u->low < u->high && n == u->low)
        u->low++;
    else if (u->low < u->high && n == u->high)
        u->high--;
    else if (u->excluded_count < EXCLUDED_MAX)
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
    value_narrow_quotients(m, id);
    for (uint32_t i = 0; i < m->unknown_count; i++) {
        const struct unknown *u = &m->unknowns[i];
        int known;

        if (u->origin != UNKNOWN_BINARY || !value_compares(u->op) || u->low != u->high ||
            !((u->a.kind == VALUE_UNKNOWN && u->a.id == id) || (u->b.kind == VALUE_UNKNOWN && u->b.id == id)))
            continue;
        known = value_decide(m, u->op, value_resolve(m, u->a), value_resolve(m, u->b));
        if (known >= 0 && known != u->low)
            machine_prune(m);
    }
    switch (feasible(m, id)) {
    case FEASIBLE:
        break;
    case INFEASIBLE:
        machine_prune(m);
        break;
    case FEASIBLE_UNKNOWN:
        if (m->beyond)
            machine_prune(m);
        break;
    }
}

/* Narrow v, an unknown, to the numbers with v op n (EQ or LT), or to the others. */
static void narrow(struct machine *m, struct value v, enum expr_op op, int64_t n, bool holds)
{
    struct unknown *u = &m->unknowns[v.id];
    int64_t bound = number_minus(n, v.n);
    bool possible = true;

    if (op == OP_EQ && holds)
        u->low = u->high = bound;
    else if (op == OP_EQ)
        exclude(u, bound);
    else if (__builtin_sub_overflow(n, v.n, &bound))        /* beyond all numbers, on one side or the other */
        possible = holds == (v.n < 0);
    else if (holds && u->high >= bound)
        possible = !__builtin_sub_overflow(bound, 1, &u->high);
    else if (!holds && u->low < bound)
        u->low = bound;
    tighten(u);
    if (!possible || u->low > u->high)
        machine_prune(m);
    else
        check_decided(m, v.id);
    note_split(m, u);
}

/* n < v, or not. */
static void narrow_above(struct machine *m, struct value v, int64_t n, bool holds)
{
    if (n < INT64_MAX)
        narrow(m, v, OP_LT, n + 1, !holds);
    else if (holds)                     /* nothing lies above */
        machine_prune(m);
}

static bool pinned(struct machine *m, struct value t, bool *result)
{
    const struct unknown *u = &m->unknowns[t.id];

    if (u->low != u->high)
        return false;
    *result = number_plus(u->low, t.n) != 0;
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
        if (value_is_pointer(below) && value_is_pointer(above) && value_same(below, a) && !value_same(above, a) &&
            (value_same(above, b) || (steps && lies_before(m, above, b, steps - 1))))
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
    struct value t = value_term(m, UNKNOWN_BINARY, OP_LT, SCALAR_I64, a, b);

    m->unknowns[t.id].low = m->unknowns[t.id].high = result;
    return result;
}

/* Two unknowns, or an unknown and an address: the comparison itself is remembered. */
static bool choose_term(struct machine *m, enum expr_op op, struct value a, struct value b)
{
    struct value t;
    bool result;

    if (op == OP_LT && value_is_pointer(a) && value_is_pointer(b) && !value_same(whole_of(m, a), whole_of(m, b)))
        return choose_order(m, a, b);
    t = value_term(m, UNKNOWN_BINARY, op, SCALAR_I64, a, b);
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
    } else if (a.kind == VALUE_UNKNOWN) {
        check_decided(m, a.id);
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

    return v.kind == VALUE_UNKNOWN && v.n == 0 && u->origin == UNKNOWN_BINARY && value_compares(u->op);
}

/* Nobody here knows what the caller of a part hands over, but the program does. */
static bool is_from_caller(const struct machine *m, struct value v)
{
    const struct unknown *u = &m->unknowns[v.id];

    if (v.kind != VALUE_UNKNOWN)
        return false;
    return (u->origin == UNKNOWN_FRESH && u->op == FROM_CALLER) || is_from_caller(m, u->a) || is_from_caller(m, u->b);
}

static bool choose_basic(struct machine *m, enum expr_op op, struct value a, struct value b)
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
    if (op == OP_EQ && value_is_pointer(a) && b.kind == VALUE_UNKNOWN)
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

/* That a pointer leads somewhere is assumed of any; for the rest, a part cannot tell what its callers see to. */
static bool holds_basic(struct machine *m, enum expr_op op, struct value a, struct value b)
{
    bool of_caller = m->options->is_part && (is_from_caller(m, a) || is_from_caller(m, b));
    bool of_null = op == OP_EQ && a.kind == VALUE_UNKNOWN && m->unknowns[a.id].type == SCALAR_PTR &&
                   b.kind == VALUE_INT && b.n == 0;
    bool result = choose_basic(m, op, a, b);

    if (of_caller && (result || !of_null))
        machine_widen(m, "a part of the program depends on what its caller hands over");
    return result;
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
    known = value_decide(m, op, a, b);
    if (a.kind == VALUE_INT && b.kind == VALUE_INT) {
        machine_note_sum(m, op, SCALAR_I64, a.n, b.n);
    } else {
        value_note_fixed(m, a);
        value_note_fixed(m, b);
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
    if (value_is_pointer(v))
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
    value_note_fixed(m, *v);
    if (v->kind == VALUE_INT)
        return true;
    if (v->kind != VALUE_UNKNOWN)
        return false;
    value_range(m, *v, &vlow, &vhigh);
    low = vlow > low ? vlow : low;
    high = vhigh < high ? vhigh : high;
    if (high < low || (uint64_t)number_minus(high, low) >= limit)
        return false;
    pick = machine_choose(m, (uint32_t)(high - low + 1));
    m->unknowns[v->id].low = m->unknowns[v->id].high = number_minus(low + pick, v->n);
    check_decided(m, v->id);
    *v = INT_VALUE(low + pick);
    return true;
}
