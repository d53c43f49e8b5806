#include "explore.h"

#include "rounds.h"

enum { LOOP_BOUND = 3 };

/* First a coarse look: when nothing is stuck although counts are hardly told
 * apart, nothing is. Else closer. What a coarse look may cost is little. */
static const struct coarseness looks[] = { { 12, 2 }, { 256, 2 }, { 256, 8 } };
enum { LOOKS = sizeof looks / sizeof *looks, COARSE_STATES = 20000 };
static const struct coarseness exact = { INT64_MAX, INT64_MAX };

static void add_coverage(struct facts *facts, uint32_t *capacity, struct coverage c)
{
    ARENA_PUSH(facts->arena, facts->coverage, facts->coverage_count, *capacity) = c;
}

/* What lowering could not express matters where the root can get to it. */
static void note_coverage(const struct flow *program, const struct plan *plan, struct facts *facts,
                          uint32_t *capacity)
{
    for (uint32_t i = 0; i < program->note_count; i++) {
        const struct note *n = &program->notes[i];

        if (n->function != FLOW_NONE && plan->functions[n->function].reached)
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
    case COVERAGE_EXPLORED: case COVERAGE_CUT_LOOP: case COVERAGE_NOT_UNDERSTOOD:
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

static void look(struct machine *m, struct search *s, uint32_t root, uint64_t max_states, struct arena *arena)
{
    m->widening = (struct coverage){ 0 };
    m->coverage = NULL;
    m->coverage_count = m->coverage_capacity = 0;
    search_init(s, m, m->options, arena);
    search_from_root(s, root, max_states);
    search_components(s);
    rounds_of_polls(s);
}

struct facts explore(const struct flow *program, uint32_t root, const struct explore_options *given,
                     struct arena *arena)
{
    struct facts facts = { .arena = arena, .root = root };
    struct explore_options options = *given;
    struct arena *scratch = arena_new(), *running = arena_new();
    struct machine m = { .flow = program, .options = &options, .arena = running, .coverage_arena = arena,
                         .use_arena = scratch, .forced = FLOW_NONE };
    struct search s;
    double start = search_now();
    uint32_t capacity = 0;

    options.loop_bound = options.loop_bound ? options.loop_bound : LOOP_BOUND;
    for (int i = options.without & REDUCTION_SLICE ? LOOKS - 1 : 0, done = 0; !done; i++) {
        const struct plan *coarser = m.plan;

        m.plan = plan_make(program, root, options.without & REDUCTION_SLICE ? exact : looks[i], options.without, scratch);
        if (!m.plan->operates)
            break;              /* nothing here waits for anything */
        if (coarser && coarser->long_loops == m.plan->long_loops && looks[i].saturation == looks[i - 1].saturation)
            continue;           /* would see the same again */
        if (coarser)
            search_free(&s);
        look(&m, &s, root, i == LOOKS - 1 ? options.max_states : least(options.max_states, COARSE_STATES), scratch);
        done = i == LOOKS - 1 || (!s.withheld && s.cut == COVERAGE_EXPLORED);
    }
    if (m.plan->operates && gives_too_much(&s)) {
        options.without |= REDUCTION_MOVERS;
        m.plan = plan_make(program, root, m.plan->coarse, options.without, scratch);
        search_free(&s);
        look(&m, &s, root, options.max_states, scratch);
    }
    if (!m.plan->operates) {
        arena_free(running);
        arena_free(scratch);
        return facts;
    }
    verdict(&s, &facts);
    if (s.withheld && m.widening.text)
        add_coverage(&facts, &capacity, m.widening);
    facts.states = s.node_count;
    facts.transitions = s.transitions;
    note_coverage(program, m.plan, &facts, &capacity);
    for (uint32_t i = 0; i < m.coverage_count; i++)
        add_coverage(&facts, &capacity, m.coverage[i]);
    if (s.cut != COVERAGE_EXPLORED)
        add_coverage(&facts, &capacity, (struct coverage){
            .kind = (uint8_t)s.cut, .at = { root, FLOW_NONE }, .text = cut_text(s.cut) });
    search_free(&s);
    arena_free(running);
    arena_free(scratch);
    facts.seconds = search_now() - start;
    return facts;
}
