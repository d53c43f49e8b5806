#include "tokens.h"

#include "cases.h"

#include <string.h>

struct tokens {
    const struct flow *flow;
    struct plan       *plan;
    uint32_t          *up;              /* union-find over variables */
    uint32_t          *first_reg;       /* per function: variable of its register 0; then its result */
    struct arena      *arena;
    struct token_set   anywhere;        /* of functions whose address is taken */
};

static uint32_t find(struct tokens *t, uint32_t v)
{
    while (t->up[v] != v)
        v = t->up[v] = t->up[t->up[v]];
    return v;
}

static void join(struct tokens *t, uint32_t a, uint32_t b)
{
    if (a != FLOW_NONE && b != FLOW_NONE)
        t->up[find(t, a)] = find(t, b);
}

static uint32_t result_of(const struct tokens *t, uint32_t f)
{
    return t->first_reg[f] + t->flow->functions[f].reg_count;
}

/* The variable whose value an expression is: a register, or a class of memory (strings come first). */
static uint32_t variable_of(const struct tokens *t, uint32_t f, uint32_t expr)
{
    const struct expr *e;

    if (expr == FLOW_NONE)
        return FLOW_NONE;
    e = &t->flow->functions[f].exprs[expr];
    if (e->kind == EXPR_CAST)
        return variable_of(t, f, e->a);
    if (e->kind == EXPR_REG)
        return t->first_reg[f] + e->index;
    return e->kind == EXPR_LOAD ? e->index : FLOW_NONE;
}

static uint32_t argument(const struct tokens *t, uint32_t f, const struct instr *in, uint32_t i)
{
    return i < in->arg_count ? variable_of(t, f, t->flow->functions[f].args[in->first_arg + i]) : FLOW_NONE;
}

static void join_call(struct tokens *t, uint32_t f, const struct instr *in, uint32_t callee)
{
    const struct function *to = &t->flow->functions[callee];

    for (uint32_t i = 0; i < to->param_count; i++)
        if (!to->params[i].in_slot)
            join(t, argument(t, f, in, i), t->first_reg[callee] + to->params[i].index);
    if (in->dst != FLOW_NONE)
        join(t, t->first_reg[f] + in->dst, result_of(t, callee));
}

static void join_everything_to(struct tokens *t, uint32_t f, const struct instr *in)
{
    for (uint32_t callee = 0; callee < t->flow->function_count; callee++)
        if (t->plan->functions[callee].reached && t->plan->functions[callee].by_pointer)
            join_call(t, f, in, callee);
}

/* Results that are, or lead to, the same object as the first argument. */
static bool passes_on(enum flow_op op)
{
    return op == FLOW_RETAIN || op == FLOW_CTX_DONE || op == FLOW_CTX_MAKE || op == FLOW_CTX_MAKE_TIMEOUT ||
           op == FLOW_CTX_RETAIN || op == FLOW_GROUP_CTX || op == FLOW_GROUP_MAKE || op == FLOW_TICKER_CHAN ||
           op == FLOW_REALLOC || op == FLOW_COPY || op == FLOW_FILL;
}

/* A task's parameter is what it was started with. */
static void join_start(struct tokens *t, uint32_t f, const struct instr *in, uint32_t arg)
{
    const struct function *fn = &t->flow->functions[f];
    const struct expr *e = &fn->exprs[fn->args[in->first_arg + arg]];

    for (uint32_t g = 0; g < t->flow->function_count; g++) {
        const struct function *to = &t->flow->functions[g];
        bool named = e->kind == EXPR_GLOBAL && t->flow->symbols[e->index].function == g;

        if (t->plan->functions[g].reached && to->param_count && !to->params[0].in_slot &&
            (named || (e->kind != EXPR_GLOBAL && t->plan->functions[g].by_pointer)))
            join(t, argument(t, f, in, arg + 1), t->first_reg[g] + to->params[0].index);
    }
}

static void join_instr(struct tokens *t, uint32_t f, const struct instr *in)
{
    switch ((enum instr_kind)in->kind) {
    case INSTR_SET:
        join(t, t->first_reg[f] + in->dst, variable_of(t, f, in->a));
        break;
    case INSTR_STORE:
        if (!cases_is_store(&t->flow->functions[f], in))
            join(t, in->key, variable_of(t, f, in->b));
        break;
    case INSTR_CALL:
        if (in->symbol == FLOW_NONE)
            join_everything_to(t, f, in);
        else if (t->flow->symbols[in->symbol].function != FLOW_NONE)
            join_call(t, f, in, t->flow->symbols[in->symbol].function);
        break;
    case INSTR_OP:
        if (passes_on(in->op) && in->dst != FLOW_NONE)
            join(t, t->first_reg[f] + in->dst, argument(t, f, in, 0));
        if (in->op == FLOW_SPAWN)
            join_start(t, f, in, 0);
        if (in->op == FLOW_GROUP_SPAWN || in->op == FLOW_ONCE)
            join_start(t, f, in, 1);
        break;
    case INSTR_COPY: case INSTR_ZERO: case INSTR_DECL: case INSTR_HAVOC:
        break;
    }
}

static void join_function(struct tokens *t, uint32_t f)
{
    const struct function *fn = &t->flow->functions[f];

    for (uint32_t i = 0; i < fn->instr_count; i++)
        join_instr(t, f, &fn->instrs[i]);
    for (uint32_t b = 0; b < fn->block_count; b++)
        if (fn->blocks[b].term == TERM_RETURN)
            join(t, result_of(t, f), variable_of(t, f, fn->blocks[b].cond));
}

/* ---- tokens of instructions -------------------------------------------------------- */

static uint32_t channel_token(struct tokens *t, uint32_t variable)
{
    if (variable == FLOW_NONE)
        return TOKEN_CHANNEL;
    return TOKEN_CHANNEL + 1 + find(t, variable) % (TOKENS - TOKEN_CHANNEL - 1);
}

static uint32_t token_of(struct tokens *t, uint32_t f, const struct instr *in)
{
    switch ((enum flow_op)in->op) {
    case FLOW_LOCK: case FLOW_TRYLOCK: case FLOW_UNLOCK:
        return TOKEN_MUTEX;
    case FLOW_RDLOCK: case FLOW_RDUNLOCK: case FLOW_WRLOCK: case FLOW_WRUNLOCK:
        return TOKEN_RWLOCK;
    case FLOW_WG_ADD: case FLOW_WG_DONE: case FLOW_WG_WAIT:
        return TOKEN_WAIT_GROUP;
    case FLOW_COND_WAIT: case FLOW_COND_SIGNAL: case FLOW_COND_BROADCAST:
        return TOKEN_CONDITION;
    case FLOW_ONCE:
        return TOKEN_ONCE;
    case FLOW_GROUP_SPAWN: case FLOW_GROUP_WAIT:
        return TOKEN_GROUP;
    case FLOW_ATOMIC:
        return TOKEN_ATOMIC;
    case FLOW_SEND: case FLOW_SEND_SIZED: case FLOW_RECV: case FLOW_CLOSE: case FLOW_TRY_SEND:
    case FLOW_TRY_RECV: case FLOW_LEN: case FLOW_TICKER_STOP: case FLOW_CTX_CANCEL: case FLOW_CTX_ERR:
    case FLOW_CTX_RELEASE:
        return channel_token(t, argument(t, f, in, 0));
    case FLOW_SELECT: case FLOW_POLL: case FLOW_SELECT_TIMEOUT: case FLOW_CTX_SCOPE_END:
        return TOKEN_CHANNEL;          /* its handles lie in memory: any class */
    default:
        return TOKEN_NONE;
    }
}

static void token_add(struct token_set *set, uint32_t token, unsigned aspects)
{
    for (unsigned a = 0; a < ASPECTS; a++)
        if (aspects >> a & 1)
            set->bits[a][token / 64] |= (uint64_t)1 << (token % 64);
}

/* A negative number added to a wait group is that many done. */
static unsigned aspects_of_add(const struct function *fn, const struct instr *in)
{
    const struct expr *e = in->arg_count > 1 ? &fn->exprs[fn->args[in->first_arg + 1]] : NULL;

    return e && e->kind == EXPR_CONST && e->number >= 0 ? ASPECT_CLOSE : ASPECT_CLOSE | ASPECT_PUT;
}

static unsigned aspects_of(const struct function *fn, const struct instr *in)
{
    switch ((enum flow_op)in->op) {
    case FLOW_SEND: case FLOW_SEND_SIZED: case FLOW_UNLOCK: case FLOW_WG_DONE:
        return ASPECT_PUT;
    case FLOW_RECV: case FLOW_LOCK: case FLOW_WG_WAIT:
        return ASPECT_TAKE;
    case FLOW_CLOSE: case FLOW_CTX_CANCEL: case FLOW_CTX_RELEASE: case FLOW_CTX_SCOPE_END: case FLOW_TICKER_STOP:
        return ASPECT_CLOSE;
    case FLOW_LEN: case FLOW_CTX_ERR:
        return ASPECT_PROBE;
    case FLOW_TRY_SEND:
        return ASPECT_PUT | ASPECT_PROBE;
    case FLOW_TRY_RECV: case FLOW_TRYLOCK:
        return ASPECT_TAKE | ASPECT_PROBE;
    case FLOW_SELECT: case FLOW_SELECT_TIMEOUT:
        return ASPECT_PUT | ASPECT_TAKE;
    case FLOW_POLL:
        return ASPECT_PUT | ASPECT_TAKE | ASPECT_PROBE;
    case FLOW_WG_ADD:
        return aspects_of_add(fn, in);
    default:
        return ASPECT_ALL;
    }
}

/* What a select may do to each of its channels, where that is known. */
static void find_cases(struct tokens *t, uint32_t f, uint32_t at)
{
    const struct function *fn = &t->flow->functions[f];
    const struct instr *in = &fn->instrs[at];
    struct case_list list;
    struct select_cases *cases;

    if (!cases_of(fn, at, &list))
        return;
    cases = ARENA_NEW(t->arena, struct select_cases);
    cases->count = list.count;
    for (uint32_t i = 0; i < list.count; i++) {
        cases->value[i] = list.of[i].value;
        cases->token[i] = (uint8_t)channel_token(t, variable_of(t, f, list.of[i].channel));
        cases->aspects[i] = (uint8_t)((list.of[i].is_send ? ASPECT_PUT : ASPECT_TAKE) |
                                      (in->op == FLOW_POLL ? ASPECT_PROBE : 0));
    }
    t->plan->functions[f].cases[at] = cases;
}

static bool set_add(struct token_set *set, const struct token_set *more)
{
    uint64_t news = 0;

    for (unsigned a = 0; a < ASPECTS; a++)
        for (unsigned i = 0; i < TOKENS / 64; i++) {
            news |= more->bits[a][i] & ~set->bits[a][i];
            set->bits[a][i] |= more->bits[a][i];
        }
    return news != 0;
}

static bool makes_other_channel(enum flow_op op)
{
    return op == FLOW_AFTER || op == FLOW_TICKER_CHAN || op == FLOW_CTX_DONE;
}

/* A channel of this class is made, its elements `size` bytes; 0: nobody knows. */
static void note_size(struct plan *plan, uint32_t token, uint32_t size)
{
    plan->element_size[token] = size < plan->element_size[token] ? size : plan->element_size[token];
    plan->element_size[TOKEN_CHANNEL] = size < plan->element_size[TOKEN_CHANNEL] ? size : plan->element_size[TOKEN_CHANNEL];
}

/* Where nothing is made, or more than channels of known size, nothing is known. */
static void find_sizes(struct tokens *t)
{
    memset(t->plan->element_size, 0xff, sizeof t->plan->element_size);
    for (uint32_t f = 0; f < t->flow->function_count; f++)
        for (uint32_t i = 0; t->plan->functions[f].reached && i < t->flow->functions[f].instr_count; i++) {
            const struct function *fn = &t->flow->functions[f];
            const struct instr *in = &fn->instrs[i];
            const struct expr *size = in->arg_count ? &fn->exprs[fn->args[in->first_arg]] : NULL;
            bool makes = in->kind == INSTR_OP && in->op == FLOW_MAKE;

            if (in->dst == FLOW_NONE || in->kind != INSTR_OP || (!makes && !makes_other_channel(in->op)))
                continue;
            note_size(t->plan, channel_token(t, t->first_reg[f] + in->dst),
                      makes && size && size->kind == EXPR_CONST && size->number < UINT32_MAX ? (uint32_t)size->number : 0);
        }
    for (uint32_t i = 0; i < TOKENS; i++)
        if (t->plan->element_size[i] == UINT32_MAX)
            t->plan->element_size[i] = 0;
}

/* What the function in argument `arg` may do: the one it names, or any. */
static void started_tokens(struct tokens *t, uint32_t f, const struct instr *in, uint32_t arg, struct token_set *set)
{
    const struct function *fn = &t->flow->functions[f];
    const struct expr *e = &fn->exprs[fn->args[in->first_arg + arg]];

    if (e->kind != EXPR_GLOBAL)
        set_add(set, &t->anywhere);
    else if (t->flow->symbols[e->index].function != FLOW_NONE)
        set_add(set, &t->plan->functions[t->flow->symbols[e->index].function].ahead[0]);
}

static void instr_tokens(struct tokens *t, uint32_t f, uint32_t at, struct token_set *set)
{
    const struct instr *in = &t->flow->functions[f].instrs[at];
    struct function_plan *p = &t->plan->functions[f];

    if (!p->keep[at])
        return;
    if (in->kind == INSTR_OP) {
        const struct select_cases *cases = p->cases[at];

        p->token[at] = (uint8_t)token_of(t, f, in);
        if (!cases)
            token_add(set, p->token[at], aspects_of(&t->flow->functions[f], in));
        for (uint32_t i = 0; cases && i < cases->count; i++)
            token_add(set, cases->token[i], cases->aspects[i]);
        if (in->op == FLOW_COND_WAIT)
            token_add(set, TOKEN_MUTEX, ASPECT_ALL);
        if (in->op == FLOW_SPAWN || in->op == FLOW_SPAWN_COPY)
            started_tokens(t, f, in, 0, set);
        else if (in->op == FLOW_GROUP_SPAWN || in->op == FLOW_ONCE)
            started_tokens(t, f, in, 1, set);
    } else if (in->kind == INSTR_CALL && in->symbol == FLOW_NONE) {
        set_add(set, &t->anywhere);
    } else if (in->kind == INSTR_CALL && t->flow->symbols[in->symbol].function != FLOW_NONE) {
        set_add(set, &t->plan->functions[t->flow->symbols[in->symbol].function].ahead[0]);
    }
}

/* What block b and all behind it may do. */
static bool block_tokens(struct tokens *t, uint32_t f, uint32_t b)
{
    const struct function *fn = &t->flow->functions[f];
    struct function_plan *p = &t->plan->functions[f];
    const struct block *block = &fn->blocks[b];
    uint32_t room = 2 + block->case_count, to[room], n;
    struct token_set set = { 0 };

    for (uint32_t i = 0; i < block->instr_count; i++)
        instr_tokens(t, f, block->first_instr + i, &set);
    n = plan_successors(fn, p, b, to, room);
    for (uint32_t i = 0; i < n; i++)
        set_add(&set, &p->ahead[to[i]]);
    return set_add(&p->ahead[b], &set);
}

static void tokens_until_stable(struct tokens *t)
{
    bool changed = true;

    while (changed) {
        changed = false;
        for (uint32_t f = 0; f < t->flow->function_count; f++) {
            if (!t->plan->functions[f].reached)
                continue;
            for (uint32_t b = t->flow->functions[f].block_count; b-- > 0;)
                changed |= block_tokens(t, f, b);
            if (t->plan->functions[f].by_pointer)
                changed |= set_add(&t->anywhere, &t->plan->functions[f].ahead[0]);
        }
    }
}

void tokens_make(const struct flow *program, struct plan *plan, struct arena *arena)
{
    struct tokens t = { .flow = program, .plan = plan, .arena = arena };
    uint32_t variables = program->string_count;

    t.first_reg = ARENA_ARRAY(arena, uint32_t, program->function_count);
    for (uint32_t f = 0; f < program->function_count; f++) {
        t.first_reg[f] = variables;
        variables += program->functions[f].reg_count + 1;
    }
    t.up = ARENA_ARRAY(arena, uint32_t, variables);
    for (uint32_t v = 0; v < variables; v++)
        t.up[v] = v;
    for (uint32_t i = 0; i < program->alias_count; i++)
        join(&t, program->aliases[i].a, program->aliases[i].b);
    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached) {
            plan->functions[f].token = ARENA_ARRAY(arena, uint8_t, program->functions[f].instr_count);
            plan->functions[f].cases = ARENA_ARRAY(arena, struct select_cases *, program->functions[f].instr_count);
            plan->functions[f].ahead = ARENA_ARRAY(arena, struct token_set, program->functions[f].block_count);
            join_function(&t, f);
        }
    for (uint32_t f = 0; f < program->function_count; f++)
        for (uint32_t i = 0; plan->functions[f].reached && i < program->functions[f].instr_count; i++) {
            const struct instr *in = &program->functions[f].instrs[i];

            if (in->kind == INSTR_OP && token_of(&t, f, in) == TOKEN_CHANNEL && in->arg_count == 8)
                find_cases(&t, f, i);
        }
    tokens_until_stable(&t);
    find_sizes(&t);
}
