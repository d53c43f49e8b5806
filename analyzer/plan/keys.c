#include "keys.h"

#include <string.h>
#include <xxhash.h>

uint32_t keys_class(const struct keys *k, uint32_t key)
{
    while (k->class[key] != key)
        key = k->class[key] = k->class[k->class[key]];
    return key;
}

/* Keys that may name the same memory are one class. Bytes also travel through
 * channels and copies, from one variable to another of the same type: both have
 * their address taken, so both are in the class of that type. */
static void join_aliases(struct keys *k)
{
    for (uint32_t i = 0; i < k->flow->string_count; i++)
        k->class[i] = i;
    for (uint32_t i = 0; i < k->flow->alias_count; i++)
        k->class[keys_class(k, k->flow->aliases[i].a)] = keys_class(k, k->flow->aliases[i].b);
}

/* ---- variables in slots ------------------------------------------------------------- */

enum { ROOT_DEPTH = 8 };

/* The slot an address lies in, through registers that hold such an address; FLOW_NONE: not known. */
static uint32_t root_within(const struct function *fn, uint32_t expr, unsigned depth)
{
    const struct expr *e = &fn->exprs[expr];

    switch ((enum expr_kind)e->kind) {
    case EXPR_SLOT:
        return e->index;
    case EXPR_INDEX:
    case EXPR_CAST:
        return root_within(fn, e->a, depth);
    case EXPR_BINARY:
        return e->op == OP_ADD ? root_within(fn, e->a, depth) : FLOW_NONE;
    case EXPR_REG:
        for (uint32_t i = 0; depth && i < fn->instr_count; i++)
            if (fn->instrs[i].kind == INSTR_SET && fn->instrs[i].dst == e->index)
                return root_within(fn, fn->instrs[i].a, depth - 1);
        return FLOW_NONE;
    default:
        return FLOW_NONE;
    }
}

uint32_t keys_root_slot(const struct function *fn, uint32_t address)
{
    return root_within(fn, address, ROOT_DEPTH);
}

static uint64_t key_hash(const char *function, const char *name)
{
    return XXH3_64bits(function, strlen(function)) * 31 + XXH3_64bits(name, strlen(name));
}

/* Index the keys of variables, "$function:name", by their two names. */
static void index_variables(struct keys *k, struct arena *arena)
{
    k->variable_slots = 64;
    while (k->variable_slots < 2 * (uint64_t)k->flow->string_count)
        k->variable_slots *= 2;
    k->variables = ARENA_ARRAY(arena, uint32_t, k->variable_slots);
    for (uint32_t i = 0; i < k->flow->string_count; i++) {
        const char *key = k->flow->strings[i].bytes, *colon = key[0] == '$' ? strrchr(key, ':') : NULL;
        uint64_t at;

        if (!colon)
            continue;
        at = (XXH3_64bits(key + 1, (size_t)(colon - key - 1)) * 31 + XXH3_64bits(colon + 1, strlen(colon + 1))) &
             (k->variable_slots - 1);
        while (k->variables[at])
            at = (at + 1) & (k->variable_slots - 1);
        k->variables[at] = i + 1;
    }
}

/* The alias class of a scalar that lives in a slot: "$function:name". */
uint32_t keys_of_slot(const struct keys *k, uint32_t f, uint32_t slot)
{
    const char *function = flow_function_name(k->flow, f);
    const char *name = flow_string(k->flow, k->flow->functions[f].slots[slot].name);
    size_t length = strlen(function);
    uint64_t at = key_hash(function, name) & (k->variable_slots - 1);

    for (; k->variables[at]; at = (at + 1) & (k->variable_slots - 1)) {
        const char *key = k->flow->strings[k->variables[at] - 1].bytes;

        if (strncmp(key + 1, function, length) == 0 && key[length + 1] == ':' &&
            strcmp(key + length + 2, name) == 0)
            return k->variables[at] - 1;
    }
    return FLOW_NONE;
}

/* Mark the slots whose address the expression hands on: those outside a load. */
static void slots_handed_on(const struct function *fn, uint32_t expr, bool *handed)
{
    const struct expr *e;

    if (expr == FLOW_NONE)
        return;
    e = &fn->exprs[expr];
    if (e->kind == EXPR_SLOT)
        handed[e->index] = true;
    if (e->kind == EXPR_BINARY || e->kind == EXPR_INDEX || e->kind == EXPR_CAST || e->kind == EXPR_UNARY)
        slots_handed_on(fn, e->a, handed);
    if (e->kind == EXPR_BINARY || e->kind == EXPR_INDEX)
        slots_handed_on(fn, e->b, handed);
}

/* A slot that is stored to under one key only holds one scalar. */
static bool is_scalar_slot(const struct function *fn, uint32_t slot, uint32_t key)
{
    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];

        if ((in->kind == INSTR_STORE && in->key != key && keys_root_slot(fn, in->a) == slot) ||
            ((in->kind == INSTR_ZERO || in->kind == INSTR_COPY) && keys_root_slot(fn, in->a) == slot))
            return false;
    }
    return fn->slots[slot].size <= 8;
}

static void find_only_sent(struct keys *k, uint32_t f, struct arena *arena)
{
    const struct function *fn = &k->flow->functions[f];
    bool *handed = ARENA_ARRAY(arena, bool, fn->slot_count);

    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];
        bool sends = in->kind == INSTR_OP &&
                     (in->op == FLOW_SEND || in->op == FLOW_SEND_SIZED || in->op == FLOW_TRY_SEND);

        if (in->kind == INSTR_SET)
            slots_handed_on(fn, in->a, handed);
        if (in->kind == INSTR_STORE || in->kind == INSTR_COPY)
            slots_handed_on(fn, in->b, handed);
        if (in->kind == INSTR_COPY)
            slots_handed_on(fn, in->a, handed);
        if (in->kind == INSTR_CALL || in->kind == INSTR_OP || in->kind == INSTR_HAVOC)
            for (uint32_t k = 0; k < in->arg_count; k++)
                if (!sends || k != 1)
                    slots_handed_on(fn, fn->args[in->first_arg + k], handed);
        if (in->kind == INSTR_CALL || in->kind == INSTR_OP)
            slots_handed_on(fn, in->dst_address, handed);
    }
    for (uint32_t b = 0; b < fn->block_count; b++)
        if (fn->blocks[b].term == TERM_RETURN)
            slots_handed_on(fn, fn->blocks[b].cond, handed);
    for (uint32_t i = 0; i < fn->slot_count; i++) {
        uint32_t key = handed[i] ? FLOW_NONE : keys_of_slot(k, f, i);

        if (key != FLOW_NONE && is_scalar_slot(fn, i, key))
            k->only_sent[key] = true;
    }
}

struct keys *keys_make(const struct flow *flow, const struct plan *plan, struct arena *arena)
{
    struct keys *k = ARENA_NEW(arena, struct keys);

    k->flow = flow;
    k->class = ARENA_ARRAY(arena, uint32_t, flow->string_count + 1);
    k->only_sent = ARENA_ARRAY(arena, bool, flow->string_count + 1);
    join_aliases(k);
    index_variables(k, arena);
    for (uint32_t f = 0; f < flow->function_count; f++)
        if (plan->functions[f].reached)
            find_only_sent(k, f, arena);
    return k;
}
