/* replay.h - a schedule for the runtime to follow, and what a run of it showed. */
#ifndef REPLAY_H
#define REPLAY_H

#include "finding.h"

/* What a run can show of a finding. */
enum replay_sign {
    REPLAY_LEAK,                /* a task that never goes on from the operation */
    REPLAY_ENDLESS,             /* a task that goes on for ever */
    REPLAY_ABORT,               /* the process ends at the operation, with words of its own */
    REPLAY_NOTHING,
};
enum replay_sign replay_sign(const struct finding *finding);

/* A schedule as text, for CHANRT_TRACE (runtime/src/seed_trace.h). */
struct replay {
    const char *text;
    uint32_t   *steps;          /* of the finding, by number in the text from 0 */
    uint32_t    count;
};
struct replay replay_of(const struct finding *finding, struct arena *arena);

/* What a run wrote to stderr. */
struct replay_verdict {
    bool     shown;             /* the finding happened */
    uint64_t seed;              /* of many runs: the first that shows it */
    bool     followed;          /* the trace, to its end */
    uint32_t left;              /* else: 1 + the first step that did not come; 0: the run says nothing */
};
struct replay_verdict replay_judge(const struct finding *finding, const char *output, struct arena *arena);

/* What the schedule assumes, before its step `at`, in the words of the source; NULL: nothing. */
const char *replay_assumption(const struct finding *finding, uint32_t at, struct arena *arena);

#endif
