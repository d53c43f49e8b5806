#include "lock_order.h"

/* A lock, wait group, condition or once lives in the program's memory: its
 * state is the cell at its address, zero when nothing was ever done with it. */

enum { ONCE_NEW, ONCE_RUNNING, ONCE_OVER };
enum { WRITER_AT = 8 };         /* a read-write lock: readers at 0, writer here */

struct cell_ref {
    uint32_t object, offset;
    bool     known;             /* false: an address we cannot follow; nothing is claimed of it */
};

static struct cell_ref cell_of(struct machine *m, struct value address)
{
    struct cell_ref ref = { 0 };
    int64_t offset;
    bool somewhere;

    if (memory_resolve(m, address, &ref.object, &offset, &somewhere) && !somewhere && offset >= 0) {
        ref.offset = (uint32_t)offset;
        ref.known = true;
    }
    return ref;
}

static struct value cell_get(struct machine *m, struct cell_ref ref, uint32_t at)
{
    const struct object *o = &m->objects[ref.object];

    for (uint32_t i = 0; i < o->cell_count; i++)
        if (o->cells[i].offset == ref.offset + at && o->cells[i].value.kind != VALUE_UNSET)
            return value_resolve(m, o->cells[i].value);
    return INT_VALUE(0);
}

static void cell_set(struct machine *m, struct cell_ref ref, uint32_t at, struct value v)
{
    memory_operate(m, memory_address(ref.object, ref.offset + at), v);
}

static bool cell_is(struct machine *m, struct cell_ref ref, uint32_t at, int64_t n)
{
    struct value v = cell_get(m, ref, at);

    return v.kind == VALUE_INT ? v.n == n : n == 0;
}

static bool is_external(const struct machine *m, struct cell_ref ref)
{
    return !ref.known || m->objects[ref.object].external;
}

/* Which of the locks and wait groups that were declared at one place: its offset in their object. */
static enum outcome done(struct machine *m, uint32_t task, enum step_kind step, struct value handle,
                         struct value result)
{
    machine_trace_object(m, step, handle, FLOW_NONE, value_resolve(m, handle).n);
    if (step == STEP_WAITED)
        machine_deed(m, DEED_WAITED);
    op_advance(m, task, result);
    return OUTCOME_DONE;
}

/* ---- wait groups ------------------------------------------------------------------ */

static enum outcome group_add(struct machine *m, uint32_t task, struct value handle, struct value delta)
{
    struct cell_ref ref = cell_of(m, handle);
    struct value count;

    if (!ref.known)
        return done(m, task, STEP_ADD, handle, INT_VALUE(0));
    count = value_binary(m, OP_ADD, SCALAR_I64, cell_get(m, ref, 0), delta);
    if (count.kind == VALUE_INT && count.n < 0 && !is_external(m, ref)) {
        machine_fault(m, FACT_NEGATIVE_WAIT_GROUP, handle);
        return OUTCOME_ENDED;
    }
    if (count.kind != VALUE_INT && value_holds(m, OP_LT, count, INT_VALUE(0))) {
        machine_prune(m);       /* a count nobody knows is not negative on purpose */
        return OUTCOME_ENDED;
    }
    cell_set(m, ref, 0, count);
    done(m, task, delta.kind == VALUE_INT && delta.n < 0 ? STEP_DONE : STEP_ADD, handle, INT_VALUE(0));
    if (m->tracing && delta.kind == VALUE_INT)
        m->steps[m->step_count - 1].amount = delta.n;
    return OUTCOME_DONE;
}

static bool same_cell(struct machine *m, struct value a, struct value b)
{
    a = value_resolve(m, a);
    b = value_resolve(m, b);
    return a.kind == VALUE_ADDRESS && b.kind == VALUE_ADDRESS && a.id == b.id && a.n == b.n;
}

/* The wait is over, but a task that has done nothing else yet is just about to add:
 * nothing tells it from one that has, and the wait was not for it. */
static void note_late_adds(struct machine *m, uint32_t task, struct value handle)
{
    for (uint32_t t = 0; t < m->task_count; t++) {
        const struct instr *in = machine_instr(m, t);
        struct value delta;

        if (t == task || !m->tasks[t].fresh || !in || in->kind != INSTR_OP || in->op != FLOW_WG_ADD ||
            !same_cell(m, op_arg(m, t, in, 0), handle))
            continue;
        delta = op_arg(m, t, in, 1);
        if (delta.kind == VALUE_INT && delta.n > 0)
            machine_notice(m, (struct notice){ .kind = FACT_ADD_IN_TASK, .task = t, .object = OBJECT_WAIT_GROUP,
                                               .at = machine_here(m, t), .made = object_made(m, handle) });
    }
}

static enum outcome group_wait(struct machine *m, uint32_t task, struct value handle)
{
    struct cell_ref ref = cell_of(m, handle);

    if (!is_external(m, ref) && cell_is(m, ref, 0, 0))
        note_late_adds(m, task, handle);

    if (machine_is_forced(m, task) || !ref.known || (is_external(m, ref) && cell_is(m, ref, 0, 0)) ||
        value_holds(m, OP_EQ, cell_get(m, ref, 0), INT_VALUE(0)))
        return done(m, task, STEP_WAITED, handle, INT_VALUE(0));
    return OUTCOME_BLOCKED;
}

/* ---- mutexes ------------------------------------------------------------------------ */

/* Taken by force a second time, it has to be given back as often. */
static void take(struct machine *m, struct cell_ref ref, uint32_t at)
{
    struct value v = cell_get(m, ref, at);

    cell_set(m, ref, at, INT_VALUE(v.kind == VALUE_INT ? number_plus(v.n, 1) : 1));
}

static enum outcome lock(struct machine *m, uint32_t task, struct value handle)
{
    struct cell_ref ref = cell_of(m, handle);

    if (ref.known && !cell_is(m, ref, 0, 0) && !machine_is_forced(m, task))
        return OUTCOME_BLOCKED;
    if (ref.known)
        take(m, ref, 0);
    return done(m, task, STEP_LOCK, handle, INT_VALUE(0));
}

static enum outcome try_lock(struct machine *m, uint32_t task, struct value handle)
{
    struct cell_ref ref = cell_of(m, handle);

    if (!ref.known)
        return done(m, task, STEP_LOCK, handle, value_fresh(m, SCALAR_BOOL));
    if (!cell_is(m, ref, 0, 0)) {
        op_advance(m, task, INT_VALUE(0));
        return OUTCOME_DONE;
    }
    cell_set(m, ref, 0, INT_VALUE(1));
    return done(m, task, STEP_LOCK, handle, INT_VALUE(1));
}

/* Give back what is at `at`; false: it was not taken. */
static bool give_back(struct machine *m, struct cell_ref ref, uint32_t at)
{
    struct value v;

    if (!ref.known)
        return true;
    v = cell_get(m, ref, at);
    if (v.kind != VALUE_INT) {
        cell_set(m, ref, at, INT_VALUE(0));
        return true;
    }
    if (v.n <= 0)
        return is_external(m, ref) || m->forced != FLOW_NONE;
    cell_set(m, ref, at, INT_VALUE(v.n - 1));
    return true;
}

static enum outcome unlock(struct machine *m, uint32_t task, struct value handle, uint32_t at, enum step_kind step)
{
    if (!give_back(m, cell_of(m, handle), at)) {
        machine_fault(m, FACT_UNLOCK_UNLOCKED, handle);
        return OUTCOME_ENDED;
    }
    return done(m, task, step, handle, INT_VALUE(0));
}

/* ---- read-write locks ------------------------------------------------------------------ */

static bool writer_queued(struct machine *m, uint32_t task, struct value handle)
{
    for (uint32_t i = 0; i < m->task_count; i++)
        if (i != task && m->tasks[i].frame_count && m->tasks[i].phase == PHASE_QUEUED &&
            same_cell(m, op_arg(m, i, machine_instr(m, i), 0), handle))
            return true;
    return false;
}

static enum outcome read_lock(struct machine *m, uint32_t task, struct value handle)
{
    struct cell_ref ref = cell_of(m, handle);
    struct value readers;

    if (!ref.known)
        return done(m, task, STEP_RDLOCK, handle, INT_VALUE(0));
    if ((!cell_is(m, ref, WRITER_AT, 0) || writer_queued(m, task, handle)) && !machine_is_forced(m, task))
        return OUTCOME_BLOCKED;
    readers = cell_get(m, ref, 0);
    cell_set(m, ref, 0, INT_VALUE(readers.kind == VALUE_INT ? number_plus(readers.n, 1) : 1));
    return done(m, task, STEP_RDLOCK, handle, INT_VALUE(0));
}

/* A writer that finds readers waits in line, and from then on new readers wait behind it. */
static enum outcome write_lock(struct machine *m, uint32_t task, struct value handle)
{
    struct cell_ref ref = cell_of(m, handle);

    if (!ref.known)
        return done(m, task, STEP_LOCK, handle, INT_VALUE(0));
    if ((cell_is(m, ref, 0, 0) && cell_is(m, ref, WRITER_AT, 0)) || machine_is_forced(m, task)) {
        take(m, ref, WRITER_AT);
        return done(m, task, STEP_LOCK, handle, INT_VALUE(0));
    }
    if (m->tasks[task].phase == PHASE_QUEUED || cell_is(m, ref, 0, 0))
        return OUTCOME_BLOCKED;
    m->tasks[task].phase = PHASE_QUEUED;
    machine_trace_object(m, STEP_QUEUE, handle, FLOW_NONE, value_resolve(m, handle).n);
    return OUTCOME_DONE;
}

/* ---- conditions -------------------------------------------------------------------------- */

/* Woken against all odds: whoever did it changed what the waiter looks at. */
static void forget_numbers(struct machine *m, uint32_t object)
{
    struct object *o = &m->objects[object];

    if (o->store != STORE_MEMORY || o->fill == FILL_STRING)
        return;
    for (uint32_t i = o->cell_count; i-- > 0;)
        if (o->cells[i].value.kind == VALUE_INT)
            memory_store(m, memory_address(object, o->cells[i].offset), o->cells[i].size, (struct value){ 0 });
    o->fill = FILL_UNKNOWN;
}

static void wake_by_force(struct machine *m, struct value cond, struct value mutex)
{
    struct cell_ref c = cell_of(m, cond), l = cell_of(m, mutex);

    for (uint32_t g = 0; g < m->flow->global_count; g++)
        if (m->globals[g] != FLOW_NONE && !m->flow->globals[g].is_const)
            forget_numbers(m, m->globals[g]);
    if (c.known)
        forget_numbers(m, c.object);
    if (l.known)
        cell_set(m, l, 0, INT_VALUE(0));
}

static enum outcome cond_wait(struct machine *m, uint32_t task, struct value cond, struct value mutex)
{
    struct task *t = &m->tasks[task];

    if (machine_is_forced(m, task))
        wake_by_force(m, cond, mutex);
    if (machine_is_forced(m, task) || (t->phase == PHASE_WAITING && is_external(m, cell_of(m, cond))))
        t->phase = PHASE_SIGNALLED;
    switch ((enum phase)t->phase) {
    case PHASE_SIGNALLED:
        return lock(m, task, mutex);
    case PHASE_WAITING:
        return OUTCOME_BLOCKED;
    default:
        if (!give_back(m, cell_of(m, mutex), 0)) {
            machine_fault(m, FACT_UNLOCK_UNLOCKED, mutex);
            return OUTCOME_ENDED;
        }
        t->phase = PHASE_WAITING;
        machine_deed(m, DEED_WAITED);
        machine_trace_object(m, STEP_UNLOCK, mutex, FLOW_NONE, value_resolve(m, mutex).n);
        machine_trace_object(m, STEP_WAIT, cond, FLOW_NONE, value_resolve(m, cond).n);
        return OUTCOME_DONE;
    }
}

static enum outcome cond_wake(struct machine *m, uint32_t task, struct value cond, bool all)
{
    uint32_t waiting[m->task_count], n = 0;

    for (uint32_t i = 0; i < m->task_count; i++)
        if (m->tasks[i].frame_count && m->tasks[i].phase == PHASE_WAITING &&
            same_cell(m, op_arg(m, i, machine_instr(m, i), 0), cond))
            waiting[n++] = i;
    if (n && !all) {
        waiting[0] = waiting[machine_choose(m, n)];
        n = 1;
    }
    for (uint32_t i = 0; i < n; i++)
        m->tasks[waiting[i]].phase = PHASE_SIGNALLED;
    machine_note_use(m, object_made(m, cond), all ? FLOW_COND_BROADCAST : FLOW_COND_SIGNAL);
    return done(m, task, STEP_SIGNAL, cond, INT_VALUE(0));
}

/* ---- once ---------------------------------------------------------------------------------- */

static enum outcome once(struct machine *m, uint32_t task, const struct instr *in, struct value handle)
{
    struct cell_ref ref = cell_of(m, handle);
    struct value fn = op_arg(m, task, in, 1), arg = op_arg(m, task, in, 2);
    struct task *t = &m->tasks[task];
    struct frame *f;
    uint32_t function = fn.kind == VALUE_FUNCTION ? m->flow->symbols[fn.id].function : FLOW_NONE;

    if (!ref.known || function == FLOW_NONE) {
        memory_havoc(m, arg);
        return done(m, task, STEP_WAITED, handle, INT_VALUE(0));
    }
    if (cell_is(m, ref, 0, ONCE_OVER) || machine_is_forced(m, task))
        return done(m, task, STEP_WAITED, handle, INT_VALUE(0));
    if (cell_is(m, ref, 0, ONCE_RUNNING))
        return OUTCOME_BLOCKED;
    cell_set(m, ref, 0, INT_VALUE(ONCE_RUNNING));
    frame_push(m, t, function);
    f = &t->frames[t->frame_count - 1];
    f->kind = FRAME_ONCE;
    f->once = handle;
    if (m->flow->functions[function].param_count && !m->flow->functions[function].params[0].in_slot)
        f->regs[m->flow->functions[function].params[0].index] = arg;
    t->order = 1;
    m->moves++;
    return OUTCOME_DONE;
}

struct value op_count(struct machine *m, uint32_t task, const struct instr *in)
{
    struct cell_ref ref = cell_of(m, op_arg(m, task, in, 0));
    struct value count;

    if (is_external(m, ref))
        return (struct value){ 0 };
    count = cell_get(m, ref, in->op == FLOW_WRUNLOCK ? WRITER_AT : 0);
    return count.kind == VALUE_INT ? count : (struct value){ 0 };
}

bool op_gives_too_much(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value count;

    if (in->kind != INSTR_OP || (in->op != FLOW_WG_DONE && in->op != FLOW_UNLOCK && in->op != FLOW_RDUNLOCK &&
                                 in->op != FLOW_WRUNLOCK))
        return false;
    count = op_count(m, task, in);
    return count.kind == VALUE_INT && count.n <= 0;
}

static enum step_kind step_of(enum flow_op op)
{
    return op == FLOW_RDLOCK ? STEP_RDLOCK : op == FLOW_RDUNLOCK ? STEP_RDUNLOCK
         : op == FLOW_LOCK || op == FLOW_WRLOCK ? STEP_LOCK : STEP_UNLOCK;
}

enum outcome op_sync(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value handle = op_arg(m, task, in, 0);

    if (m->lock_order && lock_order_passes(m, task, in)) {
        lock_order_pass(m, task, in);
        return m->end == RUN_ON ? done(m, task, step_of(in->op), handle, INT_VALUE(0)) : OUTCOME_ENDED;
    }
    if (m->lock_order && in->op == FLOW_TRYLOCK)
        lock_order_looked_at(m, task, in);
    if (m->lock_order)
        lock_order_noticed(m);
    switch ((enum flow_op)in->op) {
    case FLOW_WG_ADD:         return group_add(m, task, handle, op_arg(m, task, in, 1));
    case FLOW_WG_DONE:        return group_add(m, task, handle, INT_VALUE(-1));
    case FLOW_WG_WAIT:        return group_wait(m, task, handle);
    case FLOW_LOCK:           return lock(m, task, handle);
    case FLOW_TRYLOCK:        return try_lock(m, task, handle);
    case FLOW_UNLOCK:         return unlock(m, task, handle, 0, STEP_UNLOCK);
    case FLOW_RDLOCK:         return read_lock(m, task, handle);
    case FLOW_RDUNLOCK:       return unlock(m, task, handle, 0, STEP_RDUNLOCK);
    case FLOW_WRLOCK:         return write_lock(m, task, handle);
    case FLOW_WRUNLOCK:       return unlock(m, task, handle, WRITER_AT, STEP_UNLOCK);
    case FLOW_COND_WAIT:      return cond_wait(m, task, handle, op_arg(m, task, in, 1));
    case FLOW_COND_SIGNAL:    return cond_wake(m, task, handle, false);
    case FLOW_COND_BROADCAST: return cond_wake(m, task, handle, true);
    case FLOW_ONCE:           return once(m, task, in, handle);
    default:                  return OUTCOME_DONE;
    }
}
