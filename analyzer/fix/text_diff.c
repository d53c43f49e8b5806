/* Few lines differ, and they are few: what is alike before and behind them is cut off, and the longest common subsequence
 * of the rest is found by dynamic programming (Wagner and Fischer, "The String-to-String Correction Problem", 1974). */
#include "text_diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { CONTEXT = 3 };

struct line {
    const char *text;
    uint32_t    size;           /* with its end */
};

struct lines {
    struct line *list;
    uint32_t     count, capacity;
};

/* One line of the diff: ' ', '-' or '+'. */
struct change {
    char     sign;
    uint32_t before, after;     /* lines that come before it, in either text */
    struct line line;
};

struct changes {
    struct arena  *arena;
    struct change *list;
    uint32_t       count, capacity;
};

static struct lines split(const char *text, struct arena *arena)
{
    struct lines l = { 0 };

    while (*text) {
        size_t size = strcspn(text, "\n");

        size += text[size] == '\n';
        ARENA_PUSH(arena, l.list, l.count, l.capacity) = (struct line){ text, (uint32_t)size };
        text += size;
    }
    return l;
}

static bool equal(const struct line *a, const struct line *b)
{
    return a->size == b->size && !memcmp(a->text, b->text, a->size);
}

static void add(struct changes *c, char sign, uint32_t before, uint32_t after, struct line line)
{
    ARENA_PUSH(c->arena, c->list, c->count, c->capacity) = (struct change){ sign, before, after, line };
}

/* longest[i * (m + 1) + k]: of what the lines from i and from k on have in common */
static void compare(struct changes *c, const struct lines *a, const struct lines *b, uint32_t first, uint32_t tail)
{
    uint32_t n = a->count - first - tail, m = b->count - first - tail, i = 0, k = 0;
    const struct line *old = a->list + first, *new = b->list + first;
    uint32_t *longest = ARENA_ARRAY(c->arena, uint32_t, (size_t)(n + 1) * (m + 1));

#define LONGEST(i, k) longest[(size_t)(i) * (m + 1) + (k)]
    for (uint32_t x = n; x-- > 0;)
        for (uint32_t y = m; y-- > 0;)
            LONGEST(x, y) = equal(&old[x], &new[y]) ? LONGEST(x + 1, y + 1) + 1
                : LONGEST(x + 1, y) > LONGEST(x, y + 1) ? LONGEST(x + 1, y) : LONGEST(x, y + 1);
    while (i < n || k < m) {
        if (i < n && k < m && equal(&old[i], &new[k])) {
            add(c, ' ', first + i, first + k, old[i]);
            i++;
            k++;
        } else if (i < n && (k == m || LONGEST(i + 1, k) >= LONGEST(i, k + 1))) {
            add(c, '-', first + i, first + k, old[i]);
            i++;
        } else {
            add(c, '+', first + i, first + k, new[k]);
            k++;
        }
    }
#undef LONGEST
}

static void print_hunk(const struct change *list, uint32_t count, FILE *out)
{
    uint32_t before = 0, after = 0;

    for (uint32_t i = 0; i < count; i++) {
        before += list[i].sign != '+';
        after += list[i].sign != '-';
    }
    fprintf(out, "@@ -%u,%u +%u,%u @@\n", list->before + (before > 0), before, list->after + (after > 0), after);
    for (uint32_t i = 0; i < count; i++) {
        const struct line *l = &list[i].line;

        fprintf(out, "%c%.*s", list[i].sign, (int)l->size, l->text);
        if (!l->size || l->text[l->size - 1] != '\n')
            fputs("\n\\ No newline at end of file\n", out);
    }
}

/* Changes with no more than twice the context between them share a hunk. */
static void print_hunks(const struct changes *c, FILE *out)
{
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t last = i, begin, end;

        if (c->list[i].sign == ' ')
            continue;
        for (uint32_t k = i; k < c->count && k - last <= 2 * CONTEXT; k++)
            if (c->list[k].sign != ' ')
                last = k;
        begin = i > CONTEXT ? i - CONTEXT : 0;
        end = last + CONTEXT < c->count ? last + CONTEXT + 1 : c->count;
        print_hunk(c->list + begin, end - begin, out);
        i = last;
    }
}

void text_diff(const char *path, const char *before, const char *after, struct arena *arena, FILE *out)
{
    struct lines a = split(before, arena), b = split(after, arena);
    struct changes c = { .arena = arena };
    uint32_t first = 0, tail = 0;

    if (!strcmp(before, after))
        return;
    while (first < a.count && first < b.count && equal(&a.list[first], &b.list[first]))
        first++;
    while (tail < a.count - first && tail < b.count - first &&
           equal(&a.list[a.count - 1 - tail], &b.list[b.count - 1 - tail]))
        tail++;
    for (uint32_t i = first > CONTEXT ? first - CONTEXT : 0; i < first; i++)
        add(&c, ' ', i, i, a.list[i]);
    compare(&c, &a, &b, first, tail);
    for (uint32_t i = 0; i < CONTEXT && i < tail; i++)
        add(&c, ' ', a.count - tail + i, b.count - tail + i, a.list[a.count - tail + i]);
    fprintf(out, "--- a/%s\n+++ b/%s\n", path, path);
    print_hunks(&c, out);
}
