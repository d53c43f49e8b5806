/* outcome.h - what was found in a program in one state, without the schedules: enough to tell whether a later
 * state has the same findings (finding_key.h).
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "finding_key.h"

struct outcome_finding {
    const char *rule, *function, *object;
    const char *text;           /* of the line, normalised (finding_key_line) */
    struct site at;
};

struct outcome {
    struct outcome_finding *list;
    uint32_t                count, capacity;
};

/* The texts are those of the files now, or what stands in for them (source_overlay). */
struct outcome outcome_of(const struct findings *findings, struct arena *arena);
/* Add those that are of another rule or place than those it has. */
void           outcome_join(struct outcome *outcome, const struct outcome *more, struct arena *arena);

#endif
