#include "saturate.h"

/* An unknown of this origin is a multiple of its `op`; 0: of nothing in particular. */
static bool is_beyond(const struct machine *m, struct value v)
{
    return v.kind == VALUE_UNKNOWN && m->unknowns[v.id].origin == UNKNOWN_COUNTER;
}

static int64_t rest_of(int64_t n, int64_t divisor)
{
    return n % divisor + (n % divisor < 0 ? divisor : 0);
}

bool saturated_remainder(const struct machine *m, struct value v, int64_t divisor, int64_t *rest)
{
    int64_t low, high;

    if (!is_beyond(m, v) || divisor <= 0 || m->unknowns[v.id].op == 0 || m->unknowns[v.id].op % divisor)
        return false;
    value_range(m, v, &low, &high);
    *rest = rest_of(v.n, divisor);
    return low >= 0;
}

struct value saturate(struct machine *m, struct value v, int64_t low, int64_t high, uint8_t modulus)
{
    int64_t least, most;
    struct value beyond;
    uint8_t known;              /* v is a multiple of that, plus v.n */

    v = value_resolve(m, v);
    high = high < modulus ? modulus : high;     /* n = (n + 1) % modulus stays below */
    if (!is_beyond(m, v) && !(v.kind == VALUE_INT && (v.n >= high || v.n <= low)))
        return v;
    value_range(m, v, &least, &most);
    known = v.kind == VALUE_INT ? modulus : m->unknowns[v.id].op;
    beyond = value_fresh(m, SCALAR_I32);
    m->unknowns[beyond.id].origin = UNKNOWN_COUNTER;
    if (least >= high && known && known % modulus == 0) {
        beyond.n = rest_of(v.n, modulus);
        m->unknowns[beyond.id].op = modulus;
    }
    if (least >= high)
        m->unknowns[beyond.id].low = high - beyond.n;
    if (most <= low)
        m->unknowns[beyond.id].high = low;
    return beyond;
}
