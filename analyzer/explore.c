#include "explore.h"

#include "search.h"

#include <time.h>

enum { LOOP_BOUND = 3 };

/* Counters that end no loop are first told apart only as 0, 1 and more: when
 * nothing is stuck then, nothing is. Else they are counted further. */
static const int64_t saturations[] = { 2, 8 };

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

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

struct facts explore(const struct flow *program, uint32_t root, const struct explore_options *given,
                     struct arena *arena)
{
    struct facts facts = { .arena = arena, .root = root };
    struct explore_options options = *given;
    struct arena *scratch = arena_new(), *running = arena_new();
    struct machine m = { .flow = program, .options = &options, .arena = running, .coverage_arena = arena,
                         .use_arena = scratch, .forced = FLOW_NONE };
    struct search s;
    double start = now();
    uint32_t capacity = 0;

    options.loop_bound = options.loop_bound ? options.loop_bound : LOOP_BOUND;
    m.plan = plan_make(program, root, options.full, scratch);
    for (size_t i = 0; i < sizeof saturations / sizeof *saturations; i++) {
        if (i)
            search_free(&s);
        m.saturation = options.full ? INT64_MAX : saturations[i];
        m.widening = (struct coverage){ 0 };
        search_init(&s, &m, &options, scratch);
        search_from_root(&s, root);
        search_components(&s);
        if (!s.withheld)
            break;
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
    facts.seconds = now() - start;
    return facts;
}
