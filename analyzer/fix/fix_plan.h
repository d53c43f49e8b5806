/* fix_plan.h - what might repair a finding: edits that are worth a proof, the least intrusive first. Which kinds of
 * repair there are for a rule its page says (rule.h); where they go follows from the finding and from the outline of
 * the source.
 */
#ifndef FIX_PLAN_H
#define FIX_PLAN_H

#include "finding.h"
#include "fix_edit.h"
#include "outline.h"

struct fix_source {
    const char    *file;        /* absolute */
    const char    *text;
    struct outline outline;
};

struct fix_try {
    const char      *title;
    struct fix_edit *edits;
    uint32_t         edit_count;
};

struct fix_plan {
    struct arena            *arena;
    const struct finding    *finding;
    const struct fix_source *source;
    struct fix_try          *list;
    uint32_t                 count, capacity;
};

/* The words of `- repair:`, separated by blanks. */
bool        fix_plan_knows(const char *repairs);
const char *fix_plan_words(void);       /* all of them, separated by commas */
/* Adds what might repair the finding in that source. All is of the plan's arena. */
void fix_plan_make(struct fix_plan *plan, const char *repairs);

/* ---- parts --------------------------------------------------------------------------------- */

/* Put what is written in front of each way out of `function` that lacks it: of returns behind `from` (0: all), of
 * jumps out of the turn of a loop that `from` is in, and of the function's end. `ops`, ended by FLOW_OP_NONE, on
 * `argument` are what a way out may have already. verb: "unlock 'm'". */
struct fix_leaving {
    uint32_t            function;
    uint32_t            from;       /* a node; FLOW_NONE: all ways out */
    const enum flow_op *ops;
    const char         *argument;
    const char         *statements;
    const char         *verb;
};

void fix_plan_leaving(struct fix_plan *plan, const struct fix_leaving *leaving);
/* A receive from a context's channel, beside the operation that waits for ever. */
void fix_plan_select(struct fix_plan *plan);
void fix_plan_add(struct fix_plan *plan, const char *title, const struct fix_edit *edits, uint32_t count);
/* The operation's call there; FLOW_NONE: it is not in this source. */
uint32_t fix_plan_call(const struct fix_plan *plan, struct site at);
/* Of a node's place in the source. */
const char *fix_plan_text(const struct fix_plan *plan, uint32_t node);

#endif
