#include "lending.h"

#include "keys.h"

#include <string.h>

/* ---- what an instruction accesses ------------------------------------------------- */

enum { COPIES = 4 };            /* from register to register */

struct accesses {
    const struct function *fn;
    uint32_t *address;
    uint32_t  count;
};

static void access_add(struct accesses *a, uint32_t expr)
{
    if (expr != FLOW_NONE && a->count < ACCESSES_MAX)
        a->address[a->count++] = expr;
}

static void accesses_of_expr(struct accesses *a, uint32_t expr)
{
    const struct expr *e;

    if (expr == FLOW_NONE)
        return;
    e = &a->fn->exprs[expr];
    if (e->kind == EXPR_LOAD)
        access_add(a, e->a);
    if (expr_operands(e) > 0)
        accesses_of_expr(a, e->a);
    if (expr_operands(e) > 1)
        accesses_of_expr(a, e->b);
}

/* Does a function read or write at what its parameter points to? */
static bool follows_param(const struct flow *program, uint32_t f, uint32_t param)
{
    const struct function *fn = &program->functions[f];

    if (param >= fn->param_count || fn->params[param].in_slot)
        return false;
    for (uint32_t e = 0; e < fn->expr_count; e++) {
        uint32_t at = fn->exprs[e].kind == EXPR_LOAD ? fn->exprs[e].a : FLOW_NONE;

        while (at != FLOW_NONE && (fn->exprs[at].kind == EXPR_INDEX || fn->exprs[at].kind == EXPR_CAST))
            at = fn->exprs[at].a;
        if (at != FLOW_NONE && fn->exprs[at].kind == EXPR_REG && fn->exprs[at].index == fn->params[param].index)
            return true;
    }
    return false;
}

static bool may_be_address(const struct function *fn, uint32_t expr, unsigned depth);

/* Does anything give the register an address? */
static bool may_hold_address(const struct function *fn, uint32_t reg, unsigned depth)
{
    for (uint32_t i = 0; i < fn->param_count; i++)
        if (!fn->params[i].in_slot && fn->params[i].index == reg && fn->params[i].type == SCALAR_PTR)
            return true;
    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];

        if (in->kind == INSTR_SET && in->dst == reg && may_be_address(fn, in->a, depth - 1))
            return true;
        if ((in->kind == INSTR_CALL || in->kind == INSTR_OP) && in->dst == reg &&
            (in->type == SCALAR_PTR || in->type == 0))     /* 0: not said */
            return true;
    }
    return false;
}

/* A number that is printed, or passed to whoever, is not followed: C wants a cast for that. */
static bool may_be_address(const struct function *fn, uint32_t expr, unsigned depth)
{
    const struct expr *e = &fn->exprs[expr];

    switch ((enum expr_kind)e->kind) {
    case EXPR_LOAD:
    case EXPR_BINARY:
    case EXPR_CAST:
    case EXPR_UNKNOWN:
        return e->type == SCALAR_PTR;
    case EXPR_REG:
        return depth == 0 || may_hold_address(fn, e->index, depth);
    case EXPR_SLOT: case EXPR_GLOBAL: case EXPR_INDEX:
        return true;
    case EXPR_CONST: case EXPR_STRING: case EXPR_UNARY:
        return false;
    }
    return true;
}

/* Is argument `arg` of an operation an address it works at? */
static bool op_accesses(enum flow_op op, uint32_t arg)
{
    switch (op) {
    case FLOW_SEND: case FLOW_SEND_SIZED: case FLOW_RECV: case FLOW_TRY_SEND: case FLOW_TRY_RECV:
        return arg == 1;
    case FLOW_WG_ADD: case FLOW_WG_DONE: case FLOW_WG_WAIT: case FLOW_LOCK: case FLOW_TRYLOCK:
    case FLOW_UNLOCK: case FLOW_RDLOCK: case FLOW_RDUNLOCK: case FLOW_WRLOCK: case FLOW_WRUNLOCK:
    case FLOW_COND_SIGNAL: case FLOW_COND_BROADCAST: case FLOW_ONCE: case FLOW_FORMAT:
        return arg == 0;
    case FLOW_COND_WAIT: case FLOW_COPY: case FLOW_PURE: case FLOW_WRITES: case FLOW_SHUFFLE:
        return true;
    default:
        return false;
    }
}

static bool is_accessed(const struct flow *program, const struct instr *in, uint32_t arg)
{
    const struct symbol *callee;

    if (in->kind == INSTR_OP)
        return op_accesses(in->op, arg);
    if (in->kind != INSTR_CALL || in->symbol == FLOW_NONE)
        return in->kind == INSTR_HAVOC;
    callee = &program->symbols[in->symbol];
    if (callee->function != FLOW_NONE)
        return follows_param(program, callee->function, arg);
    return callee->model == FLOW_OP_NONE || op_accesses(callee->model, arg);
}

uint32_t lending_accesses(const struct flow *program, const struct function *fn, const struct instr *in,
                          uint32_t *address)
{
    struct accesses a = { .fn = fn, .address = address };

    if (in->kind == INSTR_STORE || in->kind == INSTR_COPY || in->kind == INSTR_ZERO)
        access_add(&a, in->a);
    if (in->kind == INSTR_COPY)
        access_add(&a, in->b);
    if (in->kind == INSTR_STORE || in->kind == INSTR_COPY || in->kind == INSTR_ZERO || in->kind == INSTR_SET)
        accesses_of_expr(&a, in->a);
    if (in->kind == INSTR_STORE || in->kind == INSTR_COPY)
        accesses_of_expr(&a, in->b);
    if (in->kind == INSTR_CALL || in->kind == INSTR_OP || in->kind == INSTR_HAVOC)
        for (uint32_t i = 0; i < in->arg_count; i++) {
            uint32_t arg = fn->args[in->first_arg + i];

            accesses_of_expr(&a, arg);
            if (is_accessed(program, in, i) && may_be_address(fn, arg, COPIES))
                access_add(&a, arg);
        }
    return a.count;
}

uint32_t lending_end_accesses(const struct function *fn, const struct block *block, uint32_t *address)
{
    struct accesses a = { .fn = fn, .address = address };

    if (block->term == TERM_BRANCH || block->term == TERM_SWITCH || block->term == TERM_RETURN)
        accesses_of_expr(&a, block->cond);
    return a.count;
}

/* ---- who lends what to whom --------------------------------------------------------- */

struct lending {
    const struct flow *program;
    struct plan       *plan;
    const struct cfg  *graphs;
    uint32_t           main;        /* its locals live as long as the process; FLOW_NONE: the root is no main */
    bool              *borrows;     /* per function: may be given the address of a local */
};

/* The argument that a task is started with, and what it runs; FLOW_NONE: it starts none by name. */
static uint32_t started(const struct lending *l, const struct function *fn, const struct instr *in, uint32_t *arg)
{
    uint32_t at = in->op == FLOW_GROUP_SPAWN ? 1 : 0, e;

    if (in->kind != INSTR_OP || (in->op != FLOW_SPAWN && in->op != FLOW_SPAWN_COPY && in->op != FLOW_GROUP_SPAWN) ||
        in->arg_count < at + 2)
        return FLOW_NONE;
    *arg = fn->args[in->first_arg + at + 1];
    e = fn->args[in->first_arg + at];
    return fn->exprs[e].kind == EXPR_GLOBAL ? l->program->symbols[fn->exprs[e].index].function : FLOW_NONE;
}

/* Does the function write the address of one of its locals into memory? */
static bool keeps_address(const struct function *fn)
{
    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (fn->instrs[i].kind == INSTR_STORE && keys_root_slot(fn, fn->instrs[i].b) != FLOW_NONE)
            return true;
    return false;
}

/* Does some call pass the address of a local for this parameter? */
static bool is_passed_local(const struct lending *l, uint32_t callee, uint32_t param)
{
    for (uint32_t f = 0; f < l->program->function_count; f++) {
        const struct function *fn = &l->program->functions[f];

        for (uint32_t i = 0; l->plan->functions[f].reached && f != l->main && i < fn->instr_count; i++) {
            const struct instr *in = &fn->instrs[i];

            if (in->kind == INSTR_CALL && in->symbol != FLOW_NONE && param < in->arg_count &&
                l->program->symbols[in->symbol].function == callee &&
                keys_root_slot(fn, fn->args[in->first_arg + param]) != FLOW_NONE)
                return true;
        }
    }
    return false;
}

static bool is_passed_on(const struct lending *l, uint32_t f, uint32_t arg)
{
    const struct function *fn = &l->program->functions[f];

    if (fn->exprs[arg].kind != EXPR_REG)
        return false;
    for (uint32_t i = 0; i < fn->param_count; i++)
        if (!fn->params[i].in_slot && fn->params[i].index == fn->exprs[arg].index)
            return is_passed_local(l, f, i);
    return false;
}

static bool stands_in_loop(const struct lending *l, uint32_t f, uint32_t instr)
{
    const struct function *fn = &l->program->functions[f];
    const struct cfg *g = &l->graphs[f];

    for (uint32_t k = 0; k < g->loop_count; k++)
        for (uint32_t b = 0; b < fn->block_count; b++)
            if (bit_test(g->loops[k].body, b) && instr >= fn->blocks[b].first_instr &&
                instr < fn->blocks[b].first_instr + fn->blocks[b].instr_count)
                return true;
    return false;
}

static bool lends_to_task(const struct lending *l, uint32_t f, uint32_t instr, uint32_t arg)
{
    const struct function *fn = &l->program->functions[f];

    if (fn->instrs[instr].op != FLOW_SPAWN_COPY && keys_root_slot(fn, arg) != FLOW_NONE)
        return f != l->main || stands_in_loop(l, f, instr);
    return f != l->main && (keeps_address(fn) || is_passed_on(l, f, arg));
}

static bool operates(const struct function *fn, bool (*is_wanted)(const struct instr *in))
{
    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (fn->instrs[i].kind == INSTR_OP && is_wanted(&fn->instrs[i]))
            return true;
    return false;
}

static bool is_send(const struct instr *in)
{
    return in->op == FLOW_SEND || in->op == FLOW_SEND_SIZED || in->op == FLOW_TRY_SEND || in->op == FLOW_SELECT ||
           in->op == FLOW_SELECT_TIMEOUT || in->op == FLOW_POLL;
}

static bool is_receive(const struct instr *in)
{
    return in->op == FLOW_RECV || in->op == FLOW_TRY_RECV || in->op == FLOW_SELECT ||
           in->op == FLOW_SELECT_TIMEOUT || in->op == FLOW_POLL;
}

static void find_borrowers(struct lending *l)
{
    bool sent = false;

    for (uint32_t f = 0; f < l->program->function_count; f++) {
        const struct function *fn = &l->program->functions[f];

        if (!l->plan->functions[f].reached)
            continue;
        sent |= f != l->main && operates(fn, is_send) && keeps_address(fn);
        for (uint32_t i = 0; i < fn->instr_count; i++) {
            uint32_t arg, entry = started(l, fn, &fn->instrs[i], &arg);

            if (entry != FLOW_NONE && lends_to_task(l, f, i, arg))
                l->borrows[entry] = true;
        }
    }
    for (uint32_t f = 0; sent && f < l->program->function_count; f++)
        l->borrows[f] |= l->plan->functions[f].reached && operates(&l->program->functions[f], is_receive);
}

/* What a borrower calls borrows as well. */
static void find_callees(struct lending *l)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t f = 0; f < l->program->function_count; f++) {
            const struct function *fn = &l->program->functions[f];

            for (uint32_t i = 0; l->borrows[f] && i < fn->instr_count; i++) {
                uint32_t to = fn->instrs[i].kind == INSTR_CALL && fn->instrs[i].symbol != FLOW_NONE
                                  ? l->program->symbols[fn->instrs[i].symbol].function : FLOW_NONE;

                if (to != FLOW_NONE && !l->borrows[to])
                    l->borrows[to] = changed = true;
            }
        }
    }
}

/* Its own locals nobody has lent it. */
static bool are_others(const struct function *fn, const uint32_t *address, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (keys_root_slot(fn, address[i]) == FLOW_NONE)
            return true;
    return false;
}

/* What a borrower may touch of what it was lent. */
static void find_touches(const struct flow *program, uint32_t f, struct function_plan *p, struct arena *arena)
{
    const struct function *fn = &program->functions[f];
    uint32_t address[ACCESSES_MAX];

    p->touches = ARENA_ARRAY(arena, bool, fn->instr_count);
    p->ends_touch = ARENA_ARRAY(arena, bool, fn->block_count);
    for (uint32_t i = 0; i < fn->instr_count; i++)
        p->touches[i] = are_others(fn, address, lending_accesses(program, fn, &fn->instrs[i], address));
    for (uint32_t b = 0; b < fn->block_count; b++)
        p->ends_touch[b] = are_others(fn, address, lending_end_accesses(fn, &fn->blocks[b], address));
}

static void lend_slot(bool *lent, const struct function *fn, uint32_t address)
{
    uint32_t slot = keys_root_slot(fn, address);

    if (slot != FLOW_NONE)
        lent[slot] = true;
}

/* Locals that have to be remembered until they go, read again or not. */
static bool *find_lent(const struct function *fn, struct arena *arena)
{
    bool *lent = ARENA_ARRAY(arena, bool, fn->slot_count);

    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];
        bool starts = in->kind == INSTR_OP && (in->op == FLOW_SPAWN || in->op == FLOW_GROUP_SPAWN);

        if (in->kind == INSTR_STORE)
            lend_slot(lent, fn, in->b);
        for (uint32_t k = 0; (starts || in->kind == INSTR_CALL) && k < in->arg_count; k++)
            lend_slot(lent, fn, fn->args[in->first_arg + k]);
    }
    return lent;
}

void lending_make(const struct flow *program, struct plan *plan, uint32_t root, const struct cfg *graphs,
                  struct arena *arena)
{
    struct lending l = { .program = program, .plan = plan, .graphs = graphs, .main = FLOW_NONE };

    if (strcmp(flow_function_name(program, root), "main") == 0)
        l.main = root;
    l.borrows = ARENA_ARRAY(arena, bool, program->function_count);
    find_borrowers(&l);
    find_callees(&l);
    for (uint32_t f = 0; f < program->function_count; f++) {
        if (!plan->functions[f].reached || !l.borrows[f])
            continue;
        plan->lends = true;
        find_touches(program, f, &plan->functions[f], arena);
    }
    for (uint32_t f = 0; plan->lends && f < program->function_count; f++)
        if (plan->functions[f].reached)
            plan->functions[f].lent = find_lent(&program->functions[f], arena);
}
