/* report_trace.h - between the two halves of a schedule's telling: report_trace.c
 * chooses the steps, report_words.c has the words. */
#ifndef REPORT_TRACE_H
#define REPORT_TRACE_H

#include "report.h"

/* A step that is told, with what the others say about it. */
struct told {
    const struct finding      *finding;
    const struct finding_step *step;
    uint32_t *tasks;    uint32_t task_count;    /* START: those started here; DONE, RETURN: those who do it */
    int64_t   times;        /* how often it is done; 0: several times */
    bool      mixed;        /* not always with the same peer */
    bool      kept;         /* a lock that its task does not give back */
    bool      waits;        /* its task is stuck in the end */
    bool      ambiguous;    /* another lock in the schedule has the same name */
    bool      without_done; /* a return of a task that was never done with the wait group waited for */
    uint32_t  holder;       /* task that has the lock the step waits for, or FLOW_NONE */
};

bool same_site(const struct site *a, const struct site *b);
/* Are both steps on the same object? */
bool trace_same_object(const struct finding_step *a, const struct finding_step *b);

/* "channel made here, capacity 0" */
const char *trace_made_words(const struct finding *finding, struct arena *arena);
/* What happens, with who does it: "main: closes 'ch'", "tasks T1 and T2 started here" */
const char *trace_step_words(const struct told *told, struct arena *arena);
/* Whom a stuck task would have needed: "; no receiver is left for 'ch'", or "" */
const char *trace_missing_words(const struct finding *finding, struct arena *arena);
/* The text of a branch's condition, or NULL when it does not fit a message. */
const char *trace_condition(const struct finding_step *step, struct arena *arena);
/* What a branch or a switch went by: "'argc > 1' is true" */
const char *trace_assumption(const struct finding_step *step, struct arena *arena);

#endif
