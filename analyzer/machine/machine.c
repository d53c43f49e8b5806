#include "lock_order.h"

#include <stdlib.h>
#include <string.h>

/* ---- choices ---------------------------------------------------------------- */

void machine_first_choice(struct machine *m)
{
    m->choice_count = m->choice_at = 0;
}

/* The choices made are digits of a number with mixed radix: count it up. */
bool machine_next_choice(struct machine *m)
{
    m->choice_count = m->choice_at;
    while (m->choice_count && m->choices[m->choice_count - 1] + 1u == m->choice_limits[m->choice_count - 1])
        m->choice_count--;
    if (m->choice_count == 0)
        return false;
    m->choices[m->choice_count - 1]++;
    return true;
}

uint32_t machine_choose(struct machine *m, uint32_t alternatives)
{
    if (alternatives < 2 || m->end != RUN_ON)
        return 0;
    if (m->choice_at == CHOICES_MAX) {
        machine_not_understood(m, COVERAGE_CUT_LOOP, "too many unknown conditions in a row");
        machine_prune(m);
        return 0;
    }
    if (m->choice_at == m->choice_count) {
        m->choices[m->choice_count] = 0;
        m->choice_limits[m->choice_count++] = (uint16_t)alternatives;
    }
    if (m->choices[m->choice_at] >= alternatives) {     /* made for another state */
        machine_prune(m);
        return 0;
    }
    return m->choices[m->choice_at++];
}

void machine_prune(struct machine *m)
{
    if (m->end == RUN_ON)
        m->end = RUN_PRUNED;
}

/* ---- what is said ------------------------------------------------------------- */

struct place machine_here(const struct machine *m, uint32_t task)
{
    const struct task *t = &m->tasks[task];
    const struct frame *f;

    if (task >= m->task_count || t->frame_count == 0)
        return NO_PLACE;
    f = &t->frames[t->frame_count - 1];
    return (struct place){ f->function, f->instr };
}

const struct instr *machine_instr(const struct machine *m, uint32_t task)
{
    struct place at = machine_here(m, task);
    const struct block *b;

    if (at.function == FLOW_NONE)
        return NULL;
    b = &m->flow->functions[at.function].blocks[m->tasks[task].frames[m->tasks[task].frame_count - 1].block];
    return at.instr < b->first_instr + b->instr_count ? &m->flow->functions[at.function].instrs[at.instr]
                                                      : NULL;
}

void machine_fault(struct machine *m, enum fact_kind kind, struct value handle)
{
    if (m->end != RUN_ON)
        return;
    if (m->forced != FLOW_NONE) {       /* a might-have-been: do not judge it */
        m->end = RUN_PRUNED;
        return;
    }
    m->end = RUN_FAULTED;
    m->fault = kind;
    m->fault_at = machine_here(m, m->current);
    m->fault_task = m->current;
    m->fault_made = object_made(m, handle);
    m->fault_object = OBJECT_NONE;
    handle = value_resolve(m, handle);
    if (handle.kind == VALUE_ADDRESS && m->objects[handle.id].store == STORE_CHANNEL)
        m->fault_object = m->objects[handle.id].kind;
    machine_trace(m, STEP_ABORT, m->fault_made, FLOW_NONE, 0);
}

void machine_not_understood(struct machine *m, enum coverage_kind kind, const char *text)
{
    struct place at = machine_here(m, m->current);

    if (m->forced != FLOW_NONE)
        return;
    for (uint32_t i = 0; i < m->coverage_count; i++)
        if (m->coverage[i].at.function == at.function && m->coverage[i].at.instr == at.instr)
            return;
    ARENA_PUSH(m->coverage_arena, m->coverage, m->coverage_count, m->coverage_capacity) =
        (struct coverage){ .kind = (uint8_t)kind, .at = at, .text = text };
}

/* The state stands for more than the program can do: search what follows, but
 * believe only that nothing is wrong there. */
void machine_widen(struct machine *m, const char *text)
{
    m->widened = true;
    if (!m->widening.text)
        m->widening = (struct coverage){ .kind = COVERAGE_CUT_LOOP, .at = machine_here(m, m->current), .text = text };
}

void machine_note_sum(struct machine *m, uint8_t op, uint8_t type, int64_t a, int64_t b)
{
    struct sums *s = m->sums;

    if (!s)
        return;
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? s->capacity * 2 : 1024;
        s->at = realloc(s->at, s->capacity * sizeof *s->at);
        if (!s->at)
            abort();
    }
    s->at[s->count++] = (struct sum){ op, type, a, b };
}

void machine_trace(struct machine *m, enum step_kind kind, struct place made, uint32_t other, int64_t number)
{
    struct step *s;

    if (!m->tracing)
        return;
    s = &ARENA_PUSH(m->trace_arena, m->steps, m->step_count, m->step_capacity);
    *s = (struct step){ .kind = (uint8_t)kind, .task = m->tasks[m->current].name, .other = other,
                        .at = machine_here(m, m->current), .block = FLOW_NONE, .made = made,
                        .number = number, .times = 1, .round = 1, .since = FLOW_NONE };
    if (kind == STEP_RETURN && m->tasks[m->current].frame_count)
        s->block = m->tasks[m->current].frames[0].block;
}

static uint32_t object_name(struct machine *m, struct value handle)
{
    enum { GLOBALS = 1u << 31 };
    struct object *o;

    handle = value_resolve(m, handle);
    if (!m->tracing || (handle.kind != VALUE_ADDRESS && handle.kind != VALUE_SOMEWHERE))
        return 0;
    o = &m->objects[handle.id];
    if (o->symbol != FLOW_NONE && o->fill != FILL_STRING)   /* a global comes and goes with those who reach it */
        return GLOBALS | o->symbol;
    if (o->name == 0)
        o->name = m->next_object++;
    return o->name;
}

void machine_trace_object(struct machine *m, enum step_kind kind, struct value handle, uint32_t other,
                          int64_t number)
{
    machine_trace(m, kind, object_made(m, handle), other, number);
    if (m->tracing)
        m->steps[m->step_count - 1].object = object_name(m, handle);
}

void machine_note_use(struct machine *m, struct place made, enum flow_op op)
{
    if (made.function == FLOW_NONE || m->forced != FLOW_NONE)
        return;
    for (uint32_t i = 0; i < m->use_count; i++)
        if (m->uses[i].made.function == made.function && m->uses[i].made.instr == made.instr &&
            m->uses[i].op == op)
            return;
    ARENA_PUSH(m->use_arena, m->uses, m->use_count, m->use_capacity) =
        (struct use){ .made = made, .op = (uint8_t)op };
}

uint32_t machine_signature(struct machine *m, uint32_t task)
{
    struct place at = machine_here(m, task);
    uint64_t hash = ((uint64_t)at.function << 32 | at.instr) * 0x9e3779b97f4a7c15u ^ m->tasks[task].entry;
    const struct instr *in = machine_instr(m, task);

    if (m->by_handle && in && in->kind == INSTR_OP && in->arg_count && in->op != FLOW_SELECT) {
        struct value v = op_arg(m, task, in, 0);
        struct place made = object_made(m, v);

        hash = (hash ^ ((uint64_t)made.function << 32 | made.instr)) * 0x9e3779b97f4a7c15u ^ (uint64_t)v.n;
        if (v.kind == VALUE_ADDRESS)
            hash ^= m->objects[v.id].symbol * 0x9e3779b1u;
    }
    hash ^= m->tasks[task].mark * 0xc2b2ae3d27d4eb4fu;
    return (uint32_t)((hash * 0xff51afd7ed558ccdu) >> 32);
}

bool machine_is_forced(struct machine *m, uint32_t task)
{
    if (m->forced == task || (m->tasks[task].mark && (m->forced_marks >> (m->tasks[task].mark - 1) & 1)))
        return true;
    for (uint32_t i = 0; i < m->forced_count; i++)
        if (m->forced_signatures[i] == machine_signature(m, task))
            return true;
    return false;
}

static void moved_add(struct moved *moved, uint32_t signature)
{
    for (uint32_t i = 0; i < moved->count && i < MOVED_MAX; i++)
        if (moved->signature[i] == signature)
            return;
    if (moved->count < MOVED_MAX)
        moved->signature[moved->count] = signature;
    moved->count++;
}

void machine_deed_with(struct machine *m, enum deed deed, struct place made)
{
    unsigned kind = (unsigned)__builtin_ctz(deed);

    if (m->deeds.what & deed)
        return;
    m->deeds.what |= (uint8_t)deed;
    m->deeds.at[kind] = machine_here(m, m->current);
    m->deeds.made[kind] = made;
}

void machine_deed(struct machine *m, enum deed deed)
{
    machine_deed_with(m, deed, NO_PLACE);
}

void machine_notice(struct machine *m, struct notice notice)
{
    if (m->forced == FLOW_NONE)
        ARENA_PUSH(m->arena, m->notices, m->notice_count, m->notice_capacity) = notice;
}

void machine_note_moved(struct machine *m, uint32_t task)
{
    moved_add(&m->moved, machine_signature(m, task));
}

/* ---- the two functions ---------------------------------------------------------- */

void machine_reset(struct machine *m)
{
    arena_reset(m->arena);
    m->objects = NULL;
    m->unknowns = NULL;
    m->tasks = NULL;
    m->object_count = m->object_capacity = 0;
    m->unknown_count = m->unknown_capacity = m->terms.indexed = 0;
    m->task_count = m->task_capacity = 0;
    m->globals = ARENA_ARRAY(m->arena, uint32_t, m->flow->global_count + 1);
    memset(m->globals, 0xff, m->flow->global_count * sizeof *m->globals);
    m->end = RUN_ON;
    m->moves = 0;
    m->instructions = 0;
    m->current = 0;
    m->choice_at = 0;
    m->lost = NULL;
    m->lost_count = m->lost_capacity = 0;
    m->notices = NULL;
    m->notice_count = m->notice_capacity = 0;
    m->deeds.what = 0;
    if (m->lock_order)
        lock_order_step(m->lock_order);
}

bool machine_initial(struct machine *m, uint32_t root)
{
    struct task *t;
    const struct function *fn = &m->flow->functions[root];

    machine_reset(m);
    m->epoch = 0;
    m->widened = false;
    m->next_name = m->next_object = 1;
    t = &ARENA_PUSH(m->arena, m->tasks, m->task_count, m->task_capacity);
    *t = (struct task){ .entry = root, .spawned = NO_PLACE, .group = FLOW_NONE, .touched = FLOW_NONE,
                        .touched_by = NO_PLACE };
    frame_push(m, t, root);
    for (uint32_t i = 0; i < fn->param_count; i++) {
        const struct param *p = &fn->params[i];

        if (p->in_slot)
            continue;
        t->frames[0].regs[p->index] = value_from_caller(m, p->type);
        if (i == 0 && !m->is_library)       /* a program has a name; Linux sees to it since 5.18 */
            m->unknowns[t->frames[0].regs[p->index].id].low = 1;
    }
    run_task(m, 0);
    run_new_tasks(m);
    return m->end == RUN_ON;
}

bool machine_step(struct machine *m, uint32_t task)
{
    const struct instr *in = machine_instr(m, task);
    uint32_t signature;
    enum outcome outcome;

    m->current = task;
    m->moved.count = 0;
    if (!in)
        return false;
    escape_touch(m, task, in);
    signature = machine_signature(m, task);
    if (m->tasks[task].paused) {
        m->tasks[task].order = 1;
        moved_add(&m->moved, signature);
        run_new_tasks(m);
        return true;
    }
    if (in->kind != INSTR_CALL && in->kind != INSTR_OP) {
        run_past(m, task);
        moved_add(&m->moved, signature);
        run_new_tasks(m);
        return true;
    }
    if (in->kind == INSTR_CALL) {       /* through a model, or a pointer to an operation */
        struct instr op = *in;

        op.kind = INSTR_OP;
        op.op = in->symbol == FLOW_NONE ? FLOW_ATOMIC : m->flow->symbols[in->symbol].model;
        outcome = op_execute(m, task, &op);
    } else {
        outcome = op_execute(m, task, in);
    }
    if (outcome == OUTCOME_BLOCKED)
        return false;
    moved_add(&m->moved, signature);
    run_new_tasks(m);
    return true;
}
