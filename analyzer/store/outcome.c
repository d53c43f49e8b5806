#include "outcome.h"

#include <string.h>

#include "source.h"

struct outcome outcome_of(const struct findings *findings, struct arena *arena)
{
    struct outcome outcome = { 0 };

    for (uint32_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->list[i];
        struct finding_key key = finding_key(f, f->at.file, source_line(f->at.file, f->at.line, arena), arena);

        ARENA_PUSH(arena, outcome.list, outcome.count, outcome.capacity) = (struct outcome_finding){
            .rule = key.rule, .function = key.function, .object = key.object, .text = key.line, .at = f->at,
        };
    }
    return outcome;
}

static bool has(const struct outcome *outcome, const struct outcome_finding *f)
{
    for (uint32_t i = 0; i < outcome->count; i++) {
        const struct outcome_finding *have = &outcome->list[i];

        if (have->at.line == f->at.line && have->at.col == f->at.col && !strcmp(have->rule, f->rule) &&
            !strcmp(have->at.file ? have->at.file : "", f->at.file ? f->at.file : ""))
            return true;
    }
    return false;
}

void outcome_join(struct outcome *outcome, const struct outcome *more, struct arena *arena)
{
    for (uint32_t i = 0; i < more->count; i++)
        if (!has(outcome, &more->list[i]))
            ARENA_PUSH(arena, outcome->list, outcome->count, outcome->capacity) = more->list[i];
}
