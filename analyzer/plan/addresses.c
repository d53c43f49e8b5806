#include "addresses.h"

/* The expression that names the function an operation starts or calls; FLOW_NONE. */
static uint32_t started_by(const struct function *fn, const struct instr *in)
{
    if (in->kind != INSTR_OP || in->arg_count == 0)
        return FLOW_NONE;
    if (in->op == FLOW_SPAWN || in->op == FLOW_SPAWN_COPY)
        return fn->args[in->first_arg];
    if ((in->op == FLOW_GROUP_SPAWN || in->op == FLOW_ONCE) && in->arg_count > 1)
        return fn->args[in->first_arg + 1];
    return FLOW_NONE;
}

static void find_in_function(struct addresses *a, const struct flow *program, const struct function *fn,
                             struct arena *arena)
{
    bool *started = ARENA_ARRAY(arena, bool, fn->expr_count);

    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (started_by(fn, &fn->instrs[i]) != FLOW_NONE)
            started[started_by(fn, &fn->instrs[i])] = true;
    for (uint32_t e = 0; e < fn->expr_count; e++) {
        uint32_t to = FLOW_NONE;

        if (fn->exprs[e].kind == EXPR_GLOBAL)
            to = program->symbols[fn->exprs[e].index].function;
        if (to != FLOW_NONE) {
            a->taken[to] = true;
            a->by_pointer[to] |= !started[e];
        }
    }
}

struct addresses addresses_find(const struct flow *program, const struct plan *plan, struct arena *arena)
{
    struct addresses a = { .taken = ARENA_ARRAY(arena, bool, program->function_count),
                           .by_pointer = ARENA_ARRAY(arena, bool, program->function_count) };

    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached)
            find_in_function(&a, program, &program->functions[f], arena);
    for (uint32_t g = 0; g < program->global_count; g++)
        for (uint32_t i = 0; i < program->globals[g].init_count; i++) {
            const struct init *init = &program->globals[g].inits[i];
            uint32_t to = init->kind == EXPR_GLOBAL ? program->symbols[init->index].function : FLOW_NONE;

            if (to != FLOW_NONE)
                a.taken[to] = a.by_pointer[to] = true;
        }
    return a;
}

/* A call of what has neither a body nor a model. */
static bool is_unseen(const struct flow *program, const struct instr *in)
{
    return in->kind == INSTR_CALL && in->symbol != FLOW_NONE &&
           program->symbols[in->symbol].function == FLOW_NONE && program->symbols[in->symbol].model == FLOW_OP_NONE;
}

static bool function_hands_out(const struct flow *program, const struct function *fn)
{
    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];

        if (in->kind == INSTR_HAVOC || (in->arg_count && is_unseen(program, in)))
            return true;
    }
    return false;
}

bool addresses_hand_out(const struct flow *program, const struct plan *plan)
{
    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached && function_hands_out(program, &program->functions[f]))
            return true;
    return false;
}
