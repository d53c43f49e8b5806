#include "feasible.h"

#include "value.h"

enum {
    LEAVES_MAX = 4,             /* numbers to be found at once */
    TERMS_MAX = 32,             /* that were decided about them */
    CANDIDATES_MAX = 64,        /* for each */
    CONSTANTS_MAX = 12,
    SMALL = 9,                  /* numbers that are always tried, */
    NEAR = 2,                   /* and how far around what may matter */
    TRIALS_MAX = 40000,
};

/* Decided terms, and the leaves they are made of: fresh unknowns, results of functions. */
struct problem {
    const struct machine *m;
    uint32_t leaf[LEAVES_MAX];  uint32_t leaf_count;
    uint32_t term[TERMS_MAX];   uint32_t term_count;
    unsigned mask[TERMS_MAX];   /* the leaves of each, a bit each */
    int64_t  constant[CONSTANTS_MAX]; uint32_t constant_count;
    int64_t  candidate[LEAVES_MAX][CANDIDATES_MAX];
    uint32_t candidate_count[LEAVES_MAX];
    int64_t  chosen[LEAVES_MAX];
    uint32_t *trials;           /* numbers worked out */
};

static bool is_leaf(const struct unknown *u)
{
    return u->origin == UNKNOWN_FRESH || u->origin == UNKNOWN_CALL;
}

/* ---- what hangs together -------------------------------------------------------- */

/* Put the leaves of v into leaf[]. False: it is no number, or there are too many. */
static bool leaves_add(const struct machine *m, struct value v, uint32_t *leaf, uint32_t *count)
{
    const struct unknown *u;

    if (v.kind == VALUE_INT)
        return true;
    if (v.kind != VALUE_UNKNOWN)
        return false;
    u = &m->unknowns[v.id];
    if (u->object != FLOW_NONE || u->origin == UNKNOWN_COUNTER || u->type == SCALAR_FLOAT)
        return false;
    if (!is_leaf(u))
        return leaves_add(m, u->a, leaf, count) && leaves_add(m, u->b, leaf, count);
    for (uint32_t i = 0; i < *count; i++)
        if (leaf[i] == v.id)
            return true;
    if (*count == LEAVES_MAX)
        return false;
    leaf[(*count)++] = v.id;
    return true;
}

static bool has_leaf(const struct problem *p, uint32_t leaf)
{
    for (uint32_t i = 0; i < p->leaf_count; i++)
        if (p->leaf[i] == leaf)
            return true;
    return false;
}

/* The terms that share a leaf with those found so far, and their leaves. False: too many. */
static bool grow(struct problem *p, bool *seen, bool *grown)
{
    for (uint32_t i = 0; i < p->m->unknown_count; i++) {
        const struct unknown *u = &p->m->unknowns[i];
        uint32_t leaf[LEAVES_MAX], count = 0;
        bool shared = false;

        if (seen[i] || is_leaf(u) || !unknown_is_narrowed(u) ||
            !leaves_add(p->m, (struct value){ VALUE_UNKNOWN, i, 0 }, leaf, &count))
            continue;
        for (uint32_t k = 0; k < count; k++)
            shared |= has_leaf(p, leaf[k]);
        if (!shared)
            continue;
        if (p->term_count == TERMS_MAX)
            return false;
        seen[i] = *grown = true;
        p->term[p->term_count++] = i;
        for (uint32_t k = 0; k < count; k++) {
            if (has_leaf(p, leaf[k]))
                continue;
            if (p->leaf_count == LEAVES_MAX)
                return false;
            p->leaf[p->leaf_count++] = leaf[k];
        }
    }
    return true;
}

static void masks_make(struct problem *p)
{
    for (uint32_t t = 0; t < p->term_count; t++) {
        uint32_t leaf[LEAVES_MAX], count = 0;

        leaves_add(p->m, (struct value){ VALUE_UNKNOWN, p->term[t], 0 }, leaf, &count);
        p->mask[t] = 0;
        for (uint32_t k = 0; k < count; k++)
            for (uint32_t i = 0; i < p->leaf_count; i++)
                p->mask[t] |= (unsigned)(p->leaf[i] == leaf[k]) << i;
    }
}

/* False: there is nothing to solve, or too much. */
static bool problem_make(struct problem *p, uint32_t unknown)
{
    bool seen[p->m->unknown_count], grown = true;

    if (!leaves_add(p->m, (struct value){ VALUE_UNKNOWN, unknown, 0 }, p->leaf, &p->leaf_count))
        return false;
    for (uint32_t i = 0; i < p->m->unknown_count; i++)
        seen[i] = false;
    while (grown) {
        grown = false;
        if (!grow(p, seen, &grown))
            return false;
    }
    masks_make(p);
    return p->term_count != 0;
}

/* ---- candidates -------------------------------------------------------------------- */

static void constant_add(struct problem *p, int64_t n)
{
    enum { FAR = 1 << 30 };

    for (uint32_t i = 0; i < p->constant_count; i++)
        if (p->constant[i] == n)
            return;
    if (p->constant_count < CONSTANTS_MAX && n > -FAR && n < FAR)
        p->constant[p->constant_count++] = n;
}

/* The constants a term is made of. */
static void constants_of(struct problem *p, struct value v)
{
    const struct unknown *u;

    constant_add(p, v.n);
    if (v.kind != VALUE_UNKNOWN)
        return;
    u = &p->m->unknowns[v.id];
    if (is_leaf(u))
        return;
    constants_of(p, u->a);
    constants_of(p, u->b);
}

static bool is_within(const struct unknown *u, int64_t n)
{
    bool wrapped = n < 0 && (u->type == SCALAR_U64 || u->type == SCALAR_PTR);

    return (wrapped ? u->high == INT64_MAX : n >= u->low && n <= u->high) && !unknown_excludes(u, n);
}

static void candidate_add(struct problem *p, uint32_t i, int64_t n)
{
    int64_t *candidate = p->candidate[i];

    if (n < p->m->unknowns[p->leaf[i]].low || !is_within(&p->m->unknowns[p->leaf[i]], n) ||
        p->candidate_count[i] == CANDIDATES_MAX)
        return;
    for (uint32_t k = 0; k < p->candidate_count[i]; k++)
        if (candidate[k] == n)
            return;
    candidate[p->candidate_count[i]++] = n;
}

static void candidates_around(struct problem *p, uint32_t i, int64_t n)
{
    int64_t low, high;

    for (int64_t by = -NEAR; by <= NEAR; by++) {
        if (by < 0 ? !__builtin_sub_overflow(n, -by, &low) : !__builtin_add_overflow(n, by, &high))
            candidate_add(p, i, by < 0 ? low : high);
    }
}

static void candidates_make(struct problem *p, uint32_t i)
{
    const struct unknown *u = &p->m->unknowns[p->leaf[i]];

    for (int64_t n = 0; n < SMALL; n++) {
        candidate_add(p, i, u->low > 0 && u->low < INT64_MAX - SMALL ? u->low + n : n);
        if (u->high < INT64_MAX)
            candidate_add(p, i, u->high - n / 2);
    }
    candidate_add(p, i, -1);
    for (uint32_t c = 0; c < p->constant_count; c++)
        candidates_around(p, i, p->constant[c]);
    candidates_around(p, i, u->low);
    for (uint32_t c = 0; c < p->constant_count; c++)
        for (uint32_t d = 0; d < p->constant_count; d++) {
            candidates_around(p, i, p->constant[c] * p->constant[d]);
            if (p->constant[d] > 1)
                candidates_around(p, i, p->constant[c] / p->constant[d]);
        }
}

/* ---- trying ------------------------------------------------------------------------- */

static bool value_of(const struct problem *p, struct value v, int64_t *n);

static bool is_size(const struct machine *m, struct value v)
{
    return v.kind == VALUE_UNKNOWN && m->unknowns[v.id].type == SCALAR_U64;
}

/* A comparison that was chosen does not say any more what it compares. */
static enum scalar type_of(const struct machine *m, const struct unknown *u)
{
    return value_compares(u->op) && (is_size(m, u->a) || is_size(m, u->b)) ? SCALAR_U64 : u->type;
}

/* What an unknown is with the numbers chosen. False: nothing, the program has no meaning then. */
static bool number_of(const struct problem *p, uint32_t unknown, int64_t *n)
{
    const struct unknown *u = &p->m->unknowns[unknown];
    int64_t a, b;

    ++*p->trials;
    for (uint32_t i = 0; i < p->leaf_count; i++)
        if (p->leaf[i] == unknown) {
            *n = p->chosen[i];
            return true;
        }
    if (!value_of(p, u->a, &a) || !value_of(p, u->b, &b))
        return false;
    if (u->origin == UNKNOWN_CAST)
        *n = scalar_wrap(u->type, a);
    else if (u->origin == UNKNOWN_UNARY)
        *n = value_compute_unary(u->op, u->type, a);
    else
        return value_compute(u->op, type_of(p->m, u), a, b, n);
    return true;
}

static bool value_of(const struct problem *p, struct value v, int64_t *n)
{
    int64_t base = 0;

    if (v.kind == VALUE_UNKNOWN && !number_of(p, v.id, &base))
        return false;
    return !__builtin_add_overflow(base, v.n, n);
}

/* Are the terms as they were decided, of which leaf `last` is the last to be given a number? */
static bool agrees(const struct problem *p, uint32_t last)
{
    for (uint32_t t = 0; t < p->term_count; t++) {
        int64_t n;

        if (p->mask[t] >> last == 1 && (!number_of(p, p->term[t], &n) || !is_within(&p->m->unknowns[p->term[t]], n)))
            return false;
    }
    return true;
}

static bool solve(struct problem *p, uint32_t i)
{
    if (i == p->leaf_count)
        return true;
    for (uint32_t c = 0; c < p->candidate_count[i]; c++) {
        p->chosen[i] = p->candidate[i][c];
        if (*p->trials > TRIALS_MAX || (agrees(p, i) && solve(p, i + 1)))
            return true;
    }
    return false;
}

enum feasibility feasible(const struct machine *m, uint32_t unknown)
{
    uint32_t trials = 0;
    struct problem p = { .m = m, .trials = &trials };

    if (!problem_make(&p, unknown))
        return p.term_count ? FEASIBLE_UNKNOWN : FEASIBLE;
    if (m->beyond && p.leaf_count > 1)
        return FEASIBLE_UNKNOWN;
    for (uint32_t t = 0; t < p.term_count; t++) {
        const struct unknown *u = &m->unknowns[p.term[t]];

        constant_add(&p, u->low);
        constant_add(&p, u->high);
        constants_of(&p, (struct value){ VALUE_UNKNOWN, p.term[t], 0 });
    }
    for (uint32_t i = 0; i < p.leaf_count; i++)
        candidates_make(&p, i);
    if (!solve(&p, 0))
        return INFEASIBLE;
    return trials > TRIALS_MAX ? FEASIBLE_UNKNOWN : FEASIBLE;
}
