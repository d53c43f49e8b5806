#include "found.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const fact_words[] = {
    [FACT_STUCK] = "stuck", [FACT_SEND_ON_CLOSED] = "send-on-closed", [FACT_DOUBLE_CLOSE] = "double-close",
    [FACT_CLOSE_NULL] = "close-null", [FACT_NEGATIVE_WAIT_GROUP] = "negative-wait-group",
    [FACT_UNLOCK_UNLOCKED] = "unlock-unlocked", [FACT_ELEMENT_SIZE] = "element-size",
    [FACT_LOST_CONTEXT] = "lost-context", [FACT_POLLING] = "polling", [FACT_SPINNING] = "spinning",
    [FACT_ENDLESS] = "endless", [FACT_CLOSED_BY_RECEIVER] = "closed-by-receiver",
    [FACT_ADD_IN_TASK] = "add-in-task", [FACT_ESCAPING] = "escaping", [FACT_CHANGING] = "changing",
};
static const char *const role_words[] = { "primary", "mutual", "self", "secondary" };

uint32_t function_named(const struct flow *flow, const char *name)
{
    for (uint32_t i = 0; i < flow->function_count; i++)
        if (strcmp(flow_function_name(flow, i), name) == 0)
            return i;
    return FLOW_NONE;
}

static void describe(const struct flow *flow, const struct fact *f, char *line, size_t size)
{
    struct place at = f->at.function != FLOW_NONE ? f->at : f->made;    /* lost where it was made */
    const struct instr *in = &flow->functions[at.function].instrs[at.instr];
    int n = snprintf(line, size, "%s in @%s at %u:%u", fact_words[f->kind],
                     flow_function_name(flow, at.function), in->loc.line, in->loc.col);

    if (f->kind == FACT_STUCK)
        snprintf(line + n, size - (size_t)n, " %s%s%s%s%s%s", role_words[f->role],
                 f->counterpart ? " counterpart" : "", f->range ? " range" : "",
                 f->leak_check ? " leak-check" : "", f->outside ? " outside" : "",
                 f->runs_on ? " runs-on" : "");
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

void sort_lines(char lines[][LINE], uint32_t count)
{
    qsort(lines, count, LINE, compare);
}

/* No question is given up: the answers must be the same. Looking beyond the bound is given up early. Small
 * explorations, too, find out which locks can be passed over. */
enum { WHAT_IF_STATES = 5000, LOOP_BOUND = 3, PASS_LOCKS_FROM = 1 };

void find(const struct flow *flow, unsigned without, uint64_t max_states, struct found *out)
{
    struct arena *arena = arena_new();
    struct explore_options options = { .max_states = max_states, .what_if_states = WHAT_IF_STATES,
                                       .loop_bound = LOOP_BOUND, .pass_locks_from = PASS_LOCKS_FROM,
                                       .without = without };
    struct facts facts = explore(flow, function_named(flow, "main"), &options, arena);

    *out = (struct found){ .states = facts.states };
    for (uint32_t i = 0; i < facts.fact_count && out->count < LINES; i++)
        describe(flow, &facts.facts[i], out->lines[out->count++], LINE);
    for (uint32_t i = 0; i < facts.coverage_count && out->count < LINES; i++) {
        out->cut |= facts.coverage[i].kind != COVERAGE_NOT_UNDERSTOOD;
        snprintf(out->lines[out->count++], LINE, "not explored: %s", facts.coverage[i].text);
    }
    sort_lines(out->lines, out->count);
    arena_free(arena);
}

static bool has_line(const struct found *found, const char *line)
{
    for (uint32_t i = 0; i < found->count; i++)
        if (strcmp(found->lines[i], line) == 0)
            return true;
    return false;
}

/* What the trace decides, and there are several to choose from: who locks what he holds, at which
 * of its operations a task that goes round is met, whether the schedule explains a close. */
static void forget_trace(struct found *found)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < found->count; i++) {
        char *self = strstr(found->lines[i], " self"), *place = strstr(found->lines[i], " at ");

        if (strstr(found->lines[i], "closed-by-receiver"))
            continue;
        if (self)
            memmove(self, " primary", sizeof " primary");
        if (place && strstr(found->lines[i], "endless"))
            *place = 0;
        memmove(found->lines[kept++], found->lines[i], LINE);
    }
    found->count = kept;
    sort_lines(found->lines, found->count);
}

/* Registers that nobody reads any more still lead somewhere without slicing, and count: who is out of
 * reach is seen later, or never when others run on; a state in which a loop only counts does not
 * come back; and a value that decides nothing cannot be told from one that does. */
static bool hangs_on_slice(const char *line)
{
    static const char *const words[] = { "runs-on", "lost-context", "polling", "spinning", "endless" };

    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(line, words[i]))
            return true;
    return false;
}

static bool same_lines(const struct found *a, const struct found *b, unsigned without)
{
    for (uint32_t i = 0; i < a->count; i++)
        if (!has_line(b, a->lines[i]) && !((without & REDUCTION_SLICE) && hangs_on_slice(a->lines[i])))
            return false;
    return true;
}

static const struct {
    const char *name;
    unsigned    without;
} variants[VARIANTS] = {
    { "without persistent sets", REDUCTION_PERSISTENT },
    { "without symmetry", REDUCTION_SYMMETRY },
    { "without movers", REDUCTION_MOVERS },
    { "without slicing", REDUCTION_SLICE },
    { "without passing over locks", REDUCTION_LOCKS },
    { "in full", REDUCTION_ALL },
};

unsigned reduced_by[VARIANTS];

const char *variant_name(unsigned variant)
{
    return variants[variant].name;
}

static void print_lines(const char *name, const struct found *found)
{
    for (uint32_t i = 0; i < found->count; i++)
        printf("  %s: %s\n", name, found->lines[i]);
}

bool find_alike(const struct flow *flow, const char *path, uint64_t max_states, struct found *reduced,
                struct found *full)
{
    static struct found plain;
    bool alike = true;

    find(flow, 0, max_states, reduced);
    plain = *reduced;
    forget_trace(&plain);
    for (unsigned i = 0; i < sizeof variants / sizeof *variants; i++) {
        find(flow, variants[i].without, max_states, full);
        reduced_by[i] += full->states > reduced->states;
        forget_trace(full);
        if (full->cut || reduced->cut || (same_lines(&plain, full, variants[i].without) &&
                                          same_lines(full, &plain, variants[i].without)))
            continue;
        printf("%s: explored %s, something else is found\n", path, variants[i].name);
        print_lines(variants[i].name, full);
        print_lines("reduced", &plain);
        alike = false;
    }
    return alike;
}
