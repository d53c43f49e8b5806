#include "machine.h"

#include "lending.h"

/* Locals whose address a task was given. The object of a local knows where it was
 * handed over (`lent`), and when its frame has gone it is `gone`: whoever touches it
 * then reads what is not there any more.
 *
 * What a task has read since its last operation it may just as well read later:
 * nobody can have noticed that it has (its local steps commute to the right with
 * everything others do; Lipton, "Reduction", 1975). So a task that has done no operation since
 * it touched what goes now may have come too late; it is stopped right before that touch. Only
 * of a task that is still fresh the same is asked about what is changed for the next task. */

/* ---- addresses, without touching anything ------------------------------------------ */

static struct value cell_at(const struct machine *m, struct value address)
{
    const struct object *o = &m->objects[address.id];

    for (uint32_t i = 0; address.kind == VALUE_ADDRESS && i < o->cell_count; i++)
        if (o->cells[i].offset == address.n)
            return value_resolve(m, o->cells[i].value);
    return (struct value){ 0 };
}

/* An address as far as it is known: executing it could choose, or make objects up. */
static struct value quiet_address(const struct machine *m, const struct frame *f, uint32_t expr)
{
    const struct function *fn = &m->flow->functions[f->function];
    const struct expr *e = &fn->exprs[expr];
    struct value v = { 0 };

    switch ((enum expr_kind)e->kind) {
    case EXPR_REG:
        return value_resolve(m, f->regs[e->index]);
    case EXPR_SLOT:
        return f->slots[e->index] == FLOW_NONE ? v : memory_address(f->slots[e->index], 0);
    case EXPR_LOAD:
        v = quiet_address(m, f, e->a);
        return v.kind == VALUE_ADDRESS ? cell_at(m, v) : (struct value){ 0 };
    case EXPR_CAST:
        return quiet_address(m, f, e->a);
    case EXPR_INDEX:
        v = quiet_address(m, f, e->a);
        if (v.kind == VALUE_ADDRESS && fn->exprs[e->b].kind == EXPR_CONST)
            v.n = number_plus(v.n, number_times(fn->exprs[e->b].number, e->number));
        else if (v.kind == VALUE_ADDRESS)
            v.kind = VALUE_SOMEWHERE;
        return v;
    case EXPR_CONST: case EXPR_GLOBAL: case EXPR_STRING: case EXPR_BINARY: case EXPR_UNARY: case EXPR_UNKNOWN:
        break;
    }
    return v;
}

/* ---- handing over --------------------------------------------------------------------- */

static void notice(struct machine *m, enum fact_kind kind, uint32_t task, const struct object *o)
{
    machine_notice(m, (struct notice){ .kind = (uint8_t)kind, .task = task, .at = o->lent, .made = o->made });
}

static bool is_within(uint32_t offset, struct span span)
{
    return offset >= span.from && offset < span.to;
}

/* Is some task that was started here still to take its first step? */
static bool has_newborn(const struct machine *m, struct place here)
{
    for (uint32_t t = 0; t < m->task_count; t++)
        if (m->tasks[t].fresh && m->tasks[t].order && same_place(m->tasks[t].spawned, here))
            return true;
    return false;
}

/* Lent again at the same place, and changed in between: those it was lent to before may not
 * have looked yet. They have not been run so far, or are fresh. */
static void lend_again(struct machine *m, uint32_t object, struct place here)
{
    struct object *o = &m->objects[object];

    if (o->late)
        notice(m, FACT_CHANGING, m->current, o);
    o->again = (struct span){ 0 };
    if (has_newborn(m, here))
        o->again = o->changed;
    for (uint32_t t = 0; t < m->task_count; t++)
        if (m->tasks[t].frame_count && m->tasks[t].fresh && m->tasks[t].touched == object &&
            is_within(m->tasks[t].touched_at, o->changed))
            notice(m, FACT_CHANGING, t, o);
}

static void lend_object(struct machine *m, struct value v, struct place here)
{
    struct object *o = &m->objects[v.id];

    if (!o->local || o->gone)
        return;
    if (same_place(o->lent, here) && o->lent_at == v.n)
        lend_again(m, v.id, here);
    o->changed = (struct span){ 0 };
    o->late = false;
    o->lent = here;
    o->lent_at = (uint32_t)v.n;
}

void escape_lend(struct machine *m, struct value v, struct place here)
{
    v = value_resolve(m, v);
    if (!m->plan->lends || (v.kind != VALUE_ADDRESS && v.kind != VALUE_SOMEWHERE))
        return;
    lend_object(m, v, here);
    escape_lend_within(m, v, here);
}

void escape_lend_within(struct machine *m, struct value v, struct place here)
{
    v = value_resolve(m, v);
    if (!m->plan->lends || (v.kind != VALUE_ADDRESS && v.kind != VALUE_SOMEWHERE))
        return;
    for (uint32_t i = 0; i < m->objects[v.id].cell_count; i++) {
        struct value cell = value_resolve(m, m->objects[v.id].cells[i].value);

        if (cell.kind == VALUE_ADDRESS && cell.id != v.id)
            lend_object(m, cell, here);
    }
}

/* ---- touching ------------------------------------------------------------------------- */

/* The locals of main live as long as the process, but for those of a turn of a loop. */
static bool may_go(const struct machine *m, const struct object *o)
{
    const bool *repeats = m->plan->functions[o->made.function].repeats;

    if (m->is_library || o->made.function != m->tasks[0].entry)
        return true;
    return o->made.instr != FLOW_NONE && repeats && repeats[o->made.instr];
}

/* Where the task is: at an instruction, or, instr NONE, where its block ends. */
static struct place touching_at(const struct machine *m, uint32_t task, bool at_end)
{
    struct place here = machine_here(m, task);

    if (at_end)
        here.instr = FLOW_NONE;
    return here;
}

/* As a step of the trace: the task uses what is gone, there. */
static void trace_use(struct machine *m, uint32_t task, const struct object *o, struct place at, uint32_t block)
{
    uint32_t current = m->current;

    m->current = task;
    machine_trace(m, STEP_USE, o->made, FLOW_NONE, 0);
    if (m->tracing) {
        m->steps[m->step_count - 1].at = at;
        m->steps[m->step_count - 1].block = at.instr == FLOW_NONE ? block : FLOW_NONE;
    }
    m->current = current;
}

/* What a fresh task reads may have been changed for the next one. */
static void touch_early(struct machine *m, uint32_t task, struct object *o, uint32_t at)
{
    if (is_within(at, o->again))
        notice(m, FACT_CHANGING, task, o);
    o->late |= is_within(at, o->changed);
}

static void touch(struct machine *m, uint32_t task, struct value at, bool at_end)
{
    struct task *t = &m->tasks[task];
    struct object *o;

    if (at.kind != VALUE_ADDRESS && at.kind != VALUE_SOMEWHERE)
        return;
    o = &m->objects[at.id];
    if (!o->local || o->lent.function == FLOW_NONE || o->external)
        return;
    if (o->gone) {
        trace_use(m, task, o, touching_at(m, task, at_end), t->frames[t->frame_count - 1].block);
        notice(m, FACT_ESCAPING, task, o);
        return;
    }
    if (t->fresh && at.kind == VALUE_ADDRESS)
        touch_early(m, task, o, (uint32_t)at.n);
    if (!t->fresh && !may_go(m, o))
        return;
    t->touched = at.id;
    t->touched_at = at.kind == VALUE_ADDRESS ? (uint32_t)at.n : UINT32_MAX;
    t->touched_by = touching_at(m, task, at_end);
    t->touched_in = at_end ? t->frames[t->frame_count - 1].block : FLOW_NONE;
}

void escape_touch(struct machine *m, uint32_t task, const struct instr *in)
{
    const struct task *t = &m->tasks[task];
    const struct frame *f = &t->frames[t->frame_count - 1];
    const bool *touches = m->plan->functions[f->function].touches;
    uint32_t address[ACCESSES_MAX], n;

    if (!touches || !touches[f->instr] || t->phase != PHASE_NONE)
        return;
    n = lending_accesses(m->flow, &m->flow->functions[f->function], in, address);
    for (uint32_t i = 0; i < n; i++)
        touch(m, task, quiet_address(m, f, address[i]), false);
}

void escape_touch_end(struct machine *m, uint32_t task)
{
    const struct task *t = &m->tasks[task];
    const struct frame *f = &t->frames[t->frame_count - 1];
    const struct function *fn = &m->flow->functions[f->function];
    const bool *touches = m->plan->functions[f->function].ends_touch;
    uint32_t address[ACCESSES_MAX], n;

    if (!touches || !touches[f->block])
        return;
    n = lending_end_accesses(fn, &fn->blocks[f->block], address);
    for (uint32_t i = 0; i < n; i++)
        touch(m, task, quiet_address(m, f, address[i]), true);
}

/* ---- what others may know of it ---------------------------------------------------------- */

/* Does nobody notice that the operation was done? */
static bool is_private(enum flow_op op)
{
    switch (op) {
    case FLOW_YIELD: case FLOW_SLEEP: case FLOW_MAKE: case FLOW_RETAIN: case FLOW_CAP: case FLOW_AFTER:
    case FLOW_TICKER_MAKE: case FLOW_TICKER_CHAN: case FLOW_CTX_BACKGROUND: case FLOW_CTX_DONE: case FLOW_GROUP_CTX:
        return true;
    default:
        return op >= FLOW_ALLOC && op != FLOW_ATOMIC;
    }
}

void escape_operated(struct machine *m, uint32_t task, const struct instr *in)
{
    enum flow_op op = in->kind == INSTR_OP ? (enum flow_op)in->op : FLOW_OP_NONE;

    if (in->kind == INSTR_CALL && in->symbol != FLOW_NONE)
        op = m->flow->symbols[in->symbol].model;
    if (op != FLOW_OP_NONE && is_private(op))
        return;
    escape_noticed(m, task);
}

void escape_noticed(struct machine *m, uint32_t task)
{
    m->tasks[task].fresh = false;
    m->tasks[task].touched = FLOW_NONE;
}

/* Code that is not seen may have told others how far the task is, or have waited for whom
 * it has lent its locals: nothing is claimed about them. */
void escape_unseen(struct machine *m, uint32_t task)
{
    const struct task *t = &m->tasks[task];

    m->tasks[task].touched = FLOW_NONE;
    for (uint32_t i = 0; m->plan->lends && i < t->frame_count; i++)
        for (uint32_t k = 0; k < m->flow->functions[t->frames[i].function].slot_count; k++)
            if (t->frames[i].slots[k] != FLOW_NONE)
                m->objects[t->frames[i].slots[k]].lent = NO_PLACE;
}

/* What decides nothing may matter here all the same: code that is not seen, atomics. */
void escape_skipped(struct machine *m, uint32_t task, const struct instr *in)
{
    bool called = in->kind == INSTR_CALL && (in->symbol == FLOW_NONE ||
                                             (m->flow->symbols[in->symbol].function == FLOW_NONE &&
                                              m->flow->symbols[in->symbol].model == FLOW_OP_NONE));

    if (called || in->kind == INSTR_HAVOC)
        escape_unseen(m, task);
    else if (in->kind == INSTR_OP && in->op == FLOW_ATOMIC)
        m->tasks[task].touched = FLOW_NONE;
}

/* Somebody may watch what it writes where others can see it, and know from that how far it is. */
void escape_stored(struct machine *m, uint32_t task, struct value address)
{
    const struct object *o;

    address = value_resolve(m, address);
    if (address.kind == VALUE_ADDRESS || address.kind == VALUE_SOMEWHERE) {
        o = &m->objects[address.id];
        if (o->local && o->lent.function == FLOW_NONE && !o->external)
            return;
    }
    if (!m->tasks[task].fresh)
        m->tasks[task].touched = FLOW_NONE;
}

/* ---- changing and going ----------------------------------------------------------------- */

void escape_changed(struct machine *m, struct value address, uint32_t size)
{
    struct object *o;

    address = value_resolve(m, address);
    if (!m->plan->lends || address.kind != VALUE_ADDRESS)
        return;
    o = &m->objects[address.id];
    if (o->local && o->lent.function != FLOW_NONE && !m->tasks[m->current].fresh)
        o->changed = (struct span){ (uint32_t)address.n, (uint32_t)address.n + size };
}

/* Is the task just about to touch the object, or may have for long: it waits in the operation that does? */
static bool rests_on(const struct machine *m, uint32_t task, uint32_t object)
{
    const struct task *t = &m->tasks[task];
    const struct instr *in = machine_instr(m, task);
    const bool *touches = in ? m->plan->functions[t->frames[t->frame_count - 1].function].touches : NULL;
    const struct frame *f = &t->frames[t->frame_count - 1];
    uint32_t address[ACCESSES_MAX], n;

    if (!touches || !touches[f->instr] || t->phase != PHASE_NONE || (in->kind != INSTR_OP && in->kind != INSTR_CALL))
        return false;
    n = lending_accesses(m->flow, &m->flow->functions[f->function], in, address);
    for (uint32_t i = 0; i < n; i++) {
        struct value v = quiet_address(m, f, address[i]);

        if ((v.kind == VALUE_ADDRESS || v.kind == VALUE_SOMEWHERE) && v.id == object)
            return true;
    }
    return false;
}

/* The task has not shown since that it is past where it touches the object: it may come there now. */
static void comes_late(struct machine *m, uint32_t task, uint32_t object)
{
    struct task *t = &m->tasks[task];
    bool touched = t->touched == object;

    trace_use(m, task, &m->objects[object], touched ? t->touched_by : machine_here(m, task), t->touched_in);
    notice(m, FACT_ESCAPING, task, &m->objects[object]);
    t->touched = touched ? FLOW_NONE : t->touched;
}

void escape_gone(struct machine *m, uint32_t object)
{
    struct object *o;

    if (!m->plan->lends || object == FLOW_NONE)
        return;
    o = &m->objects[object];
    if (o->store != STORE_MEMORY)
        return;
    o->gone = true;
    if (o->lent.function == FLOW_NONE || o->external)
        return;
    for (uint32_t t = 0; t < m->task_count; t++)
        if (t != m->current && (m->tasks[t].touched == object || rests_on(m, t, object)))
            comes_late(m, t, object);
}
