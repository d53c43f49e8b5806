/* explore_flow FILE.flow...: explore @main of each flow and compare what was
 * found with the file's own expectations, its lines that start with "#= ".
 * With --print, print what was found instead; with --compare, expect nothing; with
 * --all, which expects as well, each reduction has to make some flow smaller; with
 * --full N, print how many states there are without any reduction, if at most N.
 * Explorations with all reductions, without one of them and without any must come
 * to the same verdicts; a line "#= states N of M" says how many states the first
 * and the last of them took. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow_text.h"
#include "found.h"

enum mode { EXPECT, ALL, PRINT, COMPARE, FULL };
enum { MAX_STATES = 200000, COMPARE_STATES = 1000 };

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
    sort_lines(lines, n);
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

static void print_full(const struct flow *flow, uint64_t max_states)
{
    static struct found full;

    find(flow, REDUCTION_ALL, max_states, &full);
    if (full.cut)
        printf("-\n");
    else
        printf("%llu\n", (unsigned long long)full.states);
}

static int check(const char *path, enum mode mode, uint64_t max_states)
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
    if (mode == FULL) {
        print_full(flow, max_states);
        arena_free(arena);
        free(text);
        return 0;
    }
    bad = !find_alike(flow, path, max_states, &reduced, &full);
    snprintf(reduced.lines[reduced.count++], LINE, "states %llu of %llu", (unsigned long long)reduced.states,
             (unsigned long long)full.states);
    sort_lines(reduced.lines, reduced.count);
    uint32_t n = expectations(text, expected);
    if (mode == PRINT)
        for (uint32_t i = 0; i < reduced.count; i++)
            printf("#= %s\n", reduced.lines[i]);
    if (mode == EXPECT || mode == ALL)
        bad |= differences(path, expected, n, &reduced);
    arena_free(arena);
    free(text);
    return bad;
}

/* A reduction that no flow shows would not be missed. */
static int all_reduce(void)
{
    int bad = 0;

    for (unsigned i = 0; i < VARIANTS; i++)
        if (!reduced_by[i]) {
            printf("explored %s, no flow has more states\n", variant_name(i));
            bad = 1;
        }
    return bad;
}

int main(int argc, char **argv)
{
    enum mode mode = argc > 1 && !strcmp(argv[1], "--print") ? PRINT
                   : argc > 1 && !strcmp(argv[1], "--compare") ? COMPARE
                   : argc > 1 && !strcmp(argv[1], "--all") ? ALL
                   : argc > 2 && !strcmp(argv[1], "--full") ? FULL : EXPECT;
    uint64_t max_states = mode == COMPARE ? COMPARE_STATES : mode == FULL ? strtoull(argv[2], NULL, 10) : MAX_STATES;
    int bad = 0;

    for (int i = 1 + (mode != EXPECT) + (mode == FULL); i < argc; i++)
        bad |= check(argv[i], mode, max_states);
    return mode == ALL ? bad | all_reduce() : bad;
}
