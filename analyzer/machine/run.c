#include "lock_order.h"
#include "saturate.h"

#include <string.h>

enum {
    FRAMES_MAX = 48,            /* deeper recursion is not followed */
    ALONE_MAX = 64,             /* operations in one step while no other task exists, */
    ALONE_CHOICES = 3,          /* and unknown conditions: then their ways may meet again */
    PAUSE_CHOICES = 5,          /* unknown conditions in one step before a pause */
    INSTRUCTIONS_MAX = 400000,  /* of one step */
    UNKNOWNS_MAX = 20000,       /* likewise */
    COUNTDOWN_MAX = 64,         /* a counter that only goes down is run from here */
};

static const struct function *function_of(const struct machine *m, const struct frame *f)
{
    return &m->flow->functions[f->function];
}

static struct frame *top(struct machine *m, uint32_t task)
{
    struct task *t = &m->tasks[task];

    return &t->frames[t->frame_count - 1];
}

const bits_word *frame_live(const struct machine *m, const struct frame *f)
{
    const struct function_plan *p = &m->plan->functions[f->function];

    return f->instr < m->flow->functions[f->function].instr_count ? p->live[f->instr] : NULL;
}

/* ---- frames and calls --------------------------------------------------------- */

void frame_push(struct machine *m, struct task *t, uint32_t function)
{
    const struct function *fn = &m->flow->functions[function];
    struct frame *f = &ARENA_PUSH(m->arena, t->frames, t->frame_count, t->frame_capacity);

    *f = (struct frame){ .function = function, .instr = fn->blocks[0].first_instr };
    f->regs = ARENA_ARRAY(m->arena, struct value, fn->reg_count);
    f->slots = ARENA_ARRAY(m->arena, uint32_t, fn->slot_count);
    memset(f->slots, 0xff, fn->slot_count * sizeof *f->slots);
}

/* Parameter i of the newest frame becomes v (for a struct: what is at address v). */
static void bind_param(struct machine *m, struct frame *f, uint32_t i, struct value v)
{
    const struct param *p = &function_of(m, f)->params[i];

    if (v.kind == VALUE_UNSET)
        return;
    if (!p->in_slot) {
        f->regs[p->index] = value_cast(m, p->type, v);
        return;
    }
    struct value slot = eval_slot(m, f, p->index);
    if (p->is_struct)
        memory_copy(m, slot, v, function_of(m, f)->slots[p->index].size);
    else
        memory_store(m, slot, scalar_size(p->type), value_cast(m, p->type, v));
}

static void call_function(struct machine *m, uint32_t task, uint32_t function, const struct value *args,
                          uint32_t count)
{
    struct task *t = &m->tasks[task];
    const struct function *fn = &m->flow->functions[function];

    if (t->frame_count >= FRAMES_MAX) {
        machine_not_understood(m, COVERAGE_CUT_LOOP, "recursion too deep to be followed");
        machine_prune(m);
        return;
    }
    frame_push(m, t, function);
    for (uint32_t i = 0; i < count && i < fn->param_count; i++)
        bind_param(m, top(m, task), i, args[i]);
}

/* Code we cannot see may do anything with what it is given. */
static void call_unknown(struct machine *m, uint32_t task, const struct instr *in, const struct value *args)
{
    if (m->lock_order)
        lock_order_noticed(m);
    for (uint32_t i = 0; i < in->arg_count; i++)
        memory_havoc(m, args[i]);
    escape_unseen(m, task);
    if (in->dst_address != FLOW_NONE)
        memory_unknown(m, eval(m, top(m, task), in->dst_address), UINT32_MAX);
    op_advance(m, task, value_fresh(m, in->type == SCALAR_I8 ? SCALAR_I64 : in->type));
}

/* An argument that the callee does not read stays unset: what it would be made
 * of may not have been kept. callee: FLOW_NONE reads all. */
static void eval_args(struct machine *m, uint32_t task, const struct instr *in, uint32_t callee,
                      struct value *args)
{
    struct frame *f = top(m, task);

    for (uint32_t i = 0; i < in->arg_count; i++) {
        bool read = callee == FLOW_NONE || (i < m->flow->functions[callee].param_count &&
                                            m->plan->functions[callee].param_matters[i]);

        args[i] = read ? eval(m, f, function_of(m, f)->args[in->first_arg + i]) : (struct value){ 0 };
    }
}

static uint32_t callee_symbol(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value v;

    if (in->symbol != FLOW_NONE)
        return in->symbol;
    v = eval(m, top(m, task), in->a);
    if (v.kind == VALUE_FUNCTION)
        return v.id;
    if (v.kind == VALUE_INT)
        machine_prune(m);       /* NULL is called: the program crashes */
    return FLOW_NONE;
}

/* Returns false when the task must rest: the callee is an operation that others may come before. */
static bool run_call(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value args[in->arg_count + 1];
    uint32_t symbol = callee_symbol(m, task, in), callee;

    if (m->end != RUN_ON)
        return true;
    if (symbol != FLOW_NONE && m->flow->symbols[symbol].function == FLOW_NONE &&
        m->flow->symbols[symbol].model != FLOW_OP_NONE) {
        struct instr op = *in;

        op.kind = INSTR_OP;
        op.op = m->flow->symbols[symbol].model;
        op.name = m->flow->symbols[symbol].name;
        if (m->lock_order && lock_order_minds(&op))
            lock_order_noticed(m);
        return op_execute(m, task, &op) != OUTCOME_BLOCKED;
    }
    callee = symbol == FLOW_NONE ? FLOW_NONE : m->flow->symbols[symbol].function;
    eval_args(m, task, in, callee, args);
    if (callee != FLOW_NONE)
        call_function(m, task, callee, args, in->arg_count);
    else
        call_unknown(m, task, in, args);
    return true;
}

uint32_t task_start(struct machine *m, struct value function, struct value arg, uint32_t group)
{
    struct place here = machine_here(m, m->current);
    uint32_t id, f = FLOW_NONE;
    struct task *t;

    function = value_resolve(m, function);
    if (function.kind == VALUE_FUNCTION)
        f = m->flow->symbols[function.id].function;
    if (f == FLOW_NONE) {               /* a task whose code we do not have */
        memory_havoc(m, arg);
        return FLOW_NONE;
    }
    t = &ARENA_PUSH(m->arena, m->tasks, m->task_count, m->task_capacity);
    id = m->task_count - 1;
    *t = (struct task){ .entry = f, .spawned = here, .group = group, .epoch = m->epoch, .fresh = true, .touched = FLOW_NONE,
                        .touched_by = NO_PLACE, .name = m->next_name++, .order = 1 };
    frame_push(m, t, f);
    if (m->flow->functions[f].param_count)
        bind_param(m, top(m, id), 0, arg);
    machine_trace(m, STEP_START, NO_PLACE, t->name, 0);
    return id;
}

void op_advance(struct machine *m, uint32_t task, struct value result)
{
    struct frame *f = top(m, task);
    const struct instr *in = &function_of(m, f)->instrs[f->instr];

    if (in->dst != FLOW_NONE)
        f->regs[in->dst] = result;
    machine_note_moved(m, task);
    f->instr++;
    m->tasks[task].phase = PHASE_NONE;
    escape_operated(m, task, in);
    m->tasks[task].order = 1;           /* wants to run on */
    m->moves++;
}

/* ---- returning ------------------------------------------------------------------ */

static void group_finished(struct machine *m, uint32_t group, struct value result)
{
    struct object *g = &m->objects[group];

    g->length--;
    if (g->result.kind == VALUE_INT && g->result.n == 0 && value_true(m, result)) {
        m->objects[group].result = result;
        context_cancel(m, m->objects[group].link, CANCELLED_BY_CALL);
    }
}

/* The tasks that a function started outlive it. */
static void caller_left(struct machine *m, uint32_t function)
{
    for (uint32_t i = 1; i < m->task_count; i++)
        if (m->tasks[i].spawned.function == function)
            m->tasks[i].caller_gone = true;
}

/* What the root hands back, and what it left in memory that is not its own, its caller may use. */
static void hand_to_caller(struct machine *m, struct value result)
{
    uint32_t count = m->object_count;

    memory_havoc(m, result);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t c = 0; m->objects[i].external && c < m->objects[i].cell_count; c++)
            memory_havoc(m, m->objects[i].cells[c].value);
}

static void finish_task(struct machine *m, uint32_t task, struct value result)
{
    struct task *t = &m->tasks[task];

    if (task == 0 && m->is_library)
        hand_to_caller(m, result);

    machine_trace(m, STEP_RETURN, NO_PLACE, FLOW_NONE, 0);
    t->frame_count = 0;
    if (t->group != FLOW_NONE) {
        escape_noticed(m, task);
        group_finished(m, t->group, result);
    }
}

/* The locals of main live as long as the process. */
static void locals_go(struct machine *m, uint32_t task, const struct frame *f)
{
    if (task == 0 && m->tasks[0].frame_count == 1 && !m->is_library)
        return;
    for (uint32_t i = 0; m->plan->lends && i < function_of(m, f)->slot_count; i++)
        escape_gone(m, f->slots[i]);
}

/* Return the value of expression `cond`, or none. */
static void run_return(struct machine *m, uint32_t task, uint32_t cond)
{
    struct task *t = &m->tasks[task];
    struct frame *f = top(m, task), *caller;
    const struct function *fn = function_of(m, f);
    const struct function_plan *p = &m->plan->functions[f->function];
    struct value result = { 0 };
    const struct instr *in;

    if (cond != FLOW_NONE && p->decides[f->block])
        result = eval(m, f, cond);
    locals_go(m, task, f);
    if (t->frame_count == 1) {
        caller_left(m, f->function);
        finish_task(m, task, result);
        return;
    }
    caller_left(m, f->function);
    t->frame_count--;
    caller = top(m, task);
    in = &function_of(m, caller)->instrs[caller->instr];
    if (f->kind == FRAME_ONCE)
        memory_operate(m, f->once, INT_VALUE(2));
    else if (in->dst_address != FLOW_NONE && result.kind == VALUE_ADDRESS)
        memory_copy(m, eval(m, caller, in->dst_address), result, fn->return_size);
    else if (in->dst != FLOW_NONE)
        caller->regs[in->dst] = result;
    caller->instr++;
}

/* ---- control ---------------------------------------------------------------------- */

/* Where a counter's value is; NULL: it has none. */
static struct value *counter_at(struct machine *m, struct frame *f, const struct counter *c)
{
    struct object *o;

    if (!c->in_slot)
        return &f->regs[c->at];
    if (f->slots[c->at] == FLOW_NONE)
        return NULL;
    o = &m->objects[f->slots[c->at]];
    return o->cell_count == 1 && o->cells[0].offset == 0 ? &o->cells[0].value : NULL;
}

/* One that only comes down is run for longer: it is on its way to 0. One that may end the loop is to do so first,
 * where it will. */
static void saturate_counter(struct machine *m, struct frame *f, const struct counter *c)
{
    const struct function_plan *p = &m->plan->functions[f->function];
    int64_t limit = c->ends ? m->plan->coarse.tally : m->plan->coarse.saturation;
    int64_t from = c->ends ? INT64_MAX : limit > COUNTDOWN_MAX ? limit : COUNTDOWN_MAX;
    uint32_t at = c->at + (c->in_slot ? function_of(m, f)->reg_count : 0);
    struct value *counted = counter_at(m, f, c);

    if (counted)
        *counted = saturate(m, *counted, c->down ? -limit : INT64_MIN, c->up ? limit : from,
                            p->moduli ? p->moduli[at] : 1);
}

/* A loop counted too far is a loop of unknown count: its counters may be anything. One that
 * only computes, on what is known, comes to an end by itself: the hash of a text is that hash. */
static void enter_block(struct machine *m, struct frame *f, uint32_t block)
{
    const struct function_plan *p = &m->plan->functions[f->function];

    f->block = block;
    f->instr = function_of(m, f)->blocks[block].first_instr;
    if (p->counters[block]) {
        bool chose = turns_count(m, f, block);

        if (chose || !p->computes[block])
            for (const struct counter *c = p->counters[block]; c->at != FLOW_NONE; c++)
                saturate_counter(m, f, c);
    }
    if (!p->long_loop[block])
        return;
    for (const uint32_t *r = p->widen[block]; *r != FLOW_NONE; r++)
        f->regs[*r] = value_fresh(m, SCALAR_I64);
    if (p->long_loop[block] == 2)
        machine_widen(m, "a loop counted too far to be run in full");
}

static void trace_choice(struct machine *m, const struct frame *f, enum step_kind kind, int64_t taken)
{
    struct step *s;

    if (!m->tracing)
        return;
    s = &ARENA_PUSH(m->trace_arena, m->steps, m->step_count, m->step_capacity);
    *s = (struct step){ .kind = (uint8_t)kind, .task = m->tasks[m->current].name, .other = FLOW_NONE,
                        .at = { f->function, FLOW_NONE }, .block = f->block, .made = NO_PLACE,
                        .number = taken, .times = 1, .round = 1, .since = FLOW_NONE };
}

/* Where it goes; *low: which case that is. */
static uint32_t switch_target(struct machine *m, const struct function *fn, const struct block *b,
                              struct value v, int64_t *low)
{
    for (uint32_t i = 0; i < b->case_count; i++) {
        const struct switch_case *c = &fn->cases[b->first_case + i];

        *low = c->low;
        if (c->low == c->high ? value_holds(m, OP_EQ, v, INT_VALUE(c->low))
                              : value_holds(m, OP_GE, v, INT_VALUE(c->low)) &&
                                    value_holds(m, OP_LE, v, INT_VALUE(c->high)))
            return c->block;
    }
    *low = CASE_DEFAULT;
    return b->else_block;
}

static void run_terminator(struct machine *m, uint32_t task)
{
    struct frame *f = top(m, task);
    const struct function *fn = function_of(m, f);
    const struct block *b = &fn->blocks[f->block];
    uint32_t skip = m->plan->functions[f->function].skip_to[f->block], before = m->choice_at;

    escape_touch_end(m, task);
    if (skip == PLAN_RETURN) {
        run_return(m, task, FLOW_NONE);
        return;
    }
    if (skip != FLOW_NONE) {
        enter_block(m, f, skip);
        return;
    }
    switch ((enum term_kind)b->term) {
    case TERM_JUMP:
        enter_block(m, f, b->then_block);
        break;
    case TERM_BRANCH: {
        bool taken = value_true(m, eval(m, f, b->cond));
        if (m->choice_at != before)
            trace_choice(m, f, STEP_BRANCH, taken);
        turns_branch(m, f, m->choice_at - before);
        enter_block(m, f, taken ? b->then_block : b->else_block);
        break;
    }
    case TERM_SWITCH: {
        int64_t low;
        uint32_t to = switch_target(m, fn, b, eval(m, f, b->cond), &low);
        if (m->choice_at != before)
            trace_choice(m, f, STEP_CASE, low);
        enter_block(m, f, to);
        break;
    }
    case TERM_RETURN:
        run_return(m, task, b->cond);
        break;
    case TERM_UNREACHABLE:
        machine_prune(m);
        break;
    }
}

static struct value stored_value(struct machine *m, struct frame *f, const struct instr *in)
{
    const uint8_t *tally = m->plan->functions[f->function].tally;
    uint8_t modulus = tally ? tally[in - function_of(m, f)->instrs] : 0;
    struct value v = eval(m, f, in->b);

    return modulus ? saturate(m, v, -m->plan->coarse.tally, m->plan->coarse.tally, modulus) : v;
}

static bool run_instr(struct machine *m, uint32_t task, const struct instr *in)
{
    struct frame *f = top(m, task);

    switch ((enum instr_kind)in->kind) {
    case INSTR_SET:
        f->regs[in->dst] = eval(m, f, in->a);
        break;
    case INSTR_STORE: {
        struct value address = eval(m, f, in->a);
        memory_store(m, address, scalar_size(in->type), stored_value(m, f, in));
        escape_changed(m, address, scalar_size(in->type));
        escape_stored(m, task, address);
        break;
    }
    case INSTR_COPY: {
        struct value to = eval(m, f, in->a);
        memory_copy(m, to, eval(m, f, in->b), in->size);
        escape_changed(m, to, in->size);
        escape_stored(m, task, to);
        break;
    }
    case INSTR_ZERO:
        memory_zero(m, eval(m, f, in->a), in->size);
        break;
    case INSTR_DECL:
        escape_gone(m, f->slots[in->slot]);
        f->slots[in->slot] = local_new(m, f, in->slot, machine_here(m, task));
        break;
    case INSTR_CALL:
        return run_call(m, task, in);
    case INSTR_OP:
        return op_execute(m, task, in) != OUTCOME_BLOCKED;
    case INSTR_HAVOC:
        for (uint32_t i = 0; i < in->arg_count; i++)
            memory_havoc(m, eval(m, f, function_of(m, f)->args[in->first_arg + i]));
        machine_not_understood(m, COVERAGE_NOT_UNDERSTOOD, flow_string(m->flow, in->name));
        escape_unseen(m, task);
        break;
    }
    f->instr++;
    return true;
}

static uint32_t tasks_alive(const struct machine *m)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < m->task_count; i++)
        n += m->tasks[i].frame_count != 0;
    return n;
}

/* Where others may come in between, the task stops; alone it goes on for a while. What aborts
 * the program commutes with nothing. */
static bool must_stop(struct machine *m, uint32_t task, const struct frame *f)
{
    const struct instr *in = &function_of(m, f)->instrs[f->instr];

    if (m->lock_order && lock_order_passes(m, task, in))
        return false;
    if (!m->plan->functions[f->function].stops[f->instr] && !op_gives_too_much(m, task, in))
        return false;
    return m->forced != FLOW_NONE || tasks_alive(m) > 1 || m->moves >= ALONE_MAX ||
           m->choice_at >= ALONE_CHOICES ||
           (in->kind == INSTR_OP && in->op == FLOW_LEAK_CHECK_END);
}

static bool may_pause(const struct machine *m, const struct frame *f)
{
    return m->choice_at >= PAUSE_CHOICES && m->plan->functions[f->function].pauses[f->block] &&
           f->instr == function_of(m, f)->blocks[f->block].first_instr;
}

static void run_to_stop(struct machine *m, uint32_t task)
{
    m->tasks[task].paused = false;
    while (m->end == RUN_ON && m->tasks[task].frame_count) {
        struct frame *f = top(m, task);
        const struct block *b = &function_of(m, f)->blocks[f->block];

        if (++m->instructions > INSTRUCTIONS_MAX) {
            machine_not_understood(m, COVERAGE_CUT_LOOP, "a loop too long to be run in full");
            machine_prune(m);
        } else if (m->unknown_count > UNKNOWNS_MAX) {
            machine_not_understood(m, COVERAGE_CUT_LOOP, "too many unknown values in a row");
            machine_prune(m);
        } else if (may_pause(m, f)) {
            m->tasks[task].paused = true;
            return;
        } else if (f->instr == b->first_instr + b->instr_count) {
            run_terminator(m, task);
        } else if (!m->plan->functions[f->function].keep[f->instr]) {
            escape_touch(m, task, &function_of(m, f)->instrs[f->instr]);
            escape_skipped(m, task, &function_of(m, f)->instrs[f->instr]);
            f->instr++;
        } else if (must_stop(m, task, f)) {
            return;
        } else {
            escape_touch(m, task, &function_of(m, f)->instrs[f->instr]);
            if (m->lock_order && lock_order_minds(&function_of(m, f)->instrs[f->instr]))
                lock_order_noticed(m);
            if (!run_instr(m, task, &function_of(m, f)->instrs[f->instr]))
                return;
        }
    }
}

/* What is in a variable that nobody reads any more is not part of a state. */
static void forget_stale(struct machine *m, const struct task *t)
{
    for (uint32_t i = 0; i < t->frame_count; i++) {
        const struct frame *f = &t->frames[i];
        const struct function *fn = function_of(m, f);
        const struct function_plan *p = &m->plan->functions[f->function];
        const bits_word *stale = p->stale && f->instr < fn->instr_count ? p->stale[f->instr] : NULL;

        for (uint32_t s = 0; stale && s < fn->slot_count; s++)
            if (bit_test(stale, s) && f->slots[s] != FLOW_NONE) {
                m->objects[f->slots[s]].cell_count = 0;
                m->objects[f->slots[s]].fill = FILL_UNSET;
                m->objects[f->slots[s]].written = false;
            }
    }
}

void run_task(struct machine *m, uint32_t task)
{
    m->current = task;
    run_to_stop(m, task);
    if (m->lock_order)
        lock_order_noticed(m);
    forget_stale(m, &m->tasks[task]);
    m->tasks[task].order = 0;
}

void run_past(struct machine *m, uint32_t task)
{
    run_instr(m, task, &function_of(m, top(m, task))->instrs[top(m, task)->instr]);
    m->tasks[task].order = 1;
}

/* Everybody whom the last operation let go runs to its next stop, new tasks too. */
void run_new_tasks(struct machine *m)
{
    for (uint32_t i = 0; i < m->task_count && m->end == RUN_ON; i++)
        if (m->tasks[i].order && m->tasks[i].frame_count) {
            run_task(m, i);
            i = UINT32_MAX;     /* it may have let others go */
        }
}
