/* explore_flow FILE.flow...: explore @main of each flow and compare what was
 * found with the file's own expectations, its lines that start with "#= ".
 * With --print, print what was found instead. Both the reduced and the full
 * exploration are run: they must come to the same verdicts, and a line
 * "#= states N of M" says how many states each of them took. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"
#include "flow_text.h"

static const char *const fact_words[] = {
    [FACT_STUCK] = "stuck", [FACT_SEND_ON_CLOSED] = "send-on-closed", [FACT_DOUBLE_CLOSE] = "double-close",
    [FACT_CLOSE_NULL] = "close-null", [FACT_NEGATIVE_WAIT_GROUP] = "negative-wait-group",
    [FACT_UNLOCK_UNLOCKED] = "unlock-unlocked", [FACT_ELEMENT_SIZE] = "element-size",
    [FACT_LOST_CONTEXT] = "lost-context",
};
static const char *const role_words[] = { "primary", "mutual", "self", "secondary" };

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *text;
    long size;

    if (!f) {
        perror(path);
        exit(2);
    }
    fseek(f, 0, SEEK_END);
    size = ftell(f);
    rewind(f);
    text = calloc(1, (size_t)size + 1);
    if (fread(text, 1, (size_t)size, f) != (size_t)size)
        exit(2);
    fclose(f);
    return text;
}

static uint32_t function_named(const struct flow *flow, const char *name)
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

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

enum { LINE = 160, LINES = 64 };
struct found {
    char     lines[LINES][LINE];
    uint32_t count;
    uint64_t states;
};

static void find(const struct flow *flow, bool full, struct found *out)
{
    struct arena *arena = arena_new();
    struct explore_options options = { .max_states = 200000, .full = full };
    struct facts facts = explore(flow, function_named(flow, "main"), &options, arena);

    out->count = 0;
    out->states = facts.states;
    for (uint32_t i = 0; i < facts.fact_count && out->count < LINES; i++)
        describe(flow, &facts.facts[i], out->lines[out->count++], LINE);
    for (uint32_t i = 0; i < facts.coverage_count && out->count < LINES; i++)
        snprintf(out->lines[out->count++], LINE, "not explored: %s", facts.coverage[i].text);
    qsort(out->lines, out->count, LINE, compare_lines);
    arena_free(arena);
}

static bool same_lines(const struct found *a, const struct found *b)
{
    for (uint32_t i = 0; i < a->count && i < b->count; i++)
        if (strcmp(a->lines[i], b->lines[i]) != 0)
            return false;
    return a->count == b->count;
}

static uint32_t expectations(const char *text, char lines[][LINE])
{
    uint32_t n = 0;

    for (const char *p = text; p && n < LINES; p = strchr(p, '\n')) {
        p += *p == '\n';
        if (strncmp(p, "#= ", 3) == 0)
            snprintf(lines[n++], LINE, "%.*s", (int)strcspn(p + 3, "\n"), p + 3);
        if (!*p)
            break;
    }
    qsort(lines, n, LINE, compare_lines);
    return n;
}

/* Both lists are sorted. */
static int differences(const char *path, char expected[][LINE], uint32_t n, const struct found *found)
{
    uint32_t i = 0, j = 0;
    int bad = 0;

    while (i < n || j < found->count) {
        int order = i == n ? 1 : j == found->count ? -1 : strcmp(expected[i], found->lines[j]);

        if (order < 0)
            printf("%s: expected, not found: %s\n", path, expected[i]);
        else if (order > 0)
            printf("%s: found, not expected: %s\n", path, found->lines[j]);
        bad |= order != 0;
        i += order <= 0;
        j += order >= 0;
    }
    return bad;
}

static int check(const char *path, bool print)
{
    struct arena *arena = arena_new();
    char *text = read_file(path);
    const char *error;
    struct flow *flow = flow_read(text, path, arena, &error);
    static struct found reduced, full;
    static char expected[LINES][LINE];
    int bad = 0;

    if (!flow || function_named(flow, "main") == FLOW_NONE) {
        fprintf(stderr, "%s\n", flow ? "no @main" : error);
        arena_free(arena);
        free(text);
        return 1;
    }
    find(flow, false, &reduced);
    find(flow, true, &full);
    if (!same_lines(&reduced, &full)) {
        printf("%s: the full exploration finds something else\n", path);
        for (uint32_t i = 0; i < full.count; i++)
            printf("  full: %s\n", full.lines[i]);
        for (uint32_t i = 0; i < reduced.count; i++)
            printf("  reduced: %s\n", reduced.lines[i]);
        bad = 1;
    }
    snprintf(reduced.lines[reduced.count++], LINE, "states %llu of %llu", (unsigned long long)reduced.states,
             (unsigned long long)full.states);
    qsort(reduced.lines, reduced.count, LINE, compare_lines);
    uint32_t n = expectations(text, expected);
    if (print)
        for (uint32_t i = 0; i < reduced.count; i++)
            printf("#= %s\n", reduced.lines[i]);
    if (!print)
        bad |= differences(path, expected, n, &reduced);
    arena_free(arena);
    free(text);
    return bad;
}

int main(int argc, char **argv)
{
    bool print = argc > 1 && strcmp(argv[1], "--print") == 0;
    int bad = 0;

    for (int i = 1 + print; i < argc; i++)
        bad |= check(argv[i], print);
    return bad;
}
