#include "patience.h"

#include "arena.h"

/* Most programs take milliseconds: who needs more than a tenth of a second is seldom done in ten. */
enum {
    FULL = 6,                   /* so many times --timeout is spent on what is too much; then */
    PART = 50,                  /* a root has this part of it, */
    FULL_MAIN = 12,             /* main after so many times */
};

double patience_seconds(const struct patience *p, double timeout, bool is_main)
{
    return p->spent < (is_main ? FULL_MAIN : FULL) * timeout ? timeout : timeout / PART;
}

bool patience_tried(const struct patience *p, uint64_t key)
{
    for (uint32_t i = 0; i < p->count; i++)
        if (p->tried[i] == key)
            return true;
    return false;
}

void patience_note(struct patience *p, uint64_t key, const struct facts *facts, struct arena *arena)
{
    bool cut = false;

    for (uint32_t i = 0; i < facts->coverage_count; i++) {
        enum coverage_kind kind = facts->coverage[i].kind;

        cut = cut || kind == COVERAGE_CUT_TIME || kind == COVERAGE_CUT_STATES || kind == COVERAGE_CUT_MEMORY;
        if (kind == COVERAGE_CUT_TIME && key && !patience_tried(p, key))
            ARENA_PUSH(arena, p->tried, p->count, p->capacity) = key;
    }
    if (cut)
        p->spent += facts->seconds;
}
