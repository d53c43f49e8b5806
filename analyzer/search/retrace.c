#include "retrace.h"

#include "follow.h"
#include "repeat.h"
#include "scale.h"

#include <string.h>

enum { TRIES = 3 };             /* of the same scene */

/* ---- traces ---------------------------------------------------------------------- */

struct trace retrace_path_witness(const struct trace *retraced, struct arena *arena)
{
    struct trace t = *retraced;

    t.steps = ARENA_ARRAY(arena, struct step, t.count + 1);
    memcpy(t.steps, retraced->steps, t.count * sizeof *t.steps);
    return t;
}

struct trace retrace_fault_witness(const struct fault *fault, struct arena *arena)
{
    return retrace_path_witness(fault->retraced, arena);
}

struct trace retrace_round_witness(const struct remark *remark, struct arena *arena)
{
    struct trace t = retrace_path_witness(remark->retraced, arena);
    struct place none = { FLOW_NONE, FLOW_NONE };

    t.steps[t.count++] = (struct step){ .kind = STEP_ROUND, .task = t.names[remark->what.task],
                                        .other = FLOW_NONE, .at = remark->what.at, .block = FLOW_NONE,
                                        .made = none, .times = 1, .round = 1, .since = FLOW_NONE };
    return t;
}

void retrace_set_steps(const struct search *s, struct fact *fact, struct trace t, bool retraced)
{
    fact->steps = t.steps;
    fact->step_count = repeat_fold(t.steps, t.count);
    if (!retraced && scaling_changes(s->m->plan->scaling))
        repeat_forget(fact->steps, fact->step_count);
}

/* ---- findings ------------------------------------------------------------------ */

/* The places where the tasks of a stuck state stand. */
static uint64_t scene_of(struct search *s, const struct stuck *stuck)
{
    uint64_t scene = stuck->early * 2u + stuck->leak_check;

    search_load(s, stuck->node);
    for (uint32_t t = 0; t < s->m->task_count; t++)
        if (stuck->tasks >> t & 1)
            scene += machine_signature(s->m, t) * 0x9e3779b97f4a7c15u;
    return scene;
}

static void withhold(struct search *s, struct place at)
{
    s->withheld++;
    if (!s->m->widening.text)
        s->m->widening = (struct coverage){ .kind = COVERAGE_CUT_LOOP, .at = at,
                                            .text = "a loop counted too far to be run in full" };
}

/* Stuck states of one scene are retraced until one arrives: the first to do so tells the trace. */
struct tried {
    uint64_t scene;
    uint32_t times;
    bool     holds;
};

static struct tried *tried_of(struct tried *tried, uint32_t *count, uint64_t scene)
{
    for (uint32_t i = 0; i < *count; i++)
        if (tried[i].scene == scene)
            return &tried[i];
    tried[*count] = (struct tried){ .scene = scene };
    return &tried[(*count)++];
}

static void retrace_stuck(struct search *s, const struct plan *exact)
{
    struct tried *tried = ARENA_ARRAY(s->arena, struct tried, s->stuck_count + 1);
    uint32_t kept = 0, scenes = 0;

    for (uint32_t i = 0; i < s->stuck_count; i++) {
        struct stuck stuck = s->stuck[i];
        struct tried *t = tried_of(tried, &scenes, scene_of(s, &stuck));
        struct place at = machine_here(s->m, (uint32_t)__builtin_ctzll(stuck.tasks));

        if (!t->holds && t->times++ < TRIES) {
            stuck.retraced = follow_to(s, exact, stuck.node, &(struct goal){ .stuck = &stuck });
            t->holds = stuck.retraced != NULL;
        }
        if (t->holds)
            s->stuck[kept++] = stuck;
        else
            withhold(s, at);
    }
    s->stuck_count = kept;
}

static void retrace_faults(struct search *s, const struct plan *exact)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < s->fault_count; i++) {
        struct goal goal = { .fault = &s->faults[i] };

        s->faults[i].retraced = follow_to(s, exact, s->faults[i].node, &goal);
        if (s->faults[i].retraced)
            s->faults[kept++] = s->faults[i];
        else
            withhold(s, s->faults[i].at);
    }
    s->fault_count = kept;
}

static void retrace_losses(struct search *s, const struct plan *exact)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < s->loss_count; i++) {
        struct goal goal = { .loss = &s->losses[i] };

        s->losses[i].retraced = follow_to(s, exact, s->losses[i].node, &goal);
        if (s->losses[i].retraced)
            s->losses[kept++] = s->losses[i];
        else
            withhold(s, s->losses[i].what.made);
    }
    s->loss_count = kept;
}

/* A fact of the text that executes it once, whatever is counted. */
static bool is_of_the_text(const struct remark *remark)
{
    return remark->what.kind == FACT_CLOSED_BY_RECEIVER;
}

static void retrace_remarks(struct search *s, const struct plan *exact)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < s->remark_count; i++) {
        struct goal goal = { .remark = &s->remarks[i] };

        s->remarks[i].retraced = follow_to(s, exact, s->remarks[i].node, &goal);
        if (is_of_the_text(&s->remarks[i]) || s->remarks[i].retraced)
            s->remarks[kept++] = s->remarks[i];
        else
            withhold(s, s->remarks[i].what.at);
    }
    s->remark_count = kept;
}

void retrace_findings(struct search *s, const struct plan *exact)
{
    retrace_stuck(s, exact);
    retrace_faults(s, exact);
    retrace_losses(s, exact);
    retrace_remarks(s, exact);
}
