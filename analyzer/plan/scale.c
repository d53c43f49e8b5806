#include "scale.h"

#include <string.h>

#include "units.h"

/* ---- the form -------------------------------------------------------------------- */

enum {
    NUMBERS_MAX = 32,       /* as many are related to one another, no more */
    MULTIPLE_MAX = 10,      /* of a base */
    NEAR = 12,              /* so far from a multiple, at most, and */
    NEARNESS = 8,           /* the base at least so many times as far */
    MARGIN_MIN = 1,
    SMALL_PRODUCTS = 12,    /* products of two small numbers are kept from this limit on */
    SCALED_MAX = 1000,      /* what is still run */
};

struct number {
    int64_t from, to;
    bool    divides;
};

/* All numbers that count, in order, each once. */
struct numbers {
    struct number number[NUMBERS_MAX];
    uint32_t      count;
    uint32_t      small;    /* so many stay as they are: */
    int64_t       limit;    /* those up to here */
};

static int64_t magnitude(int64_t n)
{
    return n < 0 ? -n : n;
}

/* False: too many. */
static bool number_add(struct numbers *n, int64_t from, bool divides)
{
    uint32_t at = 0;

    if (from == INT64_MIN)
        return false;
    from = magnitude(from);
    while (at < n->count && n->number[at].from < from)
        at++;
    if (at < n->count && n->number[at].from == from) {
        n->number[at].divides |= divides;
        return true;
    }
    if (n->count == NUMBERS_MAX)
        return false;
    for (uint32_t i = n->count++; i > at; i--)
        n->number[i] = n->number[i - 1];
    n->number[at] = (struct number){ from, from, divides };
    return true;
}

/* c = q * base + r with q and r small. */
static bool is_near_multiple(const struct numbers *n, int64_t c, int64_t base, int64_t *q, int64_t *r)
{
    *q = (c + base / 2) / base;
    *r = c - *q * base;
    return *q >= 1 && *q <= MULTIPLE_MAX && *q <= n->limit && magnitude(*r) <= NEAR && magnitude(*r) * NEARNESS <= base;
}

/* The base of the group that begins with number `first`: it, or its half, third or
 * fourth part, whichever more of the numbers behind it are multiples of. */
static int64_t group_base(const struct numbers *n, uint32_t first)
{
    int64_t c = n->number[first].from, best = c, q, r;
    uint32_t most = 0;

    for (int64_t part = 1; part <= 4 && c / part > 1; part++) {
        uint32_t count = 0;

        if (c % part)
            continue;
        for (uint32_t i = first + 1; i < n->count; i++)
            count += is_near_multiple(n, n->number[i].from, c / part, &q, &r);
        if (count > most) {
            most = count;
            best = c / part;
        }
    }
    return best;
}

/* What base = times * part + rest becomes; 0 when it is not nearly that. A part that something
 * is divided by may leave a rest; so may one that is there together with the quotient, rounded up or down. */
static int64_t scaled_product(const struct numbers *n, int64_t base, const struct number *times,
                              const struct number *part)
{
    int64_t rest = base - times->from * part->from;
    bool quotient = part->divides || (times->from > n->limit && part->from > n->limit);

    if (rest && !quotient)
        return 0;
    if (magnitude(rest) >= part->from)
        return 0;
    if (magnitude(rest) >= part->to)
        rest = rest < 0 ? 1 - part->to : part->to - 1;
    return times->to * part->to + rest;
}

/* A base that is a product of two numbers stays it, and one that is divided by a number
 * keeps the quotient: what the scaled base is then, or 0. */
static int64_t kept_product(const struct numbers *n, uint32_t before, int64_t base)
{
    for (uint32_t i = before; i-- > 0;)
        for (uint32_t k = before; k-- > 0;) {
            const struct number *times = &n->number[i], *part = &n->number[k];
            bool small = i < n->small && k < n->small && n->limit < SMALL_PRODUCTS;
            int64_t product = times->from > 1 && part->from > 1 && !small ? scaled_product(n, base, times, part) : 0;

            if (product)
                return product;
        }
    return 0;
}

/* A base that is a multiple of a number stays that: 1, or what the scaled base has to be a multiple of. */
static int64_t kept_divisor(const struct numbers *n, uint32_t before, int64_t base)
{
    for (uint32_t i = before; i-- > n->small;)
        if (base % n->number[i].from == 0)
            return n->number[i].to;
    return 1;
}

/* What remains when the base is divided by a small number that something is taken
 * modulo stays what it is. */
static bool keeps_remainders(const struct numbers *n, int64_t base, int64_t scaled)
{
    for (uint32_t i = 0; i < n->small; i++)
        if (n->number[i].divides && n->number[i].from > 1 &&
            base % n->number[i].from != scaled % n->number[i].from)
            return false;
    return true;
}

/* A difference that is no more than the margin stays what it is, any other more than that. */
static bool keeps_difference(int64_t from, int64_t to, int64_t margin)
{
    if (from < 0) {
        from = -from;
        to = -to;
    }
    return from <= margin ? to == from : to > margin;
}

/* Does number i still exceed every other, and every sum of two, by as much? Only
 * numbers that have been given theirs are looked at. */
static bool keeps_order(const struct numbers *n, const bool *given, uint32_t i, int64_t margin)
{
    const struct number *c = n->number;

    for (uint32_t j = 0; j < n->count; j++) {
        if (!given[j] || j == i)
            continue;
        if (!keeps_difference(c[i].from - c[j].from, c[i].to - c[j].to, margin))
            return false;
        for (uint32_t k = n->small; k <= j; k++)
            if (given[k] && k != i &&
                !keeps_difference(c[i].from - c[j].from - c[k].from, c[i].to - c[j].to - c[k].to, margin))
                return false;
    }
    return true;
}

/* Give the members of a group their numbers. False: some relation is not kept. */
static bool group_try(struct numbers *n, int64_t base, int64_t scaled, int64_t margin, const bool *member,
                      const bool *given)
{
    int64_t q, r;

    for (uint32_t i = n->small; i < n->count; i++)
        if (member[i]) {
            is_near_multiple(n, n->number[i].from, base, &q, &r);
            n->number[i].to = q * scaled + r;
        }
    for (uint32_t i = n->small; i < n->count; i++)
        if (member[i] && !keeps_order(n, given, i, margin))
            return false;
    return true;
}

/* Scale the group that begins with number `first`. given: the numbers that have theirs. */
static bool group_scale(struct numbers *n, uint32_t first, int64_t margin, int64_t least, bool *given)
{
    int64_t base = group_base(n, first), q, r, product = kept_product(n, first, base);
    int64_t divisor = kept_divisor(n, first, base);
    bool member[NUMBERS_MAX] = { false };

    for (uint32_t i = first; i < n->count; i++)
        if (!given[i] && (i == first || is_near_multiple(n, n->number[i].from, base, &q, &r)))
            member[i] = given[i] = true;
    if (product)
        return product <= SCALED_MAX && group_try(n, base, product, margin, member, given);
    for (int64_t scaled = (least + divisor - 1) / divisor * divisor; scaled <= SCALED_MAX && scaled <= base; scaled += divisor)
        if (keeps_remainders(n, base, scaled) && group_try(n, base, scaled, margin, member, given))
            return true;
    return false;
}

/* With the first base scaled to no less than `least`. */
static bool numbers_try(struct numbers *n, int64_t margin, int64_t least)
{
    bool given[NUMBERS_MAX] = { false };

    for (uint32_t i = 0; i < n->count; i++) {
        given[i] = i < n->small;
        n->number[i].to = n->number[i].from;
    }
    for (uint32_t i = n->small; i < n->count; i++) {
        if (!given[i] && !group_scale(n, i, margin, least, given))
            return false;
        least = 1;
    }
    return n->number[n->count - 1].to <= SCALED_MAX;
}

static bool numbers_scale(struct numbers *n)
{
    int64_t margin = MARGIN_MIN;

    for (; n->small < n->count && n->number[n->small].from <= n->limit; n->small++)
        margin += n->number[n->small].from > 1 ? n->number[n->small].from : 0;
    for (int64_t least = 1; n->small < n->count && least <= SCALED_MAX; least = least * 3 / 2 + 1)
        if (numbers_try(n, margin, least))
            return true;
    return false;
}

/* The numbers that count, and the quotients where one is divided by another. */
static bool numbers_collect(struct units *u, struct numbers *n)
{
    for (uint32_t i = 0; i < u->mention_count; i++) {
        const struct mention *m = &u->mentions[i];
        uint32_t unit = unit_find(u, m->unit);

        if (!u->counts[unit] || m->number == 0)
            continue;
        if (!number_add(n, m->number, m->divides))
            return false;
        for (uint32_t k = 0; m->divides && k < u->mention_count; k++)
            if (unit_find(u, u->mentions[k].unit) == unit && magnitude(u->mentions[k].number) > magnitude(m->number) &&
                magnitude(m->number) > 1 && !number_add(n, u->mentions[k].number / m->number, false))
                return false;
    }
    return n->count != 0;
}

/* ---- putting them in --------------------------------------------------------------- */

static int64_t scaled_number(const struct numbers *n, int64_t from)
{
    for (uint32_t i = n->small; i < n->count; i++)
        if (n->number[i].from == magnitude(from))
            return from < 0 ? -n->number[i].to : n->number[i].to;
    return from;
}

static void put_in(struct units *u, const struct numbers *n, const struct mention *m)
{
    int64_t to = scaled_number(n, m->number), **numbers;
    uint32_t count;

    if (to == m->number)
        return;
    if (m->function != FLOW_NONE) {
        numbers = &u->plan->functions[m->function].scaled;
        count = u->flow->functions[m->function].expr_count;
        if (!*numbers) {
            *numbers = ARENA_ARRAY(u->arena, int64_t, count);
            for (uint32_t i = 0; i < count; i++)
                (*numbers)[i] = u->flow->functions[m->function].exprs[i].number;
        }
    } else {
        numbers = &u->plan->global_scaled[m->global];
        count = u->flow->globals[m->global].init_count;
        if (!*numbers) {
            *numbers = ARENA_ARRAY(u->arena, int64_t, count);
            for (uint32_t i = 0; i < count; i++)
                (*numbers)[i] = u->flow->globals[m->global].inits[i].number;
        }
    }
    (*numbers)[m->expr] = to;
}

void scale_program(const struct flow *flow, struct plan *plan, int64_t limit, struct arena *arena)
{
    struct units u = { .flow = flow, .plan = plan, .arena = arena };
    struct numbers n = { .limit = limit };
    struct scaling *s = plan->scaling = ARENA_NEW(arena, struct scaling);

    units_make(&u);
    if (!numbers_collect(&u, &n) || !numbers_scale(&n))
        return;
    plan->global_scaled = ARENA_ARRAY(arena, int64_t *, flow->global_count);
    for (uint32_t i = 0; i < u.mention_count; i++)
        if (u.counts[unit_find(&u, u.mentions[i].unit)])
            put_in(&u, &n, &u.mentions[i]);
    s->numbers = ARENA_ARRAY(arena, struct scaled, n.count);
    for (uint32_t i = n.small; i < n.count; i++)
        if (n.number[i].from != n.number[i].to)
            s->numbers[s->count++] = (struct scaled){ n.number[i].from, n.number[i].to };
    if (s->count && plan->coarse.saturation < s->numbers[s->count - 1].to + 2)
        plan->coarse.saturation = s->numbers[s->count - 1].to + 2;
    if (s->count && plan->coarse.tally < s->numbers[s->count - 1].to + 2)
        plan->coarse.tally = s->numbers[s->count - 1].to + 2;
}

uint32_t scale_counts(const struct flow *flow, struct plan *plan, int64_t least, int64_t most, int64_t *counts,
                      uint32_t room, struct arena *arena)
{
    struct units u = { .flow = flow, .plan = plan, .arena = arena };
    struct numbers n = { .limit = most };
    uint32_t found = 0;

    units_make(&u);
    numbers_collect(&u, &n);
    for (uint32_t i = 0; i < n.count && found < room; i++)
        if (n.number[i].from >= least && n.number[i].from <= most)
            counts[found++] = n.number[i].from;
    return found;
}

bool scaling_changes(const struct scaling *s)
{
    return s && s->count;
}

bool scaling_shrinks(const struct scaling *s)
{
    for (uint32_t i = 0; s && i < s->count; i++)
        if (s->numbers[i].to + s->numbers[i].to / 2 <= s->numbers[i].from)
            return true;
    return false;
}

bool scaling_equal(const struct scaling *a, const struct scaling *b)
{
    if (!scaling_changes(a) || !scaling_changes(b))
        return scaling_changes(a) == scaling_changes(b);
    return a->count == b->count && memcmp(a->numbers, b->numbers, a->count * sizeof *a->numbers) == 0;
}

int64_t scale_back(const struct scaling *s, int64_t n)
{
    for (uint32_t i = 0; s && i < s->count; i++)
        if (s->numbers[i].to == n)
            return s->numbers[i].from;
    return n;
}
