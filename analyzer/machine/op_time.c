#include "machine.h"

#include <errno.h>

/* Timers go off at any moment after they were started: nobody can tell when, so
 * they do at the moment somebody looks (op_channel.c, WAY_FIRE). */

static struct object *context_at(struct machine *m, struct value handle)
{
    handle = value_resolve(m, handle);
    if (handle.kind == VALUE_ADDRESS && m->objects[handle.id].store == STORE_CONTEXT)
        return &m->objects[handle.id];
    return NULL;
}

void context_cancel(struct machine *m, uint32_t context, enum cancelled how)
{
    struct object *c = &m->objects[context];

    if (c->link == FLOW_NONE || c->cancelled)
        return;
    c->cancelled = (uint8_t)how;
    m->objects[c->link].closed = true;
    for (uint32_t i = 0; i < m->object_count; i++)
        if (m->objects[i].store == STORE_CONTEXT && m->objects[i].parent == context)
            context_cancel(m, i, how);
}

static struct value background(struct machine *m)
{
    uint32_t id;

    for (uint32_t i = 0; i < m->object_count; i++)
        if (m->objects[i].store == STORE_CONTEXT && m->objects[i].link == FLOW_NONE)
            return memory_address(i, 0);
    id = object_new(m, STORE_CONTEXT, NO_PLACE);
    return memory_address(id, 0);
}

static struct value make_context(struct machine *m, uint32_t task, struct value parent, bool has_timeout)
{
    uint32_t id = object_new(m, STORE_CONTEXT, machine_here(m, task));
    uint32_t done = object_new(m, STORE_CHANNEL, machine_here(m, task));
    struct object *c = &m->objects[id], *up = context_at(m, parent);

    c->kind = m->objects[done].kind = OBJECT_CONTEXT;
    c->refs = 1;
    c->link = done;
    c->has_timeout = has_timeout;
    m->objects[done].link = id;
    m->objects[done].capacity = INT_VALUE(0);
    if (!up) {                          /* a parent from outside may be cancelled at any time */
        c->external = m->objects[done].external = true;
    } else if (up->link != FLOW_NONE) {
        c->parent = parent.id;
        c->external = m->objects[done].external = up->external;
        if (up->cancelled)
            context_cancel(m, id, up->cancelled);
    }
    return memory_address(id, 0);
}

static void release(struct machine *m, uint32_t context)
{
    struct object *c = &m->objects[context];

    c->released = true;
    machine_note_use(m, c->made, FLOW_CTX_RELEASE);
    if (c->refs && --c->refs == 0)
        context_cancel(m, context, CANCELLED_BY_CALL);
}

static bool deadline_ahead(const struct machine *m, const struct object *c)
{
    for (;;) {
        if (c->has_timeout && !c->cancelled)
            return true;
        if (c->parent == FLOW_NONE)
            return false;
        c = &m->objects[c->parent];
    }
}

static uint32_t context_with_deadline(const struct machine *m, uint32_t c)
{
    while (!m->objects[c].has_timeout || m->objects[c].cancelled)
        c = m->objects[c].parent;
    return c;
}

static struct value context_error(struct machine *m, struct value handle)
{
    struct object *c = context_at(m, handle);

    if (!c)
        return value_fresh(m, SCALAR_I32);
    if (!c->cancelled && deadline_ahead(m, c) && machine_choose(m, 2) == 1) {
        machine_trace(m, STEP_TIMEOUT, c->made, FLOW_NONE, -1);
        context_cancel(m, context_with_deadline(m, handle.id), CANCELLED_BY_TIME);
    }
    if (!c->cancelled && c->external)
        return value_fresh(m, SCALAR_I32);
    return INT_VALUE(c->cancelled == CANCELLED_NOT ? 0 : c->cancelled == CANCELLED_BY_TIME ? ETIMEDOUT : ECANCELED);
}

static struct value context_done(struct machine *m, struct value handle)
{
    struct object *c = context_at(m, handle);
    uint32_t done;

    if (c)
        return c->link == FLOW_NONE ? INT_VALUE(0) : memory_address(c->link, 0);
    done = object_new(m, STORE_CHANNEL, NO_PLACE);      /* of a context from outside */
    m->objects[done].kind = OBJECT_CONTEXT;
    m->objects[done].external = true;
    m->objects[done].capacity = INT_VALUE(0);
    return memory_address(done, 0);
}

static struct value make_timer(struct machine *m, uint32_t task, enum object_kind kind)
{
    uint32_t id = object_new(m, STORE_CHANNEL, machine_here(m, task));

    m->objects[id].kind = (uint8_t)kind;
    m->objects[id].size = 8;
    m->objects[id].capacity = INT_VALUE(1);
    return memory_address(id, 0);
}

static void cancel(struct machine *m, struct value handle)
{
    struct object *c = context_at(m, handle);

    if (c) {
        c->released = true;
        machine_note_use(m, c->made, FLOW_CLOSE);
        machine_trace(m, STEP_CANCEL, c->made, FLOW_NONE, 0);
        context_cancel(m, handle.id, CANCELLED_BY_CALL);
    }
}

/* The end of a ctx_scoped variable: cancelled, then released; NULL is fine. */
static void end_scope(struct machine *m, struct value variable)
{
    struct value handle = value_resolve(m, memory_load(m, variable, SCALAR_PTR));

    if (context_at(m, handle)) {
        cancel(m, handle);
        release(m, handle.id);
    }
}

static void context_op(struct machine *m, const struct instr *in, struct value arg)
{
    struct object *c = context_at(m, arg);

    if (in->op == FLOW_CTX_CANCEL)
        cancel(m, arg);
    else if (in->op == FLOW_CTX_RETAIN && c && c->link != FLOW_NONE)
        c->refs++;
    else if (in->op == FLOW_CTX_RELEASE && c && c->link != FLOW_NONE)
        release(m, arg.id);
    else if (in->op == FLOW_CTX_SCOPE_END)
        end_scope(m, arg);
}

static void stop_ticker(struct machine *m, struct value handle)
{
    if (handle.kind == VALUE_ADDRESS && m->objects[handle.id].store == STORE_CHANNEL) {
        m->objects[handle.id].spent = true;
        machine_note_use(m, m->objects[handle.id].made, FLOW_TICKER_STOP);
    }
}

enum outcome op_time(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value arg = op_arg(m, task, in, 0), result = arg;

    switch ((enum flow_op)in->op) {
    case FLOW_SLEEP:            machine_deed(m, DEED_TIME);                  break;
    case FLOW_AFTER:            result = make_timer(m, task, OBJECT_TIMER);  break;
    case FLOW_TICKER_MAKE:      result = make_timer(m, task, OBJECT_TICKER); break;
    case FLOW_TICKER_STOP:      stop_ticker(m, arg);                         break;
    case FLOW_CTX_BACKGROUND:   result = background(m);                      break;
    case FLOW_CTX_MAKE:         result = make_context(m, task, arg, false);  break;
    case FLOW_CTX_MAKE_TIMEOUT: result = make_context(m, task, arg, true);   break;
    case FLOW_CTX_DONE:         result = context_done(m, arg);               break;
    case FLOW_CTX_ERR:          result = context_error(m, arg);              break;
    case FLOW_CTX_CANCEL:
    case FLOW_CTX_RETAIN:
    case FLOW_CTX_RELEASE:
    case FLOW_CTX_SCOPE_END:    context_op(m, in, arg);                      break;
    default:                    break;  /* yield; ticker_chan: the ticker is its channel */
    }
    op_advance(m, task, result);
    return OUTCOME_DONE;
}
