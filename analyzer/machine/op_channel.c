#include "op_channel.h"

/* ---- channels ------------------------------------------------------------------ */

static struct object *channel_at(struct machine *m, struct value handle)
{
    handle = value_resolve(m, handle);
    if (handle.kind == VALUE_ADDRESS && m->objects[handle.id].store == STORE_CHANNEL)
        return &m->objects[handle.id];
    return NULL;
}

static bool is_null(struct value handle)
{
    return handle.kind == VALUE_INT;
}

/* The address a value is sent from is copied byte for byte, as the runtime does. */
static void buffer_put(struct machine *m, uint32_t channel, struct value from)
{
    struct object *ch = &m->objects[channel];
    uint32_t at = ch->length * element_stride(ch), object;
    int64_t offset;
    bool somewhere;

    if (ch->size && memory_resolve(m, from, &object, &offset, &somewhere) && !somewhere && offset >= 0 &&
        m->objects[object].fill != FILL_STRING)
        memory_take(m, object, (uint32_t)offset, ch->size, channel, at);
    m->objects[channel].length++;
}

static void buffer_shift(struct object *ch)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < ch->cell_count; i++) {
        struct cell c = ch->cells[i];

        if (c.offset < element_stride(ch))
            continue;
        c.offset -= element_stride(ch);
        ch->cells[kept++] = c;
    }
    ch->cell_count = kept;
    ch->length--;
}

static void buffer_get(struct machine *m, uint32_t channel, struct value to)
{
    uint32_t object;
    int64_t offset;
    bool somewhere;

    if (m->objects[channel].size && memory_resolve(m, to, &object, &offset, &somewhere) && !somewhere &&
        offset >= 0 && m->objects[object].fill != FILL_STRING)
        memory_take(m, channel, 0, m->objects[channel].size, object, (uint32_t)offset);
    buffer_shift(&m->objects[channel]);
}

static bool buffer_has_room(struct machine *m, const struct object *ch)
{
    return value_holds(m, OP_LT, INT_VALUE(ch->length), ch->capacity);
}

/* ---- wishes ------------------------------------------------------------------------ */

static void wish_add(struct machine *m, struct wishes *w, struct wish wish)
{
    wish.handle = value_resolve(m, wish.handle);
    w->wish[w->count++] = wish;
}

/* Nobody reads what is sent. A pointer may be one to a local all the same, which the receiver is lent. */
static bool may_be_silent(struct machine *m, struct value handle, bool is_send)
{
    enum { POINTER = 8 };
    const struct object *ch = channel_at(m, handle);

    return !is_send || !m->plan->lends || (ch && ch->size < POINTER);
}

static bool is_mute(struct machine *m, uint32_t task, struct value handle, bool is_send)
{
    struct place at = machine_here(m, task);
    const struct function_plan *p = &m->plan->functions[at.function];

    return (is_send && p->mute[at.instr]) || (p->silent && p->silent[at.instr] && may_be_silent(m, handle, is_send));
}

static void select_wishes(struct machine *m, uint32_t task, const struct instr *in, struct wishes *w)
{
    struct value cases = op_arg(m, task, in, 0), n = op_arg(m, task, in, 1);
    int64_t stride_bytes = op_arg(m, task, in, 3).n, at_op = op_arg(m, task, in, 4).n;
    int64_t at_chan = op_arg(m, task, in, 5).n, at_value = op_arg(m, task, in, 6).n;
    int64_t at_ok = op_arg(m, task, in, 7).n;
    struct place here = machine_here(m, task);
    const struct select_cases *known = m->plan->functions[here.function].cases[here.instr];

    if (!value_concretise(m, &n, 0, WISHES_MAX, WISHES_MAX) || n.n > WISHES_MAX) {
        w->unseen = true;
        w->wish[w->count++] = (struct wish){ .handle = value_fresh(m, SCALAR_PTR), .value = INT_VALUE(0),
                                             .ok = INT_VALUE(0) };
        return;
    }
    for (int64_t i = 0; i < n.n; i++) {
        struct value base = value_binary(m, OP_ADD, SCALAR_PTR, cases, INT_VALUE(number_times(i, stride_bytes)));
        struct wish wish = { .index = i };

        wish.is_send = value_true(m, memory_load(
            m, value_binary(m, OP_ADD, SCALAR_PTR, base, INT_VALUE(at_op)), SCALAR_I32));
        wish.handle = memory_load(m, value_binary(m, OP_ADD, SCALAR_PTR, base, INT_VALUE(at_chan)), SCALAR_PTR);
        wish.value = memory_load(m, value_binary(m, OP_ADD, SCALAR_PTR, base, INT_VALUE(at_value)), SCALAR_PTR);
        wish.ok = memory_load(m, value_binary(m, OP_ADD, SCALAR_PTR, base, INT_VALUE(at_ok)), SCALAR_PTR);
        if (known && i < CASES_MAX && (known->silent >> i & 1) && may_be_silent(m, wish.handle, wish.is_send))
            wish.value = INT_VALUE(0);
        wish_add(m, w, wish);
    }
}

static struct wish plain_wish(struct machine *m, uint32_t task, const struct instr *in)
{
    struct wish wish = { .handle = op_arg(m, task, in, 0), .ok = INT_VALUE(0), .index = -1,
                         .is_send = in->op != FLOW_RECV && in->op != FLOW_TRY_RECV };

    wish.value = is_mute(m, task, wish.handle, wish.is_send) ? INT_VALUE(0) : op_arg(m, task, in, 1);
    return wish;
}

void wishes_of(struct machine *m, uint32_t task, const struct instr *in, struct wishes *w)
{
    enum flow_op op = in->op;

    w->count = 0;
    w->unseen = false;
    w->waits = op == FLOW_SEND || op == FLOW_SEND_SIZED || op == FLOW_RECV || op == FLOW_SELECT ||
               op == FLOW_SELECT_TIMEOUT;
    if (op == FLOW_SELECT || op == FLOW_SELECT_TIMEOUT || op == FLOW_POLL)
        select_wishes(m, task, in, w);
    else if (op == FLOW_SEND || op == FLOW_SEND_SIZED || op == FLOW_RECV || op == FLOW_TRY_SEND ||
             op == FLOW_TRY_RECV)
        wish_add(m, w, plain_wish(m, task, in));
}

/* ---- ways ---------------------------------------------------------------------------- */

static void way_add(struct ways *ways, enum way_kind kind, uint32_t wish, uint32_t peer, uint32_t peer_wish)
{
    if (ways->count < WAYS_MAX)
        ways->way[ways->count++] = (struct way){ (uint8_t)kind, wish, peer, peer_wish };
}

/* The context that a deadline may still cancel, itself or above. */
static uint32_t deadline_of(const struct machine *m, uint32_t context)
{
    for (; context != FLOW_NONE; context = m->objects[context].parent)
        if (m->objects[context].has_timeout && !m->objects[context].cancelled)
            return context;
    return FLOW_NONE;
}

static bool can_fire(const struct machine *m, const struct object *ch)
{
    if (ch->kind == OBJECT_TIMER || ch->kind == OBJECT_TICKER)
        return !ch->spent;
    return ch->kind == OBJECT_CONTEXT && deadline_of(m, ch->link) != FLOW_NONE;
}

static void peers_find(struct machine *m, uint32_t task, const struct wishes *w, uint32_t wish, struct ways *ways)
{
    for (uint32_t p = 0; p < m->task_count; p++) {
        const struct instr *in = machine_instr(m, p);
        struct wishes theirs;

        if (p == task || !in || in->kind != INSTR_OP || m->tasks[p].order)
            continue;
        wishes_of(m, p, in, &theirs);
        if (!theirs.waits)
            continue;
        for (uint32_t i = 0; i < theirs.count; i++)
            if (theirs.wish[i].is_send != w->wish[wish].is_send &&
                theirs.wish[i].handle.kind == VALUE_ADDRESS &&
                theirs.wish[i].handle.id == w->wish[wish].handle.id)
                way_add(ways, WAY_PEER, wish, p, i);
    }
}

static void ways_of_wish(struct machine *m, uint32_t task, const struct wishes *w, uint32_t wish,
                         bool initiate_send, struct ways *ways)
{
    const struct wish *x = &w->wish[wish];
    const struct object *ch = channel_at(m, x->handle);

    if (is_null(x->handle))
        return;
    if (!ch || ch->external)
        way_add(ways, WAY_EXTERNAL, wish, 0, 0);
    if (!ch)
        return;
    machine_note_use(m, object_made(m, x->handle), x->is_send ? FLOW_SEND : FLOW_RECV);
    if (x->is_send && ch->closed) {
        way_add(ways, WAY_FAULT, wish, 0, 0);
        ways->certain = true;
    } else if (x->is_send ? buffer_has_room(m, ch) : ch->length > 0) {
        way_add(ways, WAY_BUFFER, wish, 0, 0);
        ways->certain = true;
    } else if (!x->is_send && ch->closed) {
        way_add(ways, WAY_CLOSED, wish, 0, 0);
        ways->certain = true;
    } else {
        if (!x->is_send && can_fire(m, ch))
            way_add(ways, WAY_FIRE, wish, 0, 0);
        if (ch->length == 0 && (!x->is_send || initiate_send))
            peers_find(m, task, w, wish, ways);
    }
}

void ways_find(struct machine *m, uint32_t task, const struct wishes *w, bool initiate_send, struct ways *ways)
{
    ways->count = 0;
    ways->certain = false;
    for (uint32_t i = 0; i < w->count && m->end == RUN_ON; i++)
        ways_of_wish(m, task, w, i, initiate_send, ways);
}

/* ---- taking one ------------------------------------------------------------------------ */

static void set_ok(struct machine *m, const struct wish *w, bool ok)
{
    if (w->ok.kind != VALUE_INT)
        memory_store(m, w->ok, 1, INT_VALUE(ok));
}

static void receive_zero(struct machine *m, const struct wish *w)
{
    const struct object *ch = channel_at(m, w->handle);

    if (w->value.kind != VALUE_INT && ch->size)
        memory_zero(m, w->value, ch->size);
}

void receive_unknown(struct machine *m, uint32_t task, const struct instr *in, const struct wish *w)
{
    const struct object *ch = channel_at(m, w->handle);
    uint32_t size = ch && ch->size ? ch->size : w->index < 0 ? op_room(m, task, in, 1) : UINT32_MAX;

    if (!w->is_send && w->value.kind != VALUE_INT)
        memory_unknown(m, w->value, size);
    if (w->ok.kind != VALUE_INT)
        memory_store(m, w->ok, 1, value_fresh(m, SCALAR_BOOL));
}

/* The timer, ticker or deadline behind a channel goes off now. */
static void fire(struct machine *m, uint32_t task, const struct instr *in, const struct wish *w)
{
    struct object *ch = channel_at(m, w->handle);

    if (ch->kind == OBJECT_CONTEXT) {
        context_cancel(m, deadline_of(m, ch->link), CANCELLED_BY_TIME);
        receive_zero(m, w);
        set_ok(m, w, false);
        return;
    }
    if (ch->kind == OBJECT_TIMER)
        ch->spent = true;
    receive_unknown(m, task, in, w);
    set_ok(m, w, true);
}

static void meet(struct machine *m, const struct wish *mine, uint32_t peer, const struct wish *theirs)
{
    const struct wish *from = mine->is_send ? mine : theirs, *to = mine->is_send ? theirs : mine;
    const struct object *ch = channel_at(m, mine->handle);

    if (ch->size && to->value.kind != VALUE_INT)
        memory_copy(m, to->value, from->value, ch->size);
    set_ok(m, to, true);
    op_advance(m, peer, INT_VALUE(theirs->index >= 0 ? theirs->index : 1));
}

static struct value way_result(const struct wish *w, bool received)
{
    if (w->index >= 0)
        return INT_VALUE(w->index);
    return INT_VALUE(w->is_send ? 1 : received);
}

static void trace_way(struct machine *m, const struct wish *w, const struct way *way)
{
    enum step_kind kind = w->index >= 0 ? STEP_SELECT : w->is_send ? STEP_SEND : STEP_RECV;
    uint32_t peer = way->kind == WAY_PEER ? m->tasks[way->peer].name : FLOW_NONE;

    if (way->kind == WAY_FIRE)
        kind = STEP_TIMEOUT;
    else if (way->kind == WAY_CLOSED && w->index < 0)
        kind = STEP_RECV_CLOSED;
    machine_trace_object(m, kind, w->handle, peer, w->index);
}

static void deed_of_way(struct machine *m, const struct wish *w, const struct way *way)
{
    switch ((enum way_kind)way->kind) {
    case WAY_BUFFER:
    case WAY_PEER:
        machine_deed(m, DEED_WAITED);
        break;
    case WAY_CLOSED:
        machine_deed_with(m, DEED_CLOSED, object_made(m, w->handle));
        break;
    case WAY_FIRE:
        machine_deed(m, DEED_WAITED);
        machine_deed(m, DEED_TIME);
        break;
    case WAY_EXTERNAL:
        machine_deed(m, DEED_WAITED);
        machine_deed(m, DEED_FOREIGN);
        break;
    case WAY_FAULT:
        break;
    }
}

static void lend_by_peer(struct machine *m, const struct way *way)
{
    struct wishes theirs;

    if (!m->plan->lends)
        return;
    wishes_of(m, way->peer, machine_instr(m, way->peer), &theirs);
    escape_lend_within(m, theirs.wish[way->peer_wish].value, machine_here(m, way->peer));
}

/* How much a send to a channel that others may use hands out; UINT32_MAX: all that may be there. */
static uint32_t send_size(struct machine *m, const struct wish *w)
{
    const struct object *ch = channel_at(m, w->handle);

    return ch && ch->size ? ch->size : UINT32_MAX;
}

void way_take(struct machine *m, uint32_t task, const struct instr *in, const struct wishes *w,
              const struct way *way)
{
    const struct wish *x = &w->wish[way->wish];
    bool received = true;
    struct wishes theirs;

    if (way->kind == WAY_FAULT) {
        machine_fault(m, FACT_SEND_ON_CLOSED, x->handle);
        return;
    }
    if (x->is_send)
        escape_lend_within(m, x->value, machine_here(m, task));
    else if (way->kind == WAY_PEER)
        lend_by_peer(m, way);
    trace_way(m, x, way);
    deed_of_way(m, x, way);
    switch ((enum way_kind)way->kind) {
    case WAY_BUFFER:
        if (x->is_send) {
            buffer_put(m, x->handle.id, x->value);
        } else {
            buffer_get(m, x->handle.id, x->value);
            set_ok(m, x, true);
        }
        break;
    case WAY_CLOSED:
        receive_zero(m, x);
        set_ok(m, x, false);
        received = false;
        break;
    case WAY_PEER:
        wishes_of(m, way->peer, machine_instr(m, way->peer), &theirs);
        meet(m, x, way->peer, &theirs.wish[way->peer_wish]);
        break;
    case WAY_FIRE:
        received = channel_at(m, x->handle)->kind != OBJECT_CONTEXT;
        fire(m, task, in, x);
        break;
    case WAY_EXTERNAL:
        if (x->is_send)
            memory_hand_out(m, x->value, send_size(m, x));
        receive_unknown(m, task, in, x);
        if (!x->is_send && x->index < 0) {
            op_advance(m, task, value_fresh(m, SCALAR_BOOL));
            return;
        }
        break;
    case WAY_FAULT:
        break;
    }
    op_advance(m, task, way_result(x, received));
}

/* ---- plain operations -------------------------------------------------------------------- */

/* What could have been: the operation succeeds although nobody was there. */
static enum outcome channel_forced(struct machine *m, uint32_t task, const struct instr *in,
                                   const struct wishes *w)
{
    receive_unknown(m, task, in, &w->wish[0]);
    op_advance(m, task, w->wish[0].is_send ? INT_VALUE(1) : INT_VALUE(machine_choose(m, 2)));
    return OUTCOME_DONE;
}

/* What is copied does not fit into the variable it is copied from or to. */
static void note_overrun(struct machine *m, uint32_t task, struct value handle, struct value v)
{
    const struct object *ch = channel_at(m, handle), *o;

    v = value_resolve(m, v);

    if (!ch || ch->external || v.kind != VALUE_ADDRESS)
        return;
    o = &m->objects[v.id];
    if (o->store == STORE_MEMORY && !o->external && o->size && o->size != UINT32_MAX && v.n >= 0 &&
        number_plus(v.n, ch->size) > o->size)
        machine_notice(m, (struct notice){ .kind = FACT_ELEMENT_SIZE, .task = task, .object = ch->kind,
                                           .at = machine_here(m, task), .made = object_made(m, handle) });
}

void wishes_note_overrun(struct machine *m, uint32_t task, const struct instr *in, const struct wishes *w)
{
    for (uint32_t i = 0; i < w->count; i++)
        note_overrun(m, task, w->wish[i].handle, w->wish[i].index < 0 ? op_arg(m, task, in, 1) : w->wish[i].value);
}

static enum outcome send_or_receive(struct machine *m, uint32_t task, const struct instr *in)
{
    struct wishes w;
    struct ways ways;

    wishes_of(m, task, in, &w);
    wishes_note_overrun(m, task, in, &w);
    if (machine_is_forced(m, task))
        return channel_forced(m, task, in, &w);
    ways_find(m, task, &w, false, &ways);
    if (ways.count == 0)
        return OUTCOME_BLOCKED;
    way_take(m, task, in, &w, &ways.way[machine_choose(m, ways.count)]);
    return OUTCOME_DONE;
}

static bool size_differs(struct machine *m, const struct object *ch, struct value size)
{
    return size.kind == VALUE_INT && ch->size != UINT32_MAX && size.n != ch->size && m->end == RUN_ON;
}

static enum outcome send_sized(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value handle = op_arg(m, task, in, 0);
    struct object *ch = channel_at(m, handle);

    if (ch && size_differs(m, ch, op_arg(m, task, in, 2))) {
        machine_fault(m, FACT_ELEMENT_SIZE, handle);
        return OUTCOME_ENDED;
    }
    return send_or_receive(m, task, in);
}

static bool has_sender_waiting(struct machine *m, uint32_t task, struct value handle)
{
    struct wishes w = { .count = 1, .wish = { { .handle = handle } } };
    struct ways ways = { .count = 0 };

    peers_find(m, task, &w, 0, &ways);
    return ways.count != 0;
}

/* Who is to blame is asked of a run in which some go on by force (blame.h). There a close that would abort others
 * is left out: what matters is whether they would have been received from, had it come later. */
static bool is_left_out(struct machine *m, uint32_t task, struct value handle)
{
    return (m->forced_count || m->forced_marks) && has_sender_waiting(m, task, handle);
}

static enum outcome close_channel(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value handle = op_arg(m, task, in, 0);
    struct object *ch = channel_at(m, handle);

    if (is_null(handle)) {
        machine_fault(m, FACT_CLOSE_NULL, handle);
    } else if (ch && ch->closed) {
        machine_fault(m, FACT_DOUBLE_CLOSE, handle);
    } else {
        if (ch && !is_left_out(m, task, handle)) {
            ch->closed = true;
            machine_note_use(m, object_made(m, handle), FLOW_CLOSE);
            machine_trace_object(m, STEP_CLOSE, handle, FLOW_NONE, 0);
            if (!ch->external)
                machine_notice(m, (struct notice){ .kind = FACT_CLOSED_BY_RECEIVER, .task = task, .object = ch->kind,
                                                   .at = machine_here(m, task), .made = ch->made });
        }
        op_advance(m, task, INT_VALUE(0));
    }
    return OUTCOME_DONE;
}

static enum outcome make_channel(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value size = op_arg(m, task, in, 0), capacity = op_arg(m, task, in, 1);
    uint32_t id = object_new(m, STORE_CHANNEL, machine_here(m, task));

    m->objects[id].size = size.kind == VALUE_INT ? (uint32_t)size.n : 0;
    m->objects[id].capacity = capacity;
    machine_trace_object(m, STEP_MAKE, memory_address(id, 0), FLOW_NONE, capacity.kind == VALUE_INT ? capacity.n : -1);
    op_advance(m, task, memory_address(id, 0));
    return OUTCOME_DONE;
}

enum outcome op_channel(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value handle;
    const struct object *ch;

    switch ((enum flow_op)in->op) {
    case FLOW_MAKE:
        return make_channel(m, task, in);
    case FLOW_SEND:
    case FLOW_RECV:
        return send_or_receive(m, task, in);
    case FLOW_SEND_SIZED:
        return send_sized(m, task, in);
    case FLOW_CLOSE:
        return close_channel(m, task, in);
    default:            /* retain, release, len, cap */
        handle = op_arg(m, task, in, 0);
        ch = channel_at(m, handle);
        if (in->op == FLOW_LEN)
            op_advance(m, task, ch && !ch->external ? INT_VALUE(ch->length) : value_fresh(m, SCALAR_U32));
        else if (in->op == FLOW_CAP)
            op_advance(m, task, ch ? ch->capacity : value_fresh(m, SCALAR_U32));
        else
            op_advance(m, task, handle);
        return OUTCOME_DONE;
    }
}
