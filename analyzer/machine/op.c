#include "machine.h"

/* Which file an operation is executed in, and what it has in common with others. */

struct value op_arg(struct machine *m, uint32_t task, const struct instr *in, uint32_t arg)
{
    const struct task *t = &m->tasks[task];
    const struct frame *f = &t->frames[t->frame_count - 1];

    if (arg >= in->arg_count)
        return INT_VALUE(0);
    return value_resolve(m, eval(m, f, m->flow->functions[f->function].args[in->first_arg + arg]));
}

/* ---- how far an argument reaches ----------------------------------------------- */

static bool is_set_again(const struct function *fn, uint32_t reg)
{
    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (fn->instrs[i].dst == reg)
            return true;
    return false;
}

/* What the caller of frame `at` passes in that register, when it is a parameter as it came in. */
static uint32_t passed_in(struct machine *m, const struct task *t, uint32_t at, uint32_t reg)
{
    const struct function *fn = &m->flow->functions[t->frames[at].function], *caller;
    const struct instr *call;
    uint32_t param = 0;

    while (param < fn->param_count && (fn->params[param].in_slot || fn->params[param].index != reg))
        param++;
    if (param == fn->param_count || at == 0 || t->frames[at].kind == FRAME_ONCE || is_set_again(fn, reg))
        return FLOW_NONE;
    caller = &m->flow->functions[t->frames[at - 1].function];
    call = &caller->instrs[t->frames[at - 1].instr];
    return call->kind == INSTR_CALL && param < call->arg_count ? caller->args[call->first_arg + param] : FLOW_NONE;
}

/* Only what the text says is looked at: nothing is evaluated again in a frame that has gone
 * on since. From somewhere in an array to its end is taken from the newest frame. */
uint32_t op_room(struct machine *m, uint32_t task, const struct instr *in, uint32_t arg)
{
    const struct task *t = &m->tasks[task];
    uint32_t at = t->frame_count - 1, expr;
    int64_t offset = 0;
    bool varies = false;

    if (arg >= in->arg_count)
        return UINT32_MAX;
    expr = m->flow->functions[t->frames[at].function].args[in->first_arg + arg];
    while (expr != FLOW_NONE) {
        const struct function *fn = &m->flow->functions[t->frames[at].function];
        const struct expr *e = &fn->exprs[expr];

        if (e->kind == EXPR_CAST && e->number) {
            if (varies && at == t->frame_count - 1)
                offset = number_minus(op_arg(m, task, in, arg).n, value_resolve(m, eval(m, &t->frames[at], e->a)).n);
            else if (varies)
                offset = -1;
            return offset >= 0 && offset < e->number ? (uint32_t)(e->number - offset) : UINT32_MAX;
        }
        if (e->kind == EXPR_INDEX && fn->exprs[e->b].kind == EXPR_CONST)
            offset = number_plus(offset, number_times(fn->exprs[e->b].number, e->number));
        else if (e->kind == EXPR_INDEX)
            varies = true;
        if (e->kind == EXPR_INDEX || e->kind == EXPR_CAST) {
            expr = e->a;
        } else {
            expr = e->kind == EXPR_REG ? passed_in(m, t, at, e->index) : FLOW_NONE;
            at--;
        }
    }
    return UINT32_MAX;
}

/* ---- which file ------------------------------------------------------------------- */

enum outcome op_execute(struct machine *m, uint32_t task, const struct instr *in)
{
    enum outcome outcome = OUTCOME_DONE;

    switch ((enum flow_op)in->op) {
    case FLOW_MAKE: case FLOW_RETAIN: case FLOW_RELEASE: case FLOW_SEND: case FLOW_SEND_SIZED:
    case FLOW_RECV: case FLOW_CLOSE: case FLOW_LEN: case FLOW_CAP:
        outcome = op_channel(m, task, in);
        break;
    case FLOW_TRY_SEND: case FLOW_TRY_RECV: case FLOW_SELECT: case FLOW_POLL: case FLOW_SELECT_TIMEOUT:
        outcome = op_select(m, task, in);
        break;
    case FLOW_YIELD: case FLOW_SLEEP: case FLOW_AFTER: case FLOW_TICKER_MAKE: case FLOW_TICKER_CHAN:
    case FLOW_TICKER_STOP: case FLOW_CTX_BACKGROUND: case FLOW_CTX_MAKE: case FLOW_CTX_MAKE_TIMEOUT:
    case FLOW_CTX_CANCEL: case FLOW_CTX_DONE: case FLOW_CTX_ERR: case FLOW_CTX_RETAIN:
    case FLOW_CTX_RELEASE: case FLOW_CTX_SCOPE_END:
        outcome = op_time(m, task, in);
        break;
    case FLOW_WG_ADD: case FLOW_WG_DONE: case FLOW_WG_WAIT: case FLOW_LOCK: case FLOW_TRYLOCK:
    case FLOW_UNLOCK: case FLOW_RDLOCK: case FLOW_RDUNLOCK: case FLOW_WRLOCK: case FLOW_WRUNLOCK:
    case FLOW_COND_WAIT: case FLOW_COND_SIGNAL: case FLOW_COND_BROADCAST: case FLOW_ONCE:
        outcome = op_sync(m, task, in);
        break;
    case FLOW_SPAWN: case FLOW_SPAWN_COPY: case FLOW_GROUP_MAKE: case FLOW_GROUP_CTX:
    case FLOW_GROUP_SPAWN: case FLOW_GROUP_WAIT: case FLOW_LEAK_CHECK_BEGIN: case FLOW_LEAK_CHECK_END:
        outcome = op_group(m, task, in);
        break;
    case FLOW_ALLOC: case FLOW_ZALLOC: case FLOW_REALLOC: case FLOW_FREE: case FLOW_COPY:
    case FLOW_FILL: case FLOW_EXIT: case FLOW_ABORT: case FLOW_PURE: case FLOW_FUNCTION:
    case FLOW_COMPARE: case FLOW_COMPARE_TEXT: case FLOW_COMPARE_FOLDED: case FLOW_TEXT_LENGTH: case FLOW_WRITES:
    case FLOW_SHUFFLE: case FLOW_FORMAT: case FLOW_ATOMIC: case FLOW_ASSUME:
        outcome = op_library(m, task, in);
        break;
    case FLOW_OP_COUNT: case FLOW_OP_NONE:
        break;
    }
    if (outcome == OUTCOME_DONE && m->tasks[task].phase != PHASE_NONE)
        escape_noticed(m, task);
    return m->end == RUN_ON || outcome == OUTCOME_BLOCKED ? outcome : OUTCOME_ENDED;
}

enum object_kind op_object_kind(const struct machine *m, enum flow_op op, struct value handle)
{
    switch (op) {
    case FLOW_LOCK: case FLOW_TRYLOCK:   return OBJECT_MUTEX;
    case FLOW_RDLOCK: case FLOW_WRLOCK:  return OBJECT_RWLOCK;
    case FLOW_WG_WAIT:                   return OBJECT_WAIT_GROUP;
    case FLOW_COND_WAIT:                 return OBJECT_CONDITION;
    case FLOW_ONCE:                      return OBJECT_ONCE;
    case FLOW_GROUP_SPAWN: case FLOW_GROUP_WAIT: return OBJECT_GROUP;
    default:                             break;
    }
    handle = value_resolve(m, handle);
    if (handle.kind == VALUE_INT)
        return OBJECT_NULL;
    if (handle.kind == VALUE_ADDRESS && m->objects[handle.id].store == STORE_CHANNEL &&
        !m->objects[handle.id].external)
        return m->objects[handle.id].kind;
    return OBJECT_EXTERNAL;
}

struct place object_made(const struct machine *m, struct value handle)
{
    handle = value_resolve(m, handle);
    if (handle.kind != VALUE_ADDRESS && handle.kind != VALUE_SOMEWHERE)
        return NO_PLACE;
    if (m->objects[handle.id].kind == OBJECT_CONTEXT && m->objects[handle.id].link != FLOW_NONE &&
        m->objects[handle.id].store == STORE_CHANNEL)
        return m->objects[m->objects[handle.id].link].made;
    return m->objects[handle.id].made;
}
