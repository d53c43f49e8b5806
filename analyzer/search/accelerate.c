#include "accelerate.h"

enum { ROUNDS_MAX = INT32_MAX };

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How often can `step` be added to `from` without leaving low to high? */
static int64_t within(int64_t from, int64_t step, int64_t low, int64_t high)
{
    if (from < low || from > high)
        return 0;
    return step == 0 ? ROUNDS_MAX : step > 0 ? (high - from) / step : (from - low) / -step;
}

/* Small enough not to overflow in what follows. */
static bool is_tame(int64_t n)
{
    return n > -((int64_t)1 << 40) && n < (int64_t)1 << 40;
}

static int64_t while_in_type(enum scalar type, int64_t n, int64_t step)
{
    switch (type) {
    case SCALAR_I8:   return within(n, step, INT8_MIN, INT8_MAX);
    case SCALAR_I16:  return within(n, step, INT16_MIN, INT16_MAX);
    case SCALAR_I32:  return within(n, step, INT32_MIN, INT32_MAX);
    case SCALAR_U8:   return within(n, step, 0, UINT8_MAX);
    case SCALAR_U16:  return within(n, step, 0, UINT16_MAX);
    case SCALAR_U32:  return within(n, step, 0, UINT32_MAX);
    case SCALAR_BOOL: return within(n, step, 0, 1);
    case SCALAR_U64: case SCALAR_PTR:
        return within(n, step, 0, INT64_MAX / 2);
    case SCALAR_I64: case SCALAR_FLOAT:
        break;
    }
    return within(n, step, INT64_MIN / 2, INT64_MAX / 2);
}

/* As long as a - b keeps its sign, which it has had in both rounds. */
static int64_t while_ordered(enum scalar type, const struct sum *one, const struct sum *two)
{
    int64_t before = one->a - one->b, now = two->a - two->b, step = now - before;
    bool is_unsigned = type == SCALAR_U64 || type == SCALAR_PTR;

    if (is_unsigned && (two->a < 0 || two->b < 0))
        return 0;
    if (step == 0)
        return ROUNDS_MAX;
    if (now == 0 || before == 0 || (now > 0) != (before > 0))
        return 0;
    return now > 0 ? within(now, step, 1, INT64_MAX / 2) : within(now, step, INT64_MIN / 2, -1);
}

/* A remainder grows with the number until it wraps; a quotient stays until then. */
static int64_t while_in_block(const struct sum *one, const struct sum *two, int64_t divisor)
{
    int64_t step = two->a - one->a;

    if (two->b != one->b || divisor <= 0 || one->a < 0 || two->a < 0 || one->a / divisor != two->a / divisor)
        return 0;
    return within(two->a % divisor, step, 0, divisor - 1);
}

static int64_t while_linear(const struct sum *two, int64_t before, int64_t now)
{
    return is_tame(now) && is_tame(before) ? while_in_type(two->type, now, now - before) : 0;
}

static int64_t same_outcome(const struct sum *one, const struct sum *two)
{
    int64_t da = two->a - one->a, db = two->b - one->b;

    if (one->op != two->op || one->type != two->type)
        return 0;
    if (da == 0 && db == 0)
        return ROUNDS_MAX;
    if (!is_tame(one->a) || !is_tame(one->b) || !is_tame(two->a) || !is_tame(two->b) || two->op == SUM_FIXED)
        return 0;
    if (two->op == SUM_CAST)
        return while_linear(two, one->a, two->a);
    switch ((enum expr_op)two->op) {
    case OP_ADD:
        return while_linear(two, one->a + one->b, two->a + two->b);
    case OP_SUB: case OP_PTRDIFF:
        return while_linear(two, one->a - one->b, two->a - two->b);
    case OP_MUL: {
        int64_t before, now;

        if ((da && db) || __builtin_mul_overflow(one->a, one->b, &before) ||
            __builtin_mul_overflow(two->a, two->b, &now))
            return 0;
        return while_linear(two, before, now);
    }
    case OP_NEG:
        return while_linear(two, -one->a, -two->a);
    case OP_INVERT:
        return while_linear(two, ~one->a, ~two->a);
    case OP_REM:                        /* a number that grows by multiples leaves the same */
        if (db == 0 && two->b > 0 && one->a >= 0 && da > 0 && da % two->b == 0)
            return ROUNDS_MAX;
        return while_in_block(one, two, two->b);
    case OP_DIV:
        return while_in_block(one, two, two->b);
    case OP_AND:                        /* with 2^n - 1: a remainder */
        return two->b & (two->b + 1) ? 0 : while_in_block(one, two, two->b + 1);
    case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE:
        return while_ordered(two->type, one, two);
    case OP_OR: case OP_XOR: case OP_SHL: case OP_SHR: case OP_NOT:
    case OP_POPCOUNT: case OP_CTZ: case OP_CLZ: case OP_BSWAP:
        break;
    }
    return 0;
}

/* The operations test some numbers for being 0 or negative without writing it down:
 * locks, wait groups, how many elements wait. */
static int64_t while_of_one_sign(const struct rounds *r, size_t i)
{
    int64_t n = r->numbers[2][i], step = n - r->numbers[1][i];

    if (step != r->numbers[1][i] - r->numbers[0][i] || !is_tame(n) || !is_tame(step))
        return 0;
    if (step == 0)
        return ROUNDS_MAX;
    return n > 0 ? within(n, step, 1, INT64_MAX / 2) : n < 0 ? within(n, step, INT64_MIN / 2, -1) : 0;
}

int64_t accelerate(const struct rounds *r)
{
    int64_t rounds = ROUNDS_MAX;

    if (r->sum_count[0] != r->sum_count[1])
        return 0;
    for (size_t i = 0; i < r->number_count && rounds; i++)
        rounds = least(rounds, while_of_one_sign(r, i));
    for (size_t i = 0; i < r->sum_count[0] && rounds; i++)
        rounds = least(rounds, same_outcome(&r->sums[0][i], &r->sums[1][i]));
    return rounds == ROUNDS_MAX ? 0 : rounds;   /* without an end: nothing is counted there */
}
