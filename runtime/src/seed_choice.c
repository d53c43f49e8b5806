/* seed_choice.c - choices drawn from a seed: PCT and random walks.
 *
 * Every second seed gives a PCT schedule (Burckhardt, Kothari, Musuvathi and Nagarakatte,
 * "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010):
 * every task has a random rank, the highest that can move does, and at a few random steps
 * the moving one drops below all. So few decisions that the right ones are likely; a bug
 * that needs d of them is found with probability 1/(n k^(d-1)) at least, whatever the rest
 * of the program does. The length k of a run is not known here, so a power of two from 8
 * to 4,096 is drawn for it first, then the steps of change below that: the bugs are early
 * in long runs, and several changes have to be close to each other.
 *
 * The others walk at random, which finds what needs many decisions in a few steps. Neither
 * does the other's work: of the deadlocks in tests/runtime/test_explore.c, that of three precise
 * steps came up in 36 of 6,000 walks and no PCT schedule of as many, that of a task delayed
 * for 300 steps in 113 of 1,000 PCT schedules and no walk.
 *
 * A timer is a task with a single step. Most get ranks below all tasks', and fire when
 * nothing else can move, in an order that is random too; a share of them (each run has its
 * own) is ranked among the tasks. Ticks after the first go below all.
 *
 * Ranks alone would let one that polls starve the one it polls for. So whoever yields,
 * or polls in vain for a while, or simply goes on and on, drops below all as well.
 */
#include "seed_choice.h"

enum {
    LENGTH_LEAST = 8,
    LENGTH_BITS = 10,               /* up to 8 << 9 */
    PATIENCE_BITS = 6,              /* from 64 steps to 64 times as many */
    WALK_EVERY = 2,
};

#define RANK_TASK UINT64_C(0x8000000000000000)      /* and above */
#define RANK_LAZY UINT64_C(0x2000000000000000)      /* to the lowered ones above */

/* SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators",
 * OOPSLA 2014. */
static uint64_t draw(struct rt_dice *d)
{
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Lemire's multiplication ("Fast Random Integer Generation in an Interval", 2019) without
 * its correction: n is tiny. */
static size_t below(struct rt_dice *d, size_t n)
{
    return (size_t)(((draw(d) >> 32) * n) >> 32);
}

static uint64_t power_of_two(struct rt_dice *d, unsigned bits)
{
    return UINT64_C(1) << below(d, bits);
}

static size_t ready_case(struct rt_chooser *c, struct rt_mover *m, const unsigned *ready,
                         size_t n)
{
    (void)m, (void)ready;
    return below((struct rt_dice *)c, n);
}

/* ---- PCT ---- */

static void lower(struct rt_dice *d, struct rt_mover *m)
{
    m->rank = --d->lowest;
    m->turns = 0;
}

static void pct_arrives(struct rt_chooser *c, struct rt_mover *m, bool again)
{
    struct rt_dice *d = (struct rt_dice *)c;
    uint64_t random = draw(d);

    m->turns = m->polls = 0;
    if (again)
        lower(d, m);
    else if (m->task || random % 16 < d->eager)
        m->rank = RANK_TASK | random >> 1;
    else
        m->rank = RANK_LAZY | random >> 3;
}

static void pct_gives_way(struct rt_chooser *c, struct rt_mover *m, enum rt_way way)
{
    struct rt_dice *d = (struct rt_dice *)c;

    if (way == RT_YIELDS || ++m->polls % d->polls == 0)
        lower(d, m);
}

static bool changes_now(const struct rt_dice *d)
{
    for (unsigned i = 0; i < sizeof d->change / sizeof *d->change; i++)
        if (d->change[i] == d->steps)
            return true;
    return false;
}

static size_t pct_next(struct rt_chooser *c, struct rt_mover **movers, size_t contexts, size_t n,
                       struct rt_mover *last)
{
    struct rt_dice *d = (struct rt_dice *)c;
    size_t best = 0;

    (void)contexts;
    d->steps++;
    if (changes_now(d) || ++last->turns % d->patience == 0)
        lower(d, last);
    for (size_t i = 1; i < n; i++)
        if (movers[i]->rank > movers[best]->rank)
            best = i;
    return best;
}

static void pct_init(struct rt_dice *d)
{
    static const unsigned eager[] = { 0, 2, 8 };
    size_t changes = below(d, sizeof d->change / sizeof *d->change + 1);
    uint64_t length = LENGTH_LEAST * power_of_two(d, LENGTH_BITS);

    d->chooser = (struct rt_chooser){ pct_arrives, pct_gives_way, pct_next, ready_case, NULL, false };
    for (size_t i = 0; i < changes; i++)
        d->change[i] = 1 + below(d, length);
    d->patience = 64 * (unsigned)power_of_two(d, PATIENCE_BITS + 1);
    d->polls = (unsigned)power_of_two(d, 4);
    d->eager = eager[below(d, 3)];
    d->lowest = RANK_LAZY;
}

/* ---- random walk ---- */

static void walk_arrives(struct rt_chooser *c, struct rt_mover *m, bool again)
{
    (void)c, (void)m, (void)again;
}

static void walk_gives_way(struct rt_chooser *c, struct rt_mover *m, enum rt_way way)
{
    (void)m, (void)way;
    ((struct rt_dice *)c)->gave_way = true;
}

static size_t walk_next(struct rt_chooser *c, struct rt_mover **movers, size_t contexts, size_t n,
                        struct rt_mover *last)
{
    struct rt_dice *d = (struct rt_dice *)c;
    bool stay = below(d, 8) < d->stay && !d->gave_way;

    d->gave_way = false;
    if (contexts == 0 || (n > contexts && below(d, 64) < d->eager))
        return contexts + below(d, n - contexts);
    for (size_t i = 0; stay && i < contexts; i++)
        if (movers[i] == last)
            return i;
    return below(d, contexts);
}

static void walk_init(struct rt_dice *d)
{
    static const unsigned stay[] = { 0, 4, 7 };

    d->chooser = (struct rt_chooser){ walk_arrives, walk_gives_way, walk_next, ready_case, NULL, false };
    d->stay = stay[below(d, 3)];
    d->eager = (unsigned)power_of_two(d, 5);
}

void rt_dice_init(struct rt_dice *d, uint64_t seed)
{
    *d = (struct rt_dice){ .state = seed };
    if (seed % WALK_EVERY == 0)
        walk_init(d);
    else
        pct_init(d);
}
