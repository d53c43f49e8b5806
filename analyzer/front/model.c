#include "model.h"

#include <stdlib.h>
#include <string.h>

/* ---- what annotations say ------------------------------------------------------- */

int model_naming(enum flow_op op)
{
    switch (op) {
    case FLOW_MAKE: case FLOW_AFTER: case FLOW_TICKER_MAKE: case FLOW_CTX_BACKGROUND:
    case FLOW_CTX_MAKE: case FLOW_CTX_MAKE_TIMEOUT: case FLOW_GROUP_MAKE:
    case FLOW_LEAK_CHECK_BEGIN: case FLOW_ALLOC: case FLOW_ZALLOC: case FLOW_REALLOC:
        return NAMED_BY_RESULT;
    case FLOW_YIELD: case FLOW_SLEEP: case FLOW_EXIT: case FLOW_ABORT: case FLOW_ATOMIC:
    case FLOW_PURE: case FLOW_FUNCTION: case FLOW_COMPARE: case FLOW_COMPARE_TEXT:
    case FLOW_COMPARE_FOLDED: case FLOW_TEXT_LENGTH: case FLOW_WRITES: case FLOW_SHUFFLE: case FLOW_FORMAT:
    case FLOW_ASSUME:
    case FLOW_OP_COUNT: case FLOW_OP_NONE:
        return NAMED_BY_NOTHING;
    case FLOW_GROUP_SPAWN:
        return 1;
    case FLOW_SPAWN: case FLOW_SPAWN_COPY: case FLOW_RETAIN: case FLOW_RELEASE: case FLOW_SEND:
    case FLOW_SEND_SIZED: case FLOW_RECV: case FLOW_CLOSE: case FLOW_TRY_SEND: case FLOW_TRY_RECV:
    case FLOW_LEN: case FLOW_CAP: case FLOW_SELECT: case FLOW_POLL: case FLOW_SELECT_TIMEOUT:
    case FLOW_TICKER_CHAN: case FLOW_TICKER_STOP: case FLOW_CTX_CANCEL: case FLOW_CTX_DONE:
    case FLOW_CTX_ERR: case FLOW_CTX_RETAIN: case FLOW_CTX_RELEASE: case FLOW_CTX_SCOPE_END:
    case FLOW_WG_ADD: case FLOW_WG_DONE: case FLOW_WG_WAIT: case FLOW_LOCK: case FLOW_TRYLOCK:
    case FLOW_UNLOCK: case FLOW_RDLOCK: case FLOW_RDUNLOCK: case FLOW_WRLOCK: case FLOW_WRUNLOCK:
    case FLOW_COND_WAIT: case FLOW_COND_SIGNAL: case FLOW_COND_BROADCAST: case FLOW_ONCE: case FLOW_GROUP_CTX:
    case FLOW_GROUP_WAIT: case FLOW_LEAK_CHECK_END: case FLOW_FREE: case FLOW_COPY: case FLOW_FILL:
        return 0;
    }
    return NAMED_BY_NOTHING;
}

int model_argument(const struct model *model, unsigned i)
{
    if (!model->mapped || i >= MODEL_ARGS || model->map[i] < 0)
        return model->mapped ? -1 : (int)i;
    return model->map[i] - 1;
}

static bool is_select(enum flow_op op)
{
    return op == FLOW_SELECT || op == FLOW_POLL || op == FLOW_SELECT_TIMEOUT;
}

/* Those whose arguments are whatever the call has. */
static bool keeps_arguments(enum flow_op op)
{
    return op == FLOW_PURE || op == FLOW_FUNCTION || op == FLOW_WRITES || op == FLOW_FORMAT;
}

static uint32_t add_constant(struct flow *flow, struct function *f, int64_t number, struct model_room *room)
{
    ARENA_PUSH(flow->arena, f->exprs, f->expr_count, room->exprs) =
        (struct expr){ .kind = EXPR_CONST, .type = SCALAR_I64, .number = number };
    return f->expr_count - 1;
}

/* The arguments that an annotation names, such as the one that is written. */
static unsigned mapped_arguments(const struct model *model)
{
    unsigned n = 0;

    while (model->mapped && n < MODEL_ARGS && model->map[n] > 0)
        n++;
    return n;
}

bool model_apply(struct flow *flow, struct function *f, struct instr *instr,
                 const struct model *model, struct model_room *room)
{
    enum flow_op op = model->op;
    unsigned needed = is_select(op) ? 3 : keeps_arguments(op) ? mapped_arguments(model) : flow_op_args(op);
    unsigned count = 0;
    uint32_t args[16];

    if (is_select(op) && !model->has_layout)
        return false;
    for (unsigned i = 0; i < needed; i++) {
        int from = model_argument(model, i);
        bool absent = from < 0 || (i == 2 && is_select(op) && op != FLOW_SELECT_TIMEOUT);

        if (!absent && (uint32_t)from >= instr->arg_count)
            return false;
        args[count++] = absent ? add_constant(flow, f, 0, room) : f->args[instr->first_arg + (uint32_t)from];
    }
    for (unsigned i = 0; is_select(op) && i < MODEL_LAYOUT; i++)
        args[count++] = add_constant(flow, f, (int64_t)model->layout[i], room);
    if (!keeps_arguments(op) || model->mapped) {
        instr->first_arg = f->arg_count;
        instr->arg_count = count;
        for (unsigned i = 0; i < count; i++)
            ARENA_PUSH(flow->arena, f->args, f->arg_count, room->args) = args[i];
    }
    instr->kind = INSTR_OP;
    instr->op = (uint8_t)op;
    instr->key = flow->symbols[instr->symbol].name;     /* which function, for the same result again */
    instr->symbol = FLOW_NONE;
    instr->a = FLOW_NONE;
    return true;
}

/* ---- by name ---------------------------------------------------------------------- */

int model_by_name(const void *a, const void *b)
{
    return strcmp(((const struct model *)a)->name, ((const struct model *)b)->name);
}

const struct model *models_find(const struct models *models, const char *name)
{
    struct model key = { .name = name };

    return bsearch(&key, models->list.list, models->list.count, sizeof key, model_by_name);
}
