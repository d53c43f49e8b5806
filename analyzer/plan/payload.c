#include "payload.h"

#include "cases.h"

struct payload {
    const struct flow *flow;
    struct plan       *plan;
    bool             **confined;    /* per function and slot: its address goes nowhere but into sends and receives */
    bool             **needed;      /* per function and slot: read, or sent to where it is */
    bool               live[TOKENS];/* somebody receives there into what is needed */
    bool               all_live;
    bool               changed;
};

/* ---- what is done with slots ---------------------------------------------------------- */

uint32_t payload_slot(const struct function *fn, uint32_t expr)
{
    while (expr != FLOW_NONE) {
        const struct expr *e = &fn->exprs[expr];

        if (e->kind == EXPR_SLOT)
            return e->index;
        if (e->kind != EXPR_INDEX && e->kind != EXPR_CAST)
            return FLOW_NONE;
        expr = e->a;
    }
    return FLOW_NONE;
}

/* What evaluating it reads and hands on. */
static void evaluate(struct payload *p, uint32_t f, uint32_t expr);

/* An address that something is done at. */
static void evaluate_address(struct payload *p, uint32_t f, uint32_t expr)
{
    const struct function *fn = &p->flow->functions[f];

    if (expr == FLOW_NONE)
        return;
    if (payload_slot(fn, expr) == FLOW_NONE) {
        evaluate(p, f, expr);
        return;
    }
    for (const struct expr *e = &fn->exprs[expr]; e->kind != EXPR_SLOT; e = &fn->exprs[e->a])
        if (e->kind == EXPR_INDEX)
            evaluate(p, f, e->b);
}

static void evaluate(struct payload *p, uint32_t f, uint32_t expr)
{
    const struct function *fn = &p->flow->functions[f];
    const struct expr *e;

    if (expr == FLOW_NONE)
        return;
    e = &fn->exprs[expr];
    switch ((enum expr_kind)e->kind) {
    case EXPR_SLOT:
        p->confined[f][e->index] = false;
        break;
    case EXPR_LOAD:
        if (payload_slot(fn, e->a) != FLOW_NONE)
            p->needed[f][payload_slot(fn, e->a)] = true;
        evaluate_address(p, f, e->a);
        break;
    case EXPR_BINARY:
    case EXPR_INDEX:
        evaluate(p, f, e->a);
        evaluate(p, f, e->b);
        break;
    case EXPR_UNARY:
    case EXPR_CAST:
        evaluate(p, f, e->a);
        break;
    case EXPR_CONST: case EXPR_REG: case EXPR_GLOBAL: case EXPR_STRING: case EXPR_UNKNOWN:
        break;
    }
}

static bool is_send(enum flow_op op)
{
    return op == FLOW_SEND || op == FLOW_SEND_SIZED || op == FLOW_TRY_SEND;
}

static bool is_receive(enum flow_op op)
{
    return op == FLOW_RECV || op == FLOW_TRY_RECV;
}

static bool is_select(enum flow_op op)
{
    return op == FLOW_SELECT || op == FLOW_POLL || op == FLOW_SELECT_TIMEOUT;
}

static void evaluate_args(struct payload *p, uint32_t f, const struct instr *in)
{
    const struct function *fn = &p->flow->functions[f];
    bool carries = in->kind == INSTR_OP && (is_send(in->op) || is_receive(in->op));

    for (uint32_t i = 0; i < in->arg_count; i++)
        if (carries && i == 1)
            evaluate_address(p, f, fn->args[in->first_arg + i]);
        else
            evaluate(p, f, fn->args[in->first_arg + i]);
}

/* Does the store say where the value of some select's case lies? */
static bool fills_case(const struct payload *p, uint32_t f, const struct instr *store)
{
    const struct function *fn = &p->flow->functions[f];

    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct select_cases *cases = p->plan->functions[f].cases[i];

        for (uint32_t c = 0; cases && p->plan->functions[f].keep[i] && c < cases->count; c++)
            if (cases->value[c] == store->b)
                return true;
    }
    return false;
}

static void evaluate_instr(struct payload *p, uint32_t f, const struct instr *in)
{
    const struct function *fn = &p->flow->functions[f];

    switch ((enum instr_kind)in->kind) {
    case INSTR_SET:
        evaluate(p, f, in->a);
        break;
    case INSTR_COPY:
        if (payload_slot(fn, in->b) != FLOW_NONE)
            p->needed[f][payload_slot(fn, in->b)] = true;
        evaluate_address(p, f, in->a);
        evaluate_address(p, f, in->b);
        break;
    case INSTR_STORE:
        evaluate_address(p, f, in->a);
        if (fills_case(p, f, in))
            evaluate_address(p, f, in->b);
        else
            evaluate(p, f, in->b);
        break;
    case INSTR_ZERO:
        evaluate_address(p, f, in->a);
        break;
    case INSTR_DECL:
        break;
    case INSTR_CALL:
        evaluate(p, f, in->a);
        evaluate(p, f, in->dst_address);
        evaluate_args(p, f, in);
        break;
    case INSTR_OP:
        evaluate(p, f, in->dst_address);
        evaluate_args(p, f, in);
        break;
    case INSTR_HAVOC:
        evaluate_args(p, f, in);
        break;
    }
}

static bool is_executed(const struct function_plan *plan, uint32_t i)
{
    return plan->keep[i] || (plan->touches && plan->touches[i]);
}

static void evaluate_function(struct payload *p, uint32_t f)
{
    const struct function *fn = &p->flow->functions[f];
    const struct function_plan *plan = &p->plan->functions[f];

    for (uint32_t s = 0; s < fn->slot_count; s++)
        p->confined[f][s] = !(plan->lent && plan->lent[s]);
    for (uint32_t i = 0; i < fn->param_count; i++)
        if (fn->params[i].in_slot)
            p->confined[f][fn->params[i].index] = false;
    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (is_executed(plan, i))
            evaluate_instr(p, f, &fn->instrs[i]);
    for (uint32_t b = 0; b < fn->block_count; b++)
        if (plan->decides[b] || fn->blocks[b].term == TERM_RETURN)
            evaluate(p, f, fn->blocks[b].cond);
}

/* ---- where it goes ---------------------------------------------------------------------- */

static bool is_live(const struct payload *p, uint32_t token)
{
    if (p->all_live || p->live[TOKEN_CHANNEL] || token != TOKEN_CHANNEL)
        return p->all_live || p->live[TOKEN_CHANNEL] || p->live[token];
    for (uint32_t i = 0; i < TOKENS; i++)
        if (p->live[i])
            return true;
    return false;
}

static void set(struct payload *p, bool *flag)
{
    p->changed |= !*flag;
    *flag = true;
}

/* Does what is received or sent at this address stay in a variable nobody needs? */
static bool is_faint(const struct payload *p, uint32_t f, uint32_t address)
{
    const struct function *fn = &p->flow->functions[f];
    uint32_t slot = payload_slot(fn, address);

    if (fn->exprs[address].kind == EXPR_CONST)
        return true;                /* NULL */
    return slot != FLOW_NONE && p->confined[f][slot] && !p->needed[f][slot];
}

static void flow_send(struct payload *p, uint32_t f, uint32_t token, uint32_t address)
{
    uint32_t slot = address < CASE_SEVERAL ? payload_slot(&p->flow->functions[f], address) : FLOW_NONE;

    if (slot != FLOW_NONE && is_live(p, token))
        set(p, &p->needed[f][slot]);
}

static void flow_receive(struct payload *p, uint32_t f, uint32_t token, uint32_t address)
{
    if (address >= CASE_SEVERAL || !is_faint(p, f, address))
        set(p, &p->live[token]);
}

static void flow_select(struct payload *p, uint32_t f, uint32_t at)
{
    const struct select_cases *cases = p->plan->functions[f].cases[at];

    if (!cases)
        set(p, &p->all_live);
    for (uint32_t i = 0; cases && i < cases->count; i++)
        if (cases->aspects[i] & ASPECT_TAKE)
            flow_receive(p, f, cases->token[i], cases->value[i]);
        else
            flow_send(p, f, cases->token[i], cases->value[i]);
}

static void flow_instr(struct payload *p, uint32_t f, uint32_t at)
{
    const struct function *fn = &p->flow->functions[f];
    const struct instr *in = &fn->instrs[at];
    uint32_t token = p->plan->functions[f].token[at], address;

    if (in->kind != INSTR_OP || in->arg_count < 2)
        return;
    address = fn->args[in->first_arg + 1];
    if (is_receive(in->op))
        flow_receive(p, f, token, address);
    if (is_send(in->op))
        flow_send(p, f, token, address);
    if (is_select(in->op))
        flow_select(p, f, at);
}

/* Operations that are called by a name, or through a pointer, are not followed. */
static bool calls_operation(const struct payload *p, uint32_t f)
{
    const struct function *fn = &p->flow->functions[f];

    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (fn->instrs[i].kind == INSTR_CALL && fn->instrs[i].symbol != FLOW_NONE &&
            p->flow->symbols[fn->instrs[i].symbol].model != FLOW_OP_NONE)
            return true;
    for (uint32_t e = 0; e < fn->expr_count; e++)
        if (fn->exprs[e].kind == EXPR_GLOBAL && p->flow->symbols[fn->exprs[e].index].model != FLOW_OP_NONE)
            return true;
    return false;
}

static void flow_until_stable(struct payload *p)
{
    do {
        p->changed = false;
        for (uint32_t f = 0; f < p->flow->function_count; f++)
            for (uint32_t i = 0; p->plan->functions[f].reached && i < p->flow->functions[f].instr_count; i++)
                if (p->plan->functions[f].keep[i])
                    flow_instr(p, f, i);
    } while (p->changed);
}

/* ---- what follows ------------------------------------------------------------------------- */

static bool is_written(const struct payload *p, uint32_t f, uint32_t slot)
{
    const struct function *fn = &p->flow->functions[f];

    for (uint32_t i = 0; i < fn->instr_count; i++)
        if (p->plan->functions[f].keep[i] && fn->instrs[i].kind == INSTR_STORE && payload_slot(fn, fn->instrs[i].a) == slot)
            return true;
    return false;
}

static void mark_cases(const struct payload *p, uint32_t f, struct select_cases *cases)
{
    for (uint32_t i = 0; i < cases->count; i++) {
        bool takes = cases->aspects[i] & ASPECT_TAKE;

        if (takes ? cases->value[i] < CASE_SEVERAL && is_faint(p, f, cases->value[i]) : !is_live(p, cases->token[i]))
            cases->silent |= 1u << i;
    }
}

static bool mark_function(struct payload *p, uint32_t f, struct arena *arena)
{
    const struct function *fn = &p->flow->functions[f];
    struct function_plan *plan = &p->plan->functions[f];
    bool written = false;

    plan->silent = ARENA_ARRAY(arena, bool, fn->instr_count);
    plan->unread = ARENA_ARRAY(arena, bool, fn->slot_count);
    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];

        if (in->kind != INSTR_OP || in->arg_count < 2 || !plan->keep[i])
            continue;
        if (is_send(in->op))
            plan->silent[i] = !is_live(p, plan->token[i]);
        else if (is_receive(in->op))
            plan->silent[i] = is_faint(p, f, fn->args[in->first_arg + 1]);
        else if (is_select(in->op) && plan->cases[i])
            mark_cases(p, f, plan->cases[i]);
    }
    for (uint32_t s = 0; s < fn->slot_count; s++) {
        plan->unread[s] = p->confined[f][s] && !p->needed[f][s];
        written |= plan->unread[s] && is_written(p, f, s);
    }
    return written;
}

bool payload_make(const struct flow *program, struct plan *plan, struct arena *arena)
{
    struct payload p = { .flow = program, .plan = plan };
    bool written = false;

    p.confined = ARENA_ARRAY(arena, bool *, program->function_count);
    p.needed = ARENA_ARRAY(arena, bool *, program->function_count);
    for (uint32_t f = 0; f < program->function_count; f++) {
        if (!plan->functions[f].reached)
            continue;
        p.confined[f] = ARENA_ARRAY(arena, bool, program->functions[f].slot_count);
        p.needed[f] = ARENA_ARRAY(arena, bool, program->functions[f].slot_count);
        p.all_live |= calls_operation(&p, f);
        evaluate_function(&p, f);
        plan->functions[f].confined = p.confined[f];
    }
    if (plan->outward)
        return false;
    flow_until_stable(&p);
    for (uint32_t f = 0; f < program->function_count; f++)
        if (plan->functions[f].reached)
            written |= mark_function(&p, f, arena);
    return written;
}
