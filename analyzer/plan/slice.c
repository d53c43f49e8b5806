#include "slice.h"

#include "addresses.h"
#include "keys.h"
#include "lending.h"

#include <string.h>

/* Everything here only grows, until nothing changes any more. */
struct slice {
    const struct flow *flow;
    struct plan       *plan;
    const struct cfg  *graphs;
    bits_word        **regs;        /* per function: registers whose value matters */
    bits_word        **blocks;      /* per function: blocks that hold something that matters */
    bits_word        **slots;       /* per function: slots an operation reads by itself */
    bool               indirect_result; /* the result of a call through a pointer matters */
    bool               any_memory;  /* an operation reads memory we cannot tell: every store matters */
    bool               outward;     /* code we do not see may read what pointers lead to: stores of pointers matter */
    uint32_t         **param_key;   /* per function and parameter that lives in a slot */
    struct keys       *keys;
    uint32_t           text;        /* key of characters; FLOW_NONE: there are none */
    uint32_t           cases;       /* key of what selects read; FLOW_NONE: nobody selects */
    bits_word         *loads;       /* alias classes somebody reads */
    bits_word         *exact;       /* keys somebody reads whose variable nobody else writes */
    bool              *effect;      /* per function: a call to it does something */
    bool              *result;      /* per function: its return value matters */
    struct addresses   addresses;
    bool               changed;
};

static void set_bit(struct slice *s, bits_word *set, uint32_t i)
{
    if (!bit_test(set, i)) {
        bit_set(set, i);
        s->changed = true;
    }
}

static void set_flag(struct slice *s, bool *flag)
{
    if (!*flag)
        *flag = s->changed = true;
}

/* A variable that is only ever sent is changed by nobody but its own name. */
static void key_matters(struct slice *s, uint32_t key)
{
    if (key == FLOW_NONE)
        return;
    if (s->keys->only_sent[key])
        set_bit(s, s->exact, key);
    else
        set_bit(s, s->loads, keys_class(s->keys, key));
}

static bool key_is_read(struct slice *s, uint32_t key)
{
    return key == FLOW_NONE || s->any_memory || bit_test(s->exact, key) || bit_test(s->loads, keys_class(s->keys, key));
}

static void value_matters(struct slice *s, uint32_t f, uint32_t expr)
{
    const struct expr *e;

    if (expr == FLOW_NONE)
        return;
    e = &s->flow->functions[f].exprs[expr];
    if (e->kind == EXPR_REG)
        set_bit(s, s->regs[f], e->index);
    if (e->kind == EXPR_LOAD)
        key_matters(s, e->index);
    if (expr_operands(e) > 0)
        value_matters(s, f, e->a);
    if (expr_operands(e) > 1)
        value_matters(s, f, e->b);
}

static void args_matter(struct slice *s, uint32_t f, const struct instr *in)
{
    const struct function *fn = &s->flow->functions[f];

    for (uint32_t i = 0; i < in->arg_count; i++)
        value_matters(s, f, fn->args[in->first_arg + i]);
}

/* The branches a block hangs on decide, and so on outwards. */
static void block_matters(struct slice *s, uint32_t f, uint32_t b)
{
    const struct function *fn = &s->flow->functions[f];
    const struct edge_list *controls = &s->graphs[f].controls[b];

    if (bit_test(s->blocks[f], b))
        return;
    set_bit(s, s->blocks[f], b);
    for (uint32_t i = 0; i < controls->count; i++) {
        uint32_t c = controls->to[i];

        s->plan->functions[f].decides[c] = true;
        value_matters(s, f, fn->blocks[c].cond);
        block_matters(s, f, c);
    }
}

enum weight {
    WEIGHT_NONE,        /* drop it unless its result matters */
    WEIGHT_NEUTRAL,     /* execute it when control gets there; no reason to get there */
    WEIGHT_MATTERS,
};

static enum weight op_weight(enum flow_op op)
{
    switch (op) {
    case FLOW_PURE: case FLOW_FUNCTION: case FLOW_COMPARE: case FLOW_COMPARE_TEXT:
    case FLOW_COMPARE_FOLDED: case FLOW_TEXT_LENGTH: case FLOW_ALLOC: case FLOW_ZALLOC: case FLOW_REALLOC:
    case FLOW_FREE: case FLOW_LEN: case FLOW_CAP: case FLOW_CTX_ERR: case FLOW_CTX_BACKGROUND:
    case FLOW_CTX_DONE: case FLOW_TICKER_CHAN: case FLOW_GROUP_CTX: case FLOW_MAKE:
    case FLOW_AFTER: case FLOW_RETAIN: case FLOW_RELEASE: case FLOW_OP_NONE: case FLOW_OP_COUNT:
        return WEIGHT_NONE;
    default:            /* every operation that another task can notice */
        return WEIGHT_MATTERS;
    }
}

static bool op_needs_arg(enum flow_op op, uint32_t arg)
{
    switch (op) {
    case FLOW_SLEEP: case FLOW_AFTER: case FLOW_TICKER_MAKE: case FLOW_EXIT: case FLOW_ABORT:
        return false;
    case FLOW_CTX_MAKE_TIMEOUT: case FLOW_LEAK_CHECK_END:
        return arg == 0;
    case FLOW_SELECT: case FLOW_POLL: case FLOW_SELECT_TIMEOUT:
        return arg != 2;
    default:
        return true;
    }
}

/* Operations that read the program's memory themselves, not through a load: the
 * cases of a select, the variable behind a cleanup. */
static bool op_reads_memory(enum flow_op op)
{
    return op == FLOW_SELECT || op == FLOW_POLL || op == FLOW_SELECT_TIMEOUT || op == FLOW_CTX_SCOPE_END ||
           op == FLOW_LEAK_CHECK_END;
}

static void memory_matters(struct slice *s, uint32_t f, uint32_t address)
{
    uint32_t slot = keys_root_slot(&s->flow->functions[f], address);

    if (slot != FLOW_NONE)
        set_bit(s, s->slots[f], slot);
    else
        set_flag(s, &s->any_memory);
}

/* Does anybody read characters? */
static bool texts_matter(const struct slice *s)
{
    return s->text != FLOW_NONE && (s->any_memory || bit_test(s->loads, keys_class(s->keys, s->text)));
}

static bool store_matters(struct slice *s, uint32_t f, const struct instr *in)
{
    uint32_t slot = keys_root_slot(&s->flow->functions[f], in->a);
    const bool *unread = s->plan->functions[f].unread;

    if (unread && slot != FLOW_NONE && unread[slot])
        return false;
    if (key_is_read(s, in->key) || (s->outward && in->type == SCALAR_PTR))
        return true;
    return slot != FLOW_NONE && bit_test(s->slots[f], slot);
}

static void op_args_matter(struct slice *s, uint32_t f, const struct instr *in)
{
    const struct function *fn = &s->flow->functions[f];
    enum flow_op op = in->kind == INSTR_OP ? (enum flow_op)in->op : FLOW_OP_NONE;

    if (op == FLOW_GROUP_SPAWN)
        set_flag(s, &s->indirect_result);       /* a task's failure cancels the group */
    if (op_reads_memory(op) && in->arg_count)
        memory_matters(s, f, fn->args[in->first_arg]);
    if (op == FLOW_SELECT || op == FLOW_POLL || op == FLOW_SELECT_TIMEOUT)
        key_matters(s, s->cases);       /* written elsewhere, then copied there, or through a pointer */

    for (uint32_t i = 0; i < in->arg_count; i++)
        if (op_needs_arg(in->op, i) && (op != FLOW_FORMAT || i == 0 || texts_matter(s)))
            value_matters(s, f, fn->args[in->first_arg + i]);
    value_matters(s, f, in->dst_address);
}

/* A callee whose body we have; FLOW_NONE for any other. */
static uint32_t callee_of(const struct slice *s, const struct instr *in)
{
    return in->symbol == FLOW_NONE ? FLOW_NONE : s->flow->symbols[in->symbol].function;
}

static enum flow_op model_of(const struct slice *s, const struct instr *in)
{
    return in->symbol == FLOW_NONE ? FLOW_OP_NONE : s->flow->symbols[in->symbol].model;
}

static bool result_read(const struct slice *s, uint32_t f, const struct instr *in)
{
    return in->dst != FLOW_NONE && bit_test(s->regs[f], in->dst);
}

static enum weight call_weight(const struct slice *s, uint32_t f, const struct instr *in)
{
    uint32_t callee = callee_of(s, in);

    if (result_read(s, f, in) || in->dst_address != FLOW_NONE)
        return WEIGHT_MATTERS;
    if (callee != FLOW_NONE)
        return s->effect[callee] ? WEIGHT_MATTERS : WEIGHT_NONE;
    if (model_of(s, in) != FLOW_OP_NONE)
        return op_weight(model_of(s, in));
    return in->symbol == FLOW_NONE || in->arg_count ? WEIGHT_MATTERS : WEIGHT_NONE;
}

/* The atomic access behind an ATOMIC: does anything that matters read or change memory there? */
static bool atomic_matters(const struct slice *s, uint32_t f, uint32_t b, uint32_t i)
{
    const struct function *fn = &s->flow->functions[f];
    const struct block *block = &fn->blocks[b];
    const struct function_plan *p = &s->plan->functions[f];

    for (i++; i < block->first_instr + block->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];

        if (in->kind == INSTR_OP || in->kind == INSTR_CALL)
            return false;
        if (p->keep[i] && (in->kind == INSTR_STORE || (in->kind == INSTR_SET && expr_reads_memory(fn, in->a))))
            return true;
    }
    return p->decides[b] && expr_reads_memory(fn, block->cond);
}

static enum weight instr_weight(struct slice *s, uint32_t f, const struct instr *in)
{
    switch ((enum instr_kind)in->kind) {
    case INSTR_SET:
        return bit_test(s->regs[f], in->dst) ? WEIGHT_MATTERS : WEIGHT_NONE;
    case INSTR_STORE:
        return store_matters(s, f, in) ? WEIGHT_MATTERS : WEIGHT_NONE;
    case INSTR_COPY:
    case INSTR_HAVOC:
        return WEIGHT_MATTERS;
    case INSTR_ZERO:
    case INSTR_DECL:
        return WEIGHT_NEUTRAL;
    case INSTR_CALL:
        return call_weight(s, f, in);
    case INSTR_OP:
        return result_read(s, f, in) ? WEIGHT_MATTERS : op_weight(in->op);
    }
    return WEIGHT_MATTERS;
}

/* Does an instruction that matters reach beyond its own frame? */
static bool has_effect(const struct slice *s, const struct instr *in)
{
    switch ((enum instr_kind)in->kind) {
    case INSTR_SET: case INSTR_ZERO: case INSTR_DECL:
        return false;
    case INSTR_STORE: case INSTR_COPY: case INSTR_HAVOC:
        return true;
    case INSTR_CALL:
        if (callee_of(s, in) != FLOW_NONE)
            return s->effect[callee_of(s, in)];
        return model_of(s, in) == FLOW_OP_NONE || op_weight(model_of(s, in)) == WEIGHT_MATTERS;
    case INSTR_OP:
        return op_weight(in->op) == WEIGHT_MATTERS;
    }
    return true;
}

static bool param_matters(struct slice *s, uint32_t f, uint32_t param)
{
    const struct param *p = &s->flow->functions[f].params[param];
    uint32_t key;

    if (!p->in_slot)
        return bit_test(s->regs[f], p->index);
    key = p->is_struct ? FLOW_NONE : s->param_key[f][param];
    return key_is_read(s, key) || bit_test(s->slots[f], p->index);
}

/* Any function whose address is taken may be the one that is called. */
static void indirect_call_matters(struct slice *s, uint32_t f, const struct instr *in)
{
    const struct function *fn = &s->flow->functions[f];

    if (result_read(s, f, in) || in->dst_address != FLOW_NONE)
        set_flag(s, &s->indirect_result);
    for (uint32_t callee = 0; callee < s->flow->function_count; callee++) {
        const struct function *to = &s->flow->functions[callee];

        if (!s->plan->functions[callee].reached || !s->addresses.by_pointer[callee] ||
            (to->param_count != in->arg_count && !to->variadic))
            continue;
        for (uint32_t i = 0; i < in->arg_count && i < to->param_count; i++)
            if (param_matters(s, callee, i))
                value_matters(s, f, fn->args[in->first_arg + i]);
    }
}

static void call_matters(struct slice *s, uint32_t f, const struct instr *in)
{
    uint32_t callee = callee_of(s, in);
    const struct function *fn = &s->flow->functions[f], *to;

    value_matters(s, f, in->dst_address);
    value_matters(s, f, in->a);
    if (in->symbol == FLOW_NONE) {
        indirect_call_matters(s, f, in);
        return;
    }
    if (callee == FLOW_NONE) {
        if (model_of(s, in) != FLOW_OP_NONE)
            op_args_matter(s, f, in);
        else
            args_matter(s, f, in);
        return;
    }
    to = &s->flow->functions[callee];
    if (result_read(s, f, in) || in->dst_address != FLOW_NONE)
        set_flag(s, &s->result[callee]);
    for (uint32_t i = 0; i < in->arg_count && i < to->param_count; i++)
        if (param_matters(s, callee, i))
            value_matters(s, f, fn->args[in->first_arg + i]);
}

static void instr_matters(struct slice *s, uint32_t f, const struct instr *in)
{
    switch ((enum instr_kind)in->kind) {
    case INSTR_SET:
        value_matters(s, f, in->a);
        break;
    case INSTR_STORE:
    case INSTR_COPY:
        value_matters(s, f, in->a);
        value_matters(s, f, in->b);
        break;
    case INSTR_ZERO:
        value_matters(s, f, in->a);
        break;
    case INSTR_DECL:
        break;
    case INSTR_CALL:
        call_matters(s, f, in);
        break;
    case INSTR_OP:
        op_args_matter(s, f, in);
        break;
    case INSTR_HAVOC:
        args_matter(s, f, in);
        break;
    }
}

static void touched_matter(struct slice *s, uint32_t f, uint32_t i)
{
    const struct function *fn = &s->flow->functions[f];
    uint32_t address[ACCESSES_MAX], n;

    if (!s->plan->functions[f].touches || !s->plan->functions[f].touches[i])
        return;
    n = lending_accesses(s->flow, fn, &fn->instrs[i], address);
    for (uint32_t k = 0; k < n; k++)
        if (keys_root_slot(fn, address[k]) == FLOW_NONE)
            value_matters(s, f, address[k]);
}

static void end_touched_matters(struct slice *s, uint32_t f, uint32_t b)
{
    const struct function *fn = &s->flow->functions[f];
    uint32_t address[ACCESSES_MAX], n;

    if (!s->plan->functions[f].ends_touch || !s->plan->functions[f].ends_touch[b])
        return;
    n = lending_end_accesses(fn, &fn->blocks[b], address);
    for (uint32_t k = 0; k < n; k++)
        if (keys_root_slot(fn, address[k]) == FLOW_NONE)
            value_matters(s, f, address[k]);
}

static void slice_instr(struct slice *s, uint32_t f, uint32_t b, uint32_t i)
{
    const struct instr *in = &s->flow->functions[f].instrs[i];
    enum weight weight = instr_weight(s, f, in);

    touched_matter(s, f, i);
    if (in->kind == INSTR_OP && in->op == FLOW_ATOMIC && !atomic_matters(s, f, b, i))
        return;
    if (weight == WEIGHT_NONE || s->plan->functions[f].dropped[i])
        return;
    s->plan->functions[f].keep[i] = 1;
    instr_matters(s, f, in);
    if (weight != WEIGHT_MATTERS)
        return;
    block_matters(s, f, b);
    if (has_effect(s, in))
        set_flag(s, &s->effect[f]);
}

static void slice_function(struct slice *s, uint32_t f)
{
    const struct function *fn = &s->flow->functions[f];

    for (uint32_t b = 0; b < fn->block_count; b++) {
        const struct block *block = &fn->blocks[b];

        for (uint32_t i = 0; i < block->instr_count; i++)
            slice_instr(s, f, b, block->first_instr + i);
        end_touched_matters(s, f, b);
        if (block->term == TERM_RETURN && block->cond != FLOW_NONE && s->result[f]) {
            s->plan->functions[f].decides[b] = true;
            value_matters(s, f, block->cond);
            block_matters(s, f, b);
        }
    }
    if (s->addresses.taken[f] && s->indirect_result)
        set_flag(s, &s->result[f]);
}

static void keep_everything(struct slice *s, uint32_t f)
{
    const struct function *fn = &s->flow->functions[f];
    struct function_plan *p = &s->plan->functions[f];

    memset(p->keep, 1, fn->instr_count);
    memset(p->decides, 1, fn->block_count * sizeof *p->decides);
    memset(s->regs[f], 0xff, (fn->reg_count / 64 + 1) * sizeof *s->regs[f]);
}

/* A branch that decides nothing leads straight to where its sides meet. */
static void skip_branches(struct slice *s, uint32_t f)
{
    const struct function *fn = &s->flow->functions[f];
    struct function_plan *p = &s->plan->functions[f];

    for (uint32_t b = 0; b < fn->block_count; b++) {
        uint32_t meets = s->graphs[f].post[b];
        bool branches = fn->blocks[b].term == TERM_BRANCH || fn->blocks[b].term == TERM_SWITCH;

        p->skip_to[b] = FLOW_NONE;
        if (branches && !p->decides[b])
            p->skip_to[b] = meets < fn->block_count ? meets : PLAN_RETURN;
    }
}

static uint32_t key_named(const struct flow *flow, const char *name)
{
    for (uint32_t i = 0; i < flow->string_count; i++)
        if (strcmp(flow->strings[i].bytes, name) == 0)
            return i;
    return FLOW_NONE;
}

static void slice_init(struct slice *s, struct arena *arena)
{
    uint32_t n = s->flow->function_count, keys = s->flow->string_count / 64 + 1;

    s->regs = ARENA_ARRAY(arena, bits_word *, n);
    s->blocks = ARENA_ARRAY(arena, bits_word *, n);
    s->slots = ARENA_ARRAY(arena, bits_word *, n);
    s->param_key = ARENA_ARRAY(arena, uint32_t *, n);
    s->loads = ARENA_ARRAY(arena, bits_word, keys);
    s->exact = ARENA_ARRAY(arena, bits_word, keys);
    s->keys = keys_make(s->flow, s->plan, arena);
    s->text = key_named(s->flow, FLOW_TEXT_KEY);
    s->cases = key_named(s->flow, FLOW_CASES_KEY);
    s->effect = ARENA_ARRAY(arena, bool, n);
    s->result = ARENA_ARRAY(arena, bool, n);
    s->addresses = addresses_find(s->flow, s->plan, arena);
    for (uint32_t f = 0; f < n; f++) {
        const struct function *fn = &s->flow->functions[f];
        struct function_plan *p = &s->plan->functions[f];

        if (!p->reached)
            continue;
        s->regs[f] = ARENA_ARRAY(arena, bits_word, fn->reg_count / 64 + 1);
        s->blocks[f] = ARENA_ARRAY(arena, bits_word, s->graphs[f].words);
        s->slots[f] = ARENA_ARRAY(arena, bits_word, fn->slot_count / 64 + 1);
        p->keep = ARENA_ARRAY(arena, uint8_t, fn->instr_count);
        if (!p->dropped)
            p->dropped = ARENA_ARRAY(arena, bool, fn->instr_count);
        p->mute = ARENA_ARRAY(arena, bool, fn->instr_count);
        p->param_matters = ARENA_ARRAY(arena, bool, fn->param_count);
        s->param_key[f] = ARENA_ARRAY(arena, uint32_t, fn->param_count);
        for (uint32_t i = 0; i < fn->param_count; i++)
            if (fn->params[i].in_slot)
                s->param_key[f][i] = keys_of_slot(s->keys, f, fn->params[i].index);
        p->decides = ARENA_ARRAY(arena, bool, fn->block_count);
        p->skip_to = ARENA_ARRAY(arena, uint32_t, fn->block_count);
    }
}

static void slice_until_stable(struct slice *s)
{
    do {
        s->changed = false;
        for (uint32_t f = 0; f < s->flow->function_count; f++)
            if (s->plan->functions[f].reached)
                slice_function(s, f);
    } while (s->changed);
}

/* Sends whose value decides nothing where it arrives, though it may where it comes from. */
static void find_mute(struct slice *s, uint32_t f)
{
    const struct function *fn = &s->flow->functions[f];

    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];
        uint32_t slot, key;

        if (in->kind != INSTR_OP || in->arg_count < 2 ||
            (in->op != FLOW_SEND && in->op != FLOW_SEND_SIZED && in->op != FLOW_TRY_SEND))
            continue;
        slot = keys_root_slot(fn, fn->args[in->first_arg + 1]);
        key = slot == FLOW_NONE ? FLOW_NONE : keys_of_slot(s->keys, f, slot);
        s->plan->functions[f].mute[i] = key != FLOW_NONE && s->keys->only_sent[key] && !s->any_memory &&
                                        !s->outward && !bit_test(s->loads, keys_class(s->keys, key));
    }
}

void slice_program(const struct flow *program, struct plan *plan, uint32_t root, const struct cfg *graphs, bool full,
                   struct arena *arena)
{
    struct slice s = { .flow = program, .plan = plan, .graphs = graphs };
    bool is_main;

    slice_init(&s, arena);
    is_main = strcmp(flow_function_name(program, root), "main") == 0;
    plan->outward = s.outward = !is_main || addresses_hand_out(program, plan);
    s.result[root] = !is_main;          /* an exit status decides nothing */
    for (uint32_t f = 0; full && f < program->function_count; f++)
        if (plan->functions[f].reached)
            keep_everything(&s, f);
    slice_until_stable(&s);
    plan->texts = full || texts_matter(&s);
    for (uint32_t f = 0; f < program->function_count; f++) {
        plan->functions[f].by_pointer = s.addresses.by_pointer[f];
        if (plan->functions[f].reached)
            skip_branches(&s, f);
    }
    for (uint32_t f = 0; f < program->function_count; f++) {
        if (!plan->functions[f].reached)
            continue;
        for (uint32_t i = 0; i < program->functions[f].param_count; i++)
            plan->functions[f].param_matters[i] = param_matters(&s, f, i);
        if (!full)
            find_mute(&s, f);
    }
}
