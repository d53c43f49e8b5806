/* finding.h - what a rule says about a fact, with everything a report needs.
 *
 * Filled from the store, deduplicated and ordered here, printed by report*.
 * Strings live in the arena of the list.
 */
#ifndef FINDING_H
#define FINDING_H

#include "facts.h"
#include "source.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

struct finding_step {
    enum step_kind kind;
    uint32_t    task, other;    /* FLOW_NONE */
    const char *function;       /* it stands in */
    const char *word;           /* of the operation: "send" */
    const char *object;         /* what a person calls it; "" */
    struct site at;
    uint32_t    end_line, end_col;  /* of a condition's text, exclusive; 0: unknown */
    struct site made;           /* of the object */
    int64_t     value;          /* case, truth of a condition */
    int64_t     amount;         /* added to a wait group; 0: not known */
    int64_t     times;          /* its round is gone through so often, 1: once; 0: several times */
    uint32_t    round;          /* steps of that from this one on */
    uint32_t    identity;       /* which object, within the schedule; 0: unknown */
    uint32_t    since;          /* BLOCK, QUEUE: the step that took the lock it waits for; FLOW_NONE */
};

enum silence { SILENCE_NONE, SILENCE_COMMENT, SILENCE_BASELINE };

struct finding {
    int64_t       row;          /* in the store */
    int64_t       program;      /* likewise, it is found in */
    const char   *rule, *message, *help;
    const char   *kind;         /* of the fact, as in facts.kind */
    const char   *confirmed;    /* a run has shown it: as in confirmations.how; NULL: none has */
    enum severity severity;
    struct site   at;
    struct site   operation;    /* that waits for ever, or fails: often the same */
    const char   *text;         /* of the line, as finding_key_line has it; of findings that were read from the store;
                                 * NULL: not known */
    const char   *function;     /* it stands in */
    const char   *root;         /* function the schedule starts from */
    const char   *word, *name;  /* of the operation, of its object; "" */
    uint32_t      task;         /* the one that is stuck, or fails; 0: the root */
    const char   *entry;        /* function that task runs */
    struct site   spawned;
    struct site   made;
    enum object_kind object;
    int64_t       capacity;     /* of a channel; -1: unknown */
    bool          mutual;       /* stuck with others that wait for one another */
    bool          secondary;    /* only waits for another that is stuck */
    enum silence  silence;      /* why it is not told of */
    const char   *justification;    /* of that; "": none was given */
    bool          stuck;        /* else the schedule ends in a fault */
    struct finding_step *steps;
    uint32_t      step_count;
};

struct findings {
    struct arena   *arena;
    struct finding *list;
    uint32_t        count, capacity;
};

/* Keep one finding for each rule and place, the one with the shortest schedule. */
void findings_add(struct findings *findings, const struct finding *finding);
/* Of the same rule, at the same place? */
bool finding_is_same(const struct finding *a, const struct finding *b);
/* By file, line, column and rule. */
void findings_sort(struct findings *findings);

const char *severity_name(enum severity severity);

#endif
