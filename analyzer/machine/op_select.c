#include "op_channel.h"

static enum outcome select_forced(struct machine *m, uint32_t task, const struct instr *in,
                                  const struct wishes *w)
{
    uint32_t pick = machine_choose(m, w->count);
    const struct wish *x = &w->wish[pick];

    if (w->count == 0)
        return OUTCOME_BLOCKED;
    receive_unknown(m, task, in, x);
    op_advance(m, task, INT_VALUE(pick));
    return OUTCOME_DONE;
}

/* Looked for something to receive, in vain. */
static void note_poll(struct machine *m, uint32_t task, const struct wishes *w)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (!w->wish[i].is_send) {
            machine_deed(m, DEED_POLLED);
            machine_notice(m, (struct notice){ .kind = FACT_POLLING, .task = task, .at = machine_here(m, task),
                                               .made = object_made(m, w->wish[i].handle),
                                               .object = op_object_kind(m, FLOW_RECV, w->wish[i].handle) });
            return;
        }
}

/* A poll takes the default when nothing is certainly ready: whoever could meet
 * it may not have come yet. */
static enum outcome poll_cases(struct machine *m, uint32_t task, const struct instr *in, const struct wishes *w)
{
    struct ways ways;
    uint32_t pick;

    ways_find(m, task, w, true, &ways);
    pick = machine_choose(m, ways.count + !ways.certain);
    if (pick < ways.count) {
        way_take(m, task, in, w, &ways.way[pick]);
        return OUTCOME_DONE;
    }
    note_poll(m, task, w);
    machine_trace(m, STEP_DEFAULT, NO_PLACE, FLOW_NONE, 0);
    op_advance(m, task, in->op == FLOW_POLL ? INT_VALUE(-1) : INT_VALUE(0));
    return OUTCOME_DONE;
}

/* A timeout is for when nothing is certainly ready: it may then come before whoever is
 * on the way, or before a timer that will go off. That it passes while a case becomes
 * ready is the order in which this step comes before the one that makes it so. */
static enum outcome wait_for_cases(struct machine *m, uint32_t task, const struct instr *in,
                                   const struct wishes *w)
{
    bool timeout = in->op == FLOW_SELECT_TIMEOUT;
    struct ways ways;
    uint32_t pick;

    ways_find(m, task, w, false, &ways);
    timeout = timeout && !ways.certain;
    if (ways.count == 0 && !timeout)
        return OUTCOME_BLOCKED;
    pick = machine_choose(m, ways.count + timeout);
    if (pick < ways.count) {
        way_take(m, task, in, w, &ways.way[pick]);
        return OUTCOME_DONE;
    }
    machine_deed(m, DEED_TIME);
    machine_deed(m, DEED_WAITED);
    machine_trace(m, STEP_TIMEOUT, NO_PLACE, FLOW_NONE, -1);
    op_advance(m, task, INT_VALUE(-1));
    return OUTCOME_DONE;
}

/* A closed and drained channel gives false to a try_recv, as an empty one does. */
static enum outcome try_one(struct machine *m, uint32_t task, const struct instr *in, struct wishes *w)
{
    const struct value h = w->wish[0].handle;

    if (in->op == FLOW_TRY_RECV && h.kind == VALUE_ADDRESS && m->objects[h.id].store == STORE_CHANNEL &&
        m->objects[h.id].closed && m->objects[h.id].length == 0) {
        machine_deed_with(m, DEED_CLOSED, object_made(m, h));
        op_advance(m, task, INT_VALUE(0));
        return OUTCOME_DONE;
    }
    return poll_cases(m, task, in, w);
}

/* Any of the cases may be taken at any time, by whoever else holds the channels too. */
static enum outcome select_unseen(struct machine *m, uint32_t task, const struct instr *in)
{
    machine_not_understood(m, COVERAGE_NOT_UNDERSTOOD, "a select of more than 16 cases, or of an unknown number");
    memory_havoc(m, op_arg(m, task, in, 0));
    op_advance(m, task, value_fresh(m, SCALAR_I32));
    return OUTCOME_DONE;
}

enum outcome op_select(struct machine *m, uint32_t task, const struct instr *in)
{
    struct wishes w;

    wishes_of(m, task, in, &w);
    if (m->end != RUN_ON)
        return OUTCOME_ENDED;
    if (w.unseen)
        return select_unseen(m, task, in);
    wishes_note_overrun(m, task, in, &w);
    if (in->op == FLOW_TRY_SEND || in->op == FLOW_TRY_RECV)
        return try_one(m, task, in, &w);
    if (in->op == FLOW_POLL)
        return poll_cases(m, task, in, &w);
    if (machine_is_forced(m, task))
        return select_forced(m, task, in, &w);
    return wait_for_cases(m, task, in, &w);
}

void op_waiting(struct machine *m, uint32_t task, struct waiting *w)
{
    const struct instr *in = machine_instr(m, task);
    struct wishes wishes;

    *w = (struct waiting){ .op = FLOW_OP_NONE };
    if (!in || in->kind != INSTR_OP)
        return;
    w->op = in->op;
    wishes_of(m, task, in, &wishes);
    if (wishes.count || in->op == FLOW_SELECT) {
        for (uint32_t i = 0; i < wishes.count; i++) {
            w->handle[i] = wishes.wish[i].handle;
            w->is_send[i] = wishes.wish[i].is_send;
        }
        w->count = wishes.count;
    } else if (in->arg_count) {
        w->handle[w->count++] = op_arg(m, task, in, 0);
    }
}
