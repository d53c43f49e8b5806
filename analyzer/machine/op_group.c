#include "machine.h"

/* Starting tasks: spawns, groups, and the leak checks that count them. */

enum {
    TASKS_MAX = 56,             /* alive at once; beyond, the schedule is not followed */
    STARTED_MAX = 4096,         /* in one step, those that are done included */
};

static bool may_start(struct machine *m)
{
    uint32_t alive = 0;

    for (uint32_t i = 0; i < m->task_count; i++)
        alive += m->tasks[i].frame_count != 0;
    if (alive <= TASKS_MAX && m->task_count <= STARTED_MAX)
        return true;
    machine_not_understood(m, COVERAGE_CUT_LOOP, alive > TASKS_MAX ? "more than 56 tasks alive at once"
                                                                   : "a step that starts more than 4096 tasks");
    machine_prune(m);
    return false;
}

static enum outcome spawn(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value arg = op_arg(m, task, in, 1), size;
    uint32_t copy;

    if (!may_start(m))
        return OUTCOME_ENDED;
    if (in->op == FLOW_SPAWN_COPY) {
        size = op_arg(m, task, in, 2);
        copy = memory_new(m, size.kind == VALUE_INT ? (uint32_t)size.n : UINT32_MAX, FILL_UNSET,
                          machine_here(m, task));
        if (size.kind == VALUE_INT)
            memory_copy(m, memory_address(copy, 0), arg, (uint32_t)size.n);
        arg = memory_address(copy, 0);
    }
    escape_lend(m, arg, machine_here(m, task));
    task_start(m, op_arg(m, task, in, 0), arg, FLOW_NONE);
    op_advance(m, task, INT_VALUE(0));
    return OUTCOME_DONE;
}

static struct object *group_at(struct machine *m, struct value handle)
{
    if (handle.kind == VALUE_ADDRESS && m->objects[handle.id].store == STORE_GROUP)
        return &m->objects[handle.id];
    return NULL;
}

/* Requires the context to have been made by op_time: a group is made by making its context first. */
static enum outcome make_group(struct machine *m, uint32_t task, const struct instr *in)
{
    struct instr context = *in;
    uint32_t id, dst = in->dst;
    struct frame *f = &m->tasks[task].frames[m->tasks[task].frame_count - 1];
    struct value limit = op_arg(m, task, in, 1);
    struct value ctx;

    context.op = FLOW_CTX_MAKE;
    op_time(m, task, &context);
    ctx = dst == FLOW_NONE ? INT_VALUE(0) : f->regs[dst];
    id = object_new(m, STORE_GROUP, (struct place){ f->function, f->instr - 1 });
    m->objects[id].capacity = limit;
    m->objects[id].link = ctx.kind == VALUE_ADDRESS ? ctx.id : FLOW_NONE;
    m->objects[id].result = INT_VALUE(0);
    if (ctx.kind == VALUE_ADDRESS)
        m->objects[ctx.id].released = true;     /* the group sees to it */
    if (dst != FLOW_NONE)
        f->regs[dst] = memory_address(id, 0);
    return OUTCOME_DONE;
}

static enum outcome group_spawn(struct machine *m, uint32_t task, const struct instr *in, struct value handle)
{
    struct object *g = group_at(m, handle);

    if (!may_start(m))
        return OUTCOME_ENDED;
    if (g && !machine_is_forced(m, task) && value_holds(m, OP_GT, g->capacity, INT_VALUE(0)) &&
        value_holds(m, OP_GE, INT_VALUE(g->length), g->capacity))
        return OUTCOME_BLOCKED;
    escape_lend(m, op_arg(m, task, in, 2), machine_here(m, task));
    task_start(m, op_arg(m, task, in, 1), op_arg(m, task, in, 2), g ? handle.id : FLOW_NONE);
    if (g)
        m->objects[handle.id].length++;
    op_advance(m, task, INT_VALUE(0));
    return OUTCOME_DONE;
}

static enum outcome group_wait(struct machine *m, uint32_t task, struct value handle)
{
    struct object *g = group_at(m, handle);

    if (!g) {
        op_advance(m, task, value_fresh(m, SCALAR_I32));
        return OUTCOME_DONE;
    }
    if (g->length > 0 && !machine_is_forced(m, task))
        return OUTCOME_BLOCKED;
    if (g->link != FLOW_NONE)
        context_cancel(m, g->link, CANCELLED_BY_CALL);
    machine_deed(m, DEED_WAITED);
    machine_trace(m, STEP_WAITED, g->made, FLOW_NONE, 0);
    op_advance(m, task, g->result);
    return OUTCOME_DONE;
}

/* ---- leak checks ------------------------------------------------------------------------ */

static enum outcome check_begin(struct machine *m, uint32_t task, const struct instr *in)
{
    const struct frame *f = &m->tasks[task].frames[m->tasks[task].frame_count - 1];

    m->epoch++;
    if (in->dst_address != FLOW_NONE)
        memory_store(m, eval(m, f, in->dst_address), 8, INT_VALUE(m->epoch));
    op_advance(m, task, INT_VALUE(m->epoch));
    return OUTCOME_DONE;
}

/* Waits for what was started since. When nothing else can move any more the
 * search forces it on, and knows who leaked. */
static enum outcome check_end(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value record = op_arg(m, task, in, 0), epoch = record;
    int64_t alive = 0;

    if (record.kind == VALUE_ADDRESS)
        epoch = value_resolve(m, memory_load(m, record, SCALAR_I64));
    for (uint32_t i = 0; i < m->task_count; i++)
        alive += i != task && m->tasks[i].frame_count && epoch.kind == VALUE_INT &&
                 m->tasks[i].epoch >= epoch.n;
    if (alive && !machine_is_forced(m, task))
        return OUTCOME_BLOCKED;
    op_advance(m, task, INT_VALUE(alive));
    return OUTCOME_DONE;
}

enum outcome op_group(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value handle;

    switch ((enum flow_op)in->op) {
    case FLOW_SPAWN:
    case FLOW_SPAWN_COPY:
        return spawn(m, task, in);
    case FLOW_GROUP_MAKE:
        return make_group(m, task, in);
    case FLOW_GROUP_CTX:
        handle = op_arg(m, task, in, 0);
        op_advance(m, task, group_at(m, handle) && group_at(m, handle)->link != FLOW_NONE
                                ? memory_address(group_at(m, handle)->link, 0)
                                : value_fresh(m, SCALAR_PTR));
        return OUTCOME_DONE;
    case FLOW_GROUP_SPAWN:
        return group_spawn(m, task, in, op_arg(m, task, in, 0));
    case FLOW_GROUP_WAIT:
        return group_wait(m, task, op_arg(m, task, in, 0));
    case FLOW_LEAK_CHECK_BEGIN:
        return check_begin(m, task, in);
    case FLOW_LEAK_CHECK_END:
        return check_end(m, task, in);
    default:
        return OUTCOME_DONE;
    }
}
