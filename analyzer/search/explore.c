#include "explore.h"

#include "circles.h"
#include "lock_order.h"
#include "retrace.h"
#include "rounds.h"
#include "scale.h"
#include "states.h"
#include "walks.h"

#include <string.h>

enum { LOOP_BOUND = 3 };
enum { TALLY = 258 };           /* how far counts in memory are told apart: further than loops are run in full */

/* First a glance: when nothing is stuck although counts are hardly told apart, nothing
 * is. Else as it is written, when that is soon done; else closer: with counts made smaller that keep how they relate (scale.h), and where
 * that is still too much, much smaller; then as they are. What a look may cost is little,
 * but for the last. */
enum { LOOK_GLANCE, LOOK_PLAIN, LOOK_SCALED, LOOK_SMALL, LOOK_EXACT, LOOK_COARSE, LOOK_LAST };
static const struct look {
    struct coarseness coarse;
    uint32_t          states;
    double            seconds;
} looks[] = {
    [LOOK_GLANCE] = { { 12, 2, 12, false }, 2000, 0.5 },
    [LOOK_PLAIN] = { { INT64_MAX, INT64_MAX, INT64_MAX, false }, 1000, 0.3 },
    [LOOK_SCALED] = { { 12, 8, TALLY, true }, 20000, 1 },
    [LOOK_SMALL] = { { 2, 8, TALLY, true }, 20000, 2 },
    [LOOK_EXACT] = { { INT64_MAX, 8, INT64_MAX, false }, 20000, 2 },
    [LOOK_COARSE] = { { 256, 2, 12, true }, 20000, 2 },
    [LOOK_LAST] = { { 256, 8, TALLY, true }, UINT32_MAX, 1e9 },
};
/* How many states make it worth while to find out which locks can be passed over, and how often it is tried. */
enum { PASS_LOCKS_FROM = 2000, PASS_LOCKS_TRIES = 8, CIRCLE_STATES = 4000 };
/* A loop of unknown count, left at the bound, may go on to where a constant matters: n workers, and
 * four are told to stop. With a bound beyond that constant there is one look more; that it costs too much
 * is said, and takes nothing away from what was explored. */
enum { BEYOND_COUNTS = 3, BEYOND_MAX = 16, BEYOND_STATES = 4000 };
static const struct coarseness beyond = { BEYOND_MAX + 1, BEYOND_MAX + 4, TALLY, true };
static const double beyond_seconds = 0.3;
/* Of a root that is too much for every look, a few schedules are walked along with the program's own numbers; the time
 * for that is its own. */
enum { WALK_STATES = 50000 };
static const double walk_seconds = 1;
static const struct coarseness exact = { INT64_MAX, INT64_MAX, INT64_MAX, false };

static void add_coverage(struct facts *facts, uint32_t *capacity, struct coverage c)
{
    ARENA_PUSH(facts->arena, facts->coverage, facts->coverage_count, *capacity) = c;
}

static bool is_said(const struct facts *facts, uint32_t function, const char *text)
{
    for (uint32_t i = 0; i < facts->coverage_count; i++)
        if (facts->coverage[i].at.function == function && facts->coverage[i].text &&
            !strcmp(facts->coverage[i].text, text))
            return true;
    return false;
}

/* What lowering could not express matters where the root can get to it. Where it was come to, that has been said. */
static void note_coverage(const struct flow *program, const struct plan *plan, struct facts *facts,
                          uint32_t *capacity)
{
    for (uint32_t i = 0; i < program->note_count; i++) {
        const struct note *n = &program->notes[i];

        if (n->function != FLOW_NONE && plan->functions[n->function].reached &&
            !is_said(facts, n->function, flow_string(program, n->text)))
            add_coverage(facts, capacity, (struct coverage){
                .kind = COVERAGE_NOT_UNDERSTOOD, .at = { n->function, FLOW_NONE },
                .text = flow_string(program, n->text) });
    }
}

static const char *cut_text(enum coverage_kind cut)
{
    switch (cut) {
    case COVERAGE_CUT_STATES: return "too many states";
    case COVERAGE_CUT_MEMORY: return "too much memory";
    case COVERAGE_CUT_TIME:   return "too much time";
    case COVERAGE_EXPLORED: case COVERAGE_CUT_LOOP: case COVERAGE_NOT_UNDERSTOOD: case COVERAGE_BOUND:
        break;
    }
    return "";
}

static uint64_t least(uint64_t limit, uint64_t n)
{
    return limit && limit < n ? limit : n;
}

/* Somebody gave back too much: who it was depends on who came first, also between an operation and
 * what follows it at once. */
static bool gives_too_much(const struct search *s)
{
    for (uint32_t i = 0; i < s->fault_count; i++)
        if (s->faults[i].kind == FACT_NEGATIVE_WAIT_GROUP || s->faults[i].kind == FACT_UNLOCK_UNLOCKED)
            return true;
    return false;
}

/* One exploration of a root: everything that lives as long. */
struct exploration {
    const struct flow *flow;
    uint32_t           root;
    struct explore_options options;
    struct arena      *arena, *scratch;
    struct machine     m;
    struct search      s;
    struct facts       closing;     /* what comes of circles of locks that are passed over */
    uint32_t           closed;      /* how many places of such there are */
    bool               locks_kept;  /* too many of them turned out not to be passed over */
    double             max_seconds; /* of all looks; 0: no limit */
    double             start;
    struct arena      *states;      /* of s; NULL before the first look */
    const struct plan *exact;       /* NULL until needed */
};

/* What a look that wants so many seconds may take of the time that is left; 0: all it wants. */
static double seconds_of(const struct exploration *x, double wanted)
{
    enum { LEAST = 1000 };          /* a part of a second, when none is left */
    double left = x->max_seconds - (search_now() - x->start);

    if (x->max_seconds <= 0)
        return wanted == looks[LOOK_LAST].seconds ? 0 : wanted;
    left = left < 1.0 / LEAST ? 1.0 / LEAST : left;
    return left < wanted ? left : wanted;
}

static void forget(struct exploration *x)
{
    if (!x->states)
        return;
    search_free(&x->s);
    arena_free(x->states);
}

static void begin_search(struct exploration *x, const struct plan *plan, double seconds)
{
    struct machine *m = &x->m;

    forget(x);
    x->states = arena_new();
    m->plan = plan;
    m->widening = (struct coverage){ 0 };
    m->bounded = false;
    m->coverage = NULL;
    m->coverage_count = m->coverage_capacity = 0;
    x->options.max_seconds = seconds_of(x, seconds);
    search_init(&x->s, m, m->options, x->states);
}

static void search_by(struct exploration *x, const struct plan *plan, uint32_t states, double seconds)
{
    begin_search(x, plan, seconds);
    search_from_root(&x->s, x->root,
                     states == UINT32_MAX ? x->options.max_states : least(x->options.max_states, states));
}

static void retrace(struct exploration *x)
{
    if (!scaling_changes(x->m.plan->scaling))
        return;
    if (!x->exact)
        x->exact = plan_make(x->flow, x->root, exact, x->options.without, x->scratch);
    retrace_findings(&x->s, x->exact);
}

/* What takes many states takes fewer when the locks are passed over that can be. */
static bool is_worth_passing(const struct exploration *x)
{
    uint32_t from = x->options.pass_locks_from;

    return !x->m.lock_order && !x->locks_kept && !(x->options.without & REDUCTION_LOCKS) && x->m.plan->has_locks &&
           (x->s.cut != COVERAGE_EXPLORED || x->s.node_count > (from ? from : PASS_LOCKS_FROM));
}

/* Which locks those are, the explorations tell. */
static void search_passing_locks(struct exploration *x, const struct plan *plan, uint32_t states, double seconds)
{
    for (unsigned tries = 0; tries <= PASS_LOCKS_TRIES; tries++) {
        lock_order_again(x->m.lock_order);
        search_by(x, plan, states, seconds);
        if (!lock_order_is_refuted(x->m.lock_order))
            return;
    }
}

/* Is a task found stuck at each of these places? */
static bool are_all_stuck(const struct facts *facts, const struct place *places, uint32_t count)
{
    uint32_t found = 0;

    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < facts->fact_count; k++)
            if (facts->facts[k].kind == FACT_STUCK && facts->facts[k].at.function == places[i].function &&
                facts->facts[k].at.instr == places[i].instr) {
                found++;
                break;
            }
    return found == count;
}

/* Find the schedules in which the circles of `order` close, for all places where that can be. */
static bool close_circles(struct exploration *x, const struct lock_order *order, const struct plan *plan,
                          double seconds)
{
    struct place places[TAKEN_MAX];
    uint32_t count = lock_order_circles(order, places);

    for (unsigned tries = 0; count && tries <= PASS_LOCKS_TRIES; tries++) {
        lock_order_again(x->m.lock_order);
        begin_search(x, plan, seconds);
        circles_search(&x->s, x->root, places, count, CIRCLE_STATES);
        if (lock_order_is_refuted(x->m.lock_order))
            continue;
        retrace(x);
        x->closing = (struct facts){ .arena = x->arena, .root = x->root };
        verdict(&x->s, &x->closing);
        x->closed = are_all_stuck(&x->closing, places, count) ? count : 0;
        return x->closed;
    }
    return false;
}

/* Locks of circles are as they are, unless that is too much and all that comes of them is found by itself. */
static void search_past_locks(struct exploration *x, const struct plan *plan, uint32_t states, double seconds)
{
    struct lock_order *all = x->m.lock_order;
    struct place places[TAKEN_MAX];

    search_passing_locks(x, plan, states, seconds);
    if (!lock_order_is_refuted(all) && lock_order_circles(all, places) > x->closed) {
        x->m.lock_order = lock_order_with_circles(all, x->scratch);
        search_passing_locks(x, plan, states, seconds);
        if (x->s.cut != COVERAGE_EXPLORED && close_circles(x, all, plan, seconds)) {
            x->m.lock_order = all;
            search_passing_locks(x, plan, states, seconds);
        }
    }
    if (!lock_order_is_refuted(x->m.lock_order) && lock_order_has_passed(x->m.lock_order))
        return;
    x->m.lock_order = NULL;
    x->locks_kept = true;
    search_by(x, plan, states, seconds);
}

static void look(struct exploration *x, struct plan *plan, uint32_t states, double seconds)
{
    if (x->m.lock_order)
        search_past_locks(x, plan, states, seconds);
    else
        search_by(x, plan, states, seconds);
    if (is_worth_passing(x)) {
        x->m.lock_order = lock_order_new(x->scratch);
        search_past_locks(x, plan, states, seconds);
    }
    search_components(&x->s);
    rounds_of_polls(&x->s);
    retrace(x);
}

static bool is_settled(const struct search *s)
{
    return !s->withheld && s->cut == COVERAGE_EXPLORED;
}

/* Would a look by this plan see the same as the one before? */
static bool sees_the_same(const struct exploration *x, const struct plan *now)
{
    const struct plan *before = x->m.plan;
    bool complete = x->s.cut == COVERAGE_EXPLORED;

    return before->long_loops == now->long_loops && scaling_equal(before->scaling, now->scaling) &&
           (before->coarse.saturation == now->coarse.saturation ||
            (complete && before->coarse.saturation > now->coarse.saturation));
}

static bool is_full(const struct exploration *x)
{
    return x->options.without & REDUCTION_SLICE;
}

static struct plan *plan_of(const struct exploration *x, int i)
{
    return plan_make(x->flow, x->root, is_full(x) ? exact : looks[i].coarse, x->options.without, x->scratch);
}

/* What was found with the source's own numbers is true, whatever closer looks come to. */
static void keep_proved(struct exploration *x, struct facts *proved)
{
    if (scaling_changes(x->m.plan->scaling) && !is_settled(&x->s))
        verdict(&x->s, proved);
}

/* Was something left out that smaller numbers may have room for - sixty tasks, a loop too long - or that only
 * the program's own say: how many cases a select has? */
static bool leaves_out(const struct exploration *x)
{
    for (uint32_t i = 0; i < x->m.coverage_count; i++)
        if (x->m.coverage[i].kind == COVERAGE_CUT_LOOP || x->m.coverage[i].kind == COVERAGE_NOT_UNDERSTOOD)
            return true;
    return false;
}

/* Could look i say more than the one before? */
static bool is_worth_it(const struct exploration *x, int i, const struct plan *plan)
{
    bool complete = x->s.cut == COVERAGE_EXPLORED;
    const struct plan *last;

    switch (i) {
    case LOOK_GLANCE:
        return true;
    case LOOK_SCALED:
        return scaling_shrinks(plan->scaling);
    case LOOK_SMALL:
        return scaling_shrinks(plan->scaling) && (leaves_out(x) || !(complete && scaling_changes(x->m.plan->scaling)));
    case LOOK_EXACT:
        last = plan_of(x, LOOK_LAST);
        return scaling_changes(last->scaling) || last->long_loops;
    case LOOK_LAST:
        return !complete || !sees_the_same(x, plan);
    default:
        return !sees_the_same(x, plan);
    }
}

/* Look closer until nothing is in doubt any more. False: there is nothing to look at. */
static bool look_closer(struct exploration *x, struct facts *proved)
{
    struct plan *settled = NULL;    /* but for what it leaves out */

    for (int i = is_full(x) ? LOOK_LAST : LOOK_GLANCE; i <= LOOK_LAST; i++) {
        struct plan *plan = settled && i > LOOK_SMALL ? settled : plan_of(x, i);

        if (!plan->operates)
            return false;
        if (!is_full(x) && plan != settled && !is_worth_it(x, i, plan))
            continue;
        look(x, plan, looks[i].states, looks[i].seconds);
        if (is_settled(&x->s) && (plan == settled || i > LOOK_SMALL || !leaves_out(x)))
            break;
        if (is_settled(&x->s) && !settled)
            settled = plan;
        keep_proved(x, proved);
    }
    if (gives_too_much(&x->s)) {
        x->options.without |= REDUCTION_MOVERS;
        x->exact = NULL;
        look(x, plan_make(x->flow, x->root, x->m.plan->coarse, x->options.without, x->scratch),
             looks[LOOK_LAST].states, looks[LOOK_LAST].seconds);
    }
    return true;
}

static bool has_fact(const struct facts *facts, const struct fact *like)
{
    for (uint32_t i = 0; i < facts->fact_count; i++)
        if (facts->facts[i].kind == like->kind && facts->facts[i].at.function == like->at.function &&
            facts->facts[i].at.instr == like->at.instr)
            return true;
    return false;
}

static void add_proved(struct facts *facts, const struct facts *proved)
{
    uint32_t capacity = facts->fact_count;

    for (uint32_t i = 0; i < proved->fact_count; i++)
        if (!has_fact(facts, &proved->facts[i]))
            ARENA_PUSH(facts->arena, facts->facts, facts->fact_count, capacity) = proved->facts[i];
}

static void collect(struct exploration *x, struct facts *facts)
{
    struct machine *m = &x->m;
    uint32_t capacity = 0;

    verdict(&x->s, facts);
    if (x->s.withheld && m->widening.text)
        add_coverage(facts, &capacity, m->widening);
    facts->states = x->s.node_count;
    facts->transitions = x->s.transitions;
    for (uint32_t i = 0; i < m->coverage_count; i++)
        add_coverage(facts, &capacity, m->coverage[i]);
    note_coverage(x->flow, m->plan, facts, &capacity);
    if (x->s.cut != COVERAGE_EXPLORED)
        add_coverage(facts, &capacity, (struct coverage){
            .kind = (uint8_t)x->s.cut, .at = { x->root, FLOW_NONE }, .text = cut_text(x->s.cut) });
}

static void add_bound(const struct exploration *x, struct facts *facts, unsigned bound)
{
    uint32_t capacity = facts->coverage_count;

    add_coverage(facts, &capacity, (struct coverage){
        .kind = COVERAGE_BOUND, .at = { x->root, FLOW_NONE },
        .text = arena_printf(x->arena, "loops of unknown count run at most %u times: with %u, as a constant suggests, %s",
                             bound, x->options.loop_bound, cut_text(x->s.cut)) });
}

/* Look beyond the bound, as far as the constants that something is counted with, for what more there is. */
static void look_beyond(struct exploration *x, struct facts *facts)
{
    struct plan *plan = plan_make(x->flow, x->root, beyond, x->options.without, x->scratch);
    int64_t counts[BEYOND_COUNTS];
    uint32_t n = scale_counts(x->flow, plan, x->options.loop_bound, BEYOND_MAX, counts, BEYOND_COUNTS, x->scratch);
    unsigned bound = x->options.loop_bound;

    x->m.beyond = true;
    for (uint32_t i = 0; i < n; i++) {
        struct facts more = { .arena = x->arena, .root = x->root };

        x->options.loop_bound = (unsigned)counts[i] + 1;
        look(x, plan, BEYOND_STATES, beyond_seconds);
        if (x->s.cut != COVERAGE_EXPLORED) {
            add_bound(x, facts, bound);
            break;
        }
        verdict(&x->s, &more);
        add_proved(facts, &more);
    }
}

static void walk(struct exploration *x, struct facts *facts)
{
    struct plan *plan = plan_make(x->flow, x->root, exact, x->options.without, x->scratch);
    struct facts more = { .arena = x->arena, .root = x->root };

    x->m.lock_order = NULL;
    x->start = search_now();
    begin_search(x, plan, walk_seconds);
    walks_search(&x->s, x->root, least(x->options.max_states, WALK_STATES));
    search_components(&x->s);
    verdict(&x->s, &more);
    add_proved(facts, &more);
}

struct facts explore(const struct flow *program, uint32_t root, const struct explore_options *options,
                     struct arena *arena)
{
    struct facts facts = { .arena = arena, .root = root }, proved = facts;
    struct exploration x = { .flow = program, .root = root, .options = *options, .arena = arena,
                             .max_seconds = options->max_seconds, .start = search_now(),
                             .scratch = arena_new() };

    x.options.loop_bound = options->loop_bound ? options->loop_bound : LOOP_BOUND;
    x.m = (struct machine){ .flow = program, .options = &x.options, .arena = arena_new(), .coverage_arena = arena,
                            .use_arena = x.scratch, .forced = FLOW_NONE };
    if (look_closer(&x, &proved)) {
        bool too_much = x.s.cut != COVERAGE_EXPLORED;
        double start = x.start;

        if (options->states)
            states_print(&x.s, options->states);
        collect(&x, &facts);
        if (!is_settled(&x.s))
            add_proved(&facts, &proved);
        add_proved(&facts, &x.closing);
        if (x.m.bounded && !options->loop_bound)
            look_beyond(&x, &facts);
        if (too_much && !options->is_part)
            walk(&x, &facts);
        facts.seconds = search_now() - start;
    }
    forget(&x);
    arena_free(x.m.arena);
    arena_free(x.scratch);
    return facts;
}
