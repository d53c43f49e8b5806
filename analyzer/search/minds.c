#include "minds.h"

static void mind(struct pending *p, uint32_t object, uint32_t token, unsigned aspects)
{
    if (object == FLOW_NONE || !aspects)
        return;
    if (p->count == MINDED_MAX)
        p->everything = true;
    else
        p->of[p->count++] = (struct minded){ object, (uint8_t)token, (uint8_t)aspects };
}

/* ---- channels -------------------------------------------------------------------- */

/* May time cancel the context, or one above it? Then whoever looks may be who does. */
static bool has_deadline(const struct machine *m, uint32_t context)
{
    for (; context != FLOW_NONE; context = m->objects[context].parent)
        if (m->objects[context].has_timeout && !m->objects[context].cancelled)
            return true;
    return false;
}

/* A receive. From a buffer, it takes the head: sends put at the tail, and a close leaves
 * what is there. Closed and empty stays so. Empty, it waits for senders and closers;
 * other receivers matter to those. */
static unsigned receive_minds(const struct machine *m, const struct object *ch)
{
    if (ch->kind == OBJECT_CONTEXT)
        return ch->closed ? 0 : has_deadline(m, ch->link) ? ASPECT_ALL : ASPECT_CLOSE;
    if (ch->kind != OBJECT_CHANNEL)
        return ASPECT_ALL;                  /* a timer, a ticker */
    if (ch->length)
        return ASPECT_TAKE | ASPECT_PROBE;
    return ch->closed ? 0 : ASPECT_PUT | ASPECT_CLOSE;
}

/* A send. With room in the buffer, it puts at the tail: receives take from the head, and
 * make more room. Without, it waits for receivers, or for the close that aborts it. */
static unsigned send_minds(const struct machine *m, const struct object *ch)
{
    struct value capacity = value_resolve(m, ch->capacity);

    if (ch->kind != OBJECT_CHANNEL || ch->closed || capacity.kind != VALUE_INT)
        return ASPECT_ALL;
    if (ch->length < (uint64_t)capacity.n)
        return ASPECT_PUT | ASPECT_CLOSE | ASPECT_PROBE;
    return ASPECT_TAKE | ASPECT_CLOSE | ASPECT_PROBE;
}

/* A close. Receivers that wait would have waited on, and what is in the buffer is
 * received all the same. */
static unsigned close_minds(const struct object *ch)
{
    return ch->kind == OBJECT_CHANNEL && !ch->closed ? ASPECT_PUT | ASPECT_CLOSE | ASPECT_PROBE : ASPECT_ALL;
}

/* Cancelled stays cancelled. What waits for it waits on until then, and to cancel
 * twice is to cancel once. */
static unsigned context_minds(const struct machine *m, enum flow_op op, uint32_t context)
{
    if (m->objects[context].cancelled)
        return 0;
    if (has_deadline(m, context))
        return ASPECT_ALL;
    return op == FLOW_CTX_CANCEL ? ASPECT_CLOSE | ASPECT_PROBE : op == FLOW_CTX_ERR ? ASPECT_CLOSE : ASPECT_ALL;
}

static unsigned handle_minds(const struct machine *m, enum flow_op op, uint32_t object, bool is_send)
{
    const struct object *o = &m->objects[object];

    if (o->external)
        return ASPECT_ALL;
    switch (op) {
    case FLOW_SEND: case FLOW_SEND_SIZED: case FLOW_RECV: case FLOW_SELECT: case FLOW_SELECT_TIMEOUT:
        if (o->store != STORE_CHANNEL)
            return ASPECT_ALL;
        return is_send ? send_minds(m, o) : receive_minds(m, o);
    case FLOW_CLOSE:
        return o->store == STORE_CHANNEL ? close_minds(o) : ASPECT_ALL;
    case FLOW_CTX_CANCEL: case FLOW_CTX_ERR: case FLOW_CTX_RELEASE:
        return o->store == STORE_CONTEXT ? context_minds(m, op, object) : ASPECT_ALL;
    default:
        return ASPECT_ALL;
    }
}

/* ---- locks and wait groups ----------------------------------------------------------- */

static unsigned count_minds(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value count = op_count(m, task, in);
    bool open = count.kind == VALUE_INT && count.n > 0;

    if (count.kind != VALUE_INT)
        return ASPECT_ALL;
    switch ((enum flow_op)in->op) {
    case FLOW_LOCK:         /* free: others who want it; taken: who gives it back */
        return open ? ASPECT_PUT : ASPECT_TAKE | ASPECT_PROBE | ASPECT_PUT;
    case FLOW_UNLOCK:       /* who wants it waits until then; who tries sees it taken */
        return open ? ASPECT_PROBE | ASPECT_PUT : ASPECT_ALL;
    case FLOW_WG_WAIT:      /* nothing open: who adds; else who is done */
        return open ? ASPECT_PUT : ASPECT_CLOSE | ASPECT_PUT;
    default:
        return ASPECT_ALL;
    }
}

/* To add is to add, in whatever order; who waits, or is done too early, cares. */
static unsigned add_minds(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value delta = op_arg(m, task, in, 1);

    return op_count(m, task, in).kind == VALUE_INT && delta.kind == VALUE_INT && delta.n >= 0
               ? ASPECT_TAKE | ASPECT_PUT : ASPECT_ALL;
}

static unsigned aspects_minded(struct machine *m, uint32_t task, const struct instr *in, uint32_t object,
                               bool is_send)
{
    switch ((enum flow_op)in->op) {
    case FLOW_LOCK: case FLOW_UNLOCK: case FLOW_WG_WAIT:
        return count_minds(m, task, in);
    case FLOW_WG_ADD:
        return add_minds(m, task, in);
    default:
        return handle_minds(m, in->op, object, is_send);
    }
}

/* ---- the whole ------------------------------------------------------------------------- */

static bool concerns_anybody(const struct instr *in)
{
    return !in || in->kind != INSTR_OP || in->op == FLOW_LEAK_CHECK_END || in->op == FLOW_ATOMIC ||
           in->op == FLOW_SLEEP || in->op == FLOW_YIELD || in->op == FLOW_CTX_SCOPE_END;
}

void minds_of(struct machine *m, uint32_t task, struct pending *p)
{
    const struct instr *in = machine_instr(m, task);
    struct place at = machine_here(m, task);
    const struct function_plan *plan;
    struct waiting w;

    *p = (struct pending){ 0 };
    if (m->tasks[task].paused)              /* its own affairs concern nobody */
        return;
    if (concerns_anybody(in)) {
        p->everything = true;
        return;
    }
    plan = &m->plan->functions[at.function];
    op_waiting(m, task, &w);
    for (uint32_t i = 0; i < w.count; i++) {
        struct value v = value_resolve(m, w.handle[i]);
        const struct select_cases *cases = plan->cases[at.instr];
        uint32_t token = cases && i < cases->count ? cases->token[i] : plan->token[at.instr];
        unsigned aspects;

        if (v.kind == VALUE_UNKNOWN || v.kind == VALUE_SOMEWHERE)
            p->everything = true;
        if (v.kind != VALUE_ADDRESS)
            continue;
        aspects = aspects_minded(m, task, in, v.id, w.is_send[i]);
        mind(p, v.id, token, aspects);
        mind(p, m->objects[v.id].link, token, aspects);
    }
    if (in->op == FLOW_COND_WAIT) {         /* gives the mutex back, and takes it again */
        struct value v = value_resolve(m, op_arg(m, task, in, 1));

        if (v.kind == VALUE_ADDRESS)
            mind(p, v.id, TOKEN_CONDITION, ASPECT_ALL);
    }
}
