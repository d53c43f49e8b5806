#include "notes.h"

void notes_fault(struct search *s, uint32_t node, uint32_t task)
{
    const struct machine *m = s->m;
    const struct task *t = &m->tasks[m->fault_task];

    if (s->shallow)
        return;
    if (m->widened) {
        s->withheld++;
        return;
    }
    for (uint32_t i = 0; i < s->fault_count; i++)
        if (s->faults[i].kind == m->fault && s->faults[i].at.function == m->fault_at.function &&
            s->faults[i].at.instr == m->fault_at.instr)
            return;
    uint32_t first = search_keep_choices(s);
    ARENA_PUSH(s->arena, s->faults, s->fault_count, s->fault_capacity) = (struct fault){
        .node = node, .task = task, .first_choice = first, .choice_count = (uint16_t)m->choice_at,
        .kind = m->fault, .at = m->fault_at, .made = m->fault_made, .object = m->fault_object,
        .spawned = t->spawned, .entry = t->entry,
    };
}

void search_lose(struct search *s, struct lost what, uint32_t node)
{
    for (uint32_t i = 0; i < s->loss_count; i++)
        if (s->losses[i].what.made.function == what.made.function &&
            s->losses[i].what.made.instr == what.made.instr)
            return;
    ARENA_PUSH(s->arena, s->losses, s->loss_count, s->loss_capacity) = (struct loss){ .what = what, .node = node };
}

/* What main makes once lives as long as the process: nothing is lost with it. */
void notes_lost(struct search *s, uint32_t node)
{
    struct machine *m = s->m;

    if (s->shallow || m->forced != FLOW_NONE || m->widened)
        return;
    for (uint32_t i = 0; i < m->lost_count; i++) {
        struct place made = m->lost[i].made;

        if (!s->is_main || made.function != s->root || m->plan->functions[made.function].repeats[made.instr])
            search_lose(s, m->lost[i], node);
    }
}

static uint32_t remarks_like(const struct remark *remarks, uint32_t count, const struct notice *what)
{
    uint32_t same = 0;

    for (uint32_t i = 0; i < count; i++)
        same += remarks[i].what.kind == what->kind && remarks[i].what.at.function == what->at.function &&
                remarks[i].what.at.instr == what->at.instr;
    return same;
}

/* What is still to be judged is kept a few times for each place: polls and closes. */
enum { CANDIDATES = 4 };

void search_remark(struct search *s, struct remark remark)
{
    uint32_t limit = remark.what.kind == FACT_CLOSED_BY_RECEIVER ? CANDIDATES : 1;

    if (remarks_like(s->remarks, s->remark_count, &remark.what) < limit)
        ARENA_PUSH(s->arena, s->remarks, s->remark_count, s->remark_capacity) = remark;
}

static void keep_poll(struct search *s, struct remark remark)
{
    if (remark.what.task != FLOW_NONE && remarks_like(s->polls, s->poll_count, &remark.what) < CANDIDATES)
        ARENA_PUSH(s->arena, s->polls, s->poll_count, s->poll_capacity) = remark;
}

/* Advice is not worth a closer look. */
static bool is_advice(uint8_t kind)
{
    return kind == FACT_POLLING || kind == FACT_CLOSED_BY_RECEIVER;
}

/* What was noticed on the way to a node, whose tasks were numbered anew by `order`. */
void notes_of_run(struct search *s, uint32_t node, const uint32_t *order)
{
    struct machine *m = s->m;

    for (uint32_t i = 0; i < m->notice_count && !s->shallow; i++) {
        struct notice what = m->notices[i];
        const struct task *t = &m->tasks[what.task];
        struct remark remark = { .what = what, .node = node, .entry = t->entry, .spawned = t->spawned };

        if (m->widened) {
            s->withheld += !is_advice(what.kind);
            continue;
        }
        remark.what.task = FLOW_NONE;
        for (uint32_t n = 0; n < m->task_count && t->frame_count; n++)
            if (order[n] == what.task) {
                remark.what.task = n;
                break;
            }
        if (what.kind == FACT_POLLING)
            keep_poll(s, remark);
        else
            search_remark(s, remark);
    }
}
