#include "retrace.h"
#include "search.h"

/* From remarks to facts: their schedules, and what only a schedule can tell. */

/* ---- who closes -------------------------------------------------------------------- */

/* How a task took part in what happened to one channel. */
struct parts {
    const struct trace *trace;
    struct place        made;
    uint32_t            closer;     /* task */
    uint32_t            maker;
    uint32_t            makes;      /* channels made at the place: more than one cannot be told apart */
    bool closer_sends, closer_receives, others_send, others_receive;
};

static void take_part(struct parts *p, uint32_t task, bool sends)
{
    if (task == FLOW_NONE)
        return;
    p->closer_sends |= sends && task == p->closer;
    p->others_send |= sends && task != p->closer;
    p->closer_receives |= !sends && task == p->closer;
    p->others_receive |= !sends && task != p->closer;
}

static void find_parts(struct parts *p, struct place at)
{
    for (uint32_t i = 0; i < p->trace->count; i++) {
        const struct step *s = &p->trace->steps[i];

        if (s->kind == STEP_CLOSE && same_place(s->at, at))
            p->closer = s->task;
    }
    for (uint32_t i = 0; i < p->trace->count; i++) {
        const struct step *s = &p->trace->steps[i];

        if (!same_place(s->made, p->made))
            continue;
        if (s->kind == STEP_MAKE) {
            p->maker = s->task;
            p->makes++;
        } else if (s->kind == STEP_SEND || s->kind == STEP_RECV) {
            take_part(p, s->task, s->kind == STEP_SEND);
            take_part(p, s->other, s->kind == STEP_RECV);
        } else if (s->kind == STEP_SELECT || s->kind == STEP_RECV_CLOSED) {
            p->others_receive = true;       /* one way or the other: not so simple a case */
        }
    }
}

/* Is the instruction a step of the schedule? */
static bool is_step(const struct trace *t, struct place at)
{
    for (uint32_t i = 0; i < t->count; i++)
        if (same_place(t->steps[i].at, at))
            return true;
    return false;
}

/* Can the channel be understood from the schedule alone: nobody receives from it who has
 * not in the schedule, and no value sent on it decides anything - a value could tell
 * the receiver that it is the last. */
static bool is_plain(const struct machine *m, const struct trace *t, uint8_t token)
{
    for (uint32_t f = 0; f < m->flow->function_count; f++) {
        const struct function_plan *p = &m->plan->functions[f];

        for (uint32_t i = 0; p->reached && i < m->flow->functions[f].instr_count; i++) {
            const struct instr *in = &m->flow->functions[f].instrs[i];

            if (in->kind != INSTR_OP || !p->keep[i] || p->token[i] != token)
                continue;
            if ((in->op == FLOW_SEND || in->op == FLOW_SEND_SIZED || in->op == FLOW_TRY_SEND) && !p->mute[i])
                return false;
            if ((in->op == FLOW_RECV || in->op == FLOW_TRY_RECV) && !is_step(t, (struct place){ f, i }))
                return false;
            if (in->op == FLOW_SELECT || in->op == FLOW_POLL || in->op == FLOW_SELECT_TIMEOUT)
                return false;
        }
    }
    return true;
}

/* The task that closes did not make the channel and never sends on it: it takes what the
 * maker and others send, and cannot know what they are still about to do. */
static bool is_closed_by_receiver(const struct machine *m, const struct remark *r, const struct trace *t)
{
    struct parts p = { .trace = t, .made = r->what.made, .closer = FLOW_NONE, .maker = FLOW_NONE };
    uint8_t token = m->plan->functions[r->what.at.function].token[r->what.at.instr];

    find_parts(&p, r->what.at);
    return p.makes == 1 && p.maker != p.closer && p.closer_receives && !p.closer_sends && p.others_send &&
           !p.others_receive && is_plain(m, t, token);
}

/* ---- facts --------------------------------------------------------------------------- */

static bool is_known(const struct facts *facts, const struct remark *r)
{
    for (uint32_t i = 0; i < facts->fact_count; i++)
        if (facts->facts[i].kind == r->what.kind && same_place(facts->facts[i].at, r->what.at))
            return true;
    return false;
}

static void remark_fact(struct search *s, const struct remark *r, struct facts *facts, uint32_t *capacity)
{
    struct fact f = { .kind = r->what.kind, .at = r->what.at, .made = r->what.made, .object = r->what.object,
                      .spawned = r->spawned, .entry = r->entry, .capacity = -1 };
    struct trace t = r->round ? witness_round(s, r->node, r->what.task, r->what.at, facts->arena)
                              : witness_path(s, r->node, facts->arena);

    if (f.kind == FACT_CLOSED_BY_RECEIVER && !is_closed_by_receiver(s->m, r, &t))
        return;
    if (r->retraced)
        t = r->round ? retrace_round_witness(r, facts->arena) : retrace_path_witness(r->retraced, facts->arena);
    f.task = r->what.task != FLOW_NONE ? t.names[r->what.task] : 0;
    retrace_set_steps(s, &f, t, r->retraced);
    ARENA_PUSH(facts->arena, facts->facts, facts->fact_count, *capacity) = f;
}

void remark_facts(struct search *s, struct facts *facts, uint32_t *capacity)
{
    for (uint32_t i = 0; i < s->remark_count; i++)
        if (!is_known(facts, &s->remarks[i]))
            remark_fact(s, &s->remarks[i], facts, capacity);
}
