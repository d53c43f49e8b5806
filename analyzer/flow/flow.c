#include "flow.h"

#include <string.h>

/* ---- names ------------------------------------------------------------- */

static const struct {
    const char *word;
    unsigned    args;
} operations[FLOW_OP_COUNT] = {
#define X(name, word, args) [FLOW_##name] = { word, args },
    FLOW_OPERATIONS(X)
#undef X
};

static const struct {
    const char *name;
    unsigned    size;
} scalars[] = {
    [SCALAR_I8] = { "i8", 1 },   [SCALAR_I16] = { "i16", 2 },
    [SCALAR_I32] = { "i32", 4 }, [SCALAR_I64] = { "i64", 8 },
    [SCALAR_U8] = { "u8", 1 },   [SCALAR_U16] = { "u16", 2 },
    [SCALAR_U32] = { "u32", 4 }, [SCALAR_U64] = { "u64", 8 },
    [SCALAR_BOOL] = { "bool", 1 }, [SCALAR_PTR] = { "ptr", 8 },
    [SCALAR_FLOAT] = { "float", 8 },
};

const char *flow_string(const struct flow *flow, uint32_t string)
{
    return string == FLOW_NONE ? "" : flow->strings[string].bytes;
}

const char *flow_function_name(const struct flow *flow, uint32_t function)
{
    if (function == FLOW_NONE)
        return "";
    return flow_string(flow, flow->symbols[flow->functions[function].symbol].name);
}

const char *flow_op_word(enum flow_op op)
{
    return op < FLOW_OP_COUNT ? operations[op].word : "none";
}

enum flow_op flow_op_from_word(const char *word)
{
    for (int op = 0; op < FLOW_OP_COUNT; op++)
        if (!strcmp(operations[op].word, word))
            return (enum flow_op)op;
    return FLOW_OP_NONE;
}

unsigned flow_op_args(enum flow_op op)
{
    return op < FLOW_OP_COUNT ? operations[op].args : 0;
}

const char *scalar_name(enum scalar type)
{
    return scalars[type].name;
}

unsigned scalar_size(enum scalar type)
{
    return scalars[type].size;
}

int64_t scalar_wrap(enum scalar type, int64_t n)
{
    switch (type) {
    case SCALAR_I8:   return (int8_t)n;
    case SCALAR_I16:  return (int16_t)n;
    case SCALAR_I32:  return (int32_t)n;
    case SCALAR_U8:   return (uint8_t)n;
    case SCALAR_U16:  return (uint16_t)n;
    case SCALAR_U32:  return (uint32_t)n;
    case SCALAR_BOOL: return n != 0;
    case SCALAR_I64: case SCALAR_U64: case SCALAR_PTR: case SCALAR_FLOAT:
        return n;
    }
    return n;
}

/* ---- expressions -------------------------------------------------------- */

bool expr_reads_memory(const struct function *f, uint32_t expr)
{
    const struct expr *e;

    if (expr == FLOW_NONE)
        return false;
    e = &f->exprs[expr];
    return e->kind == EXPR_LOAD || (expr_operands(e) > 0 && expr_reads_memory(f, e->a)) ||
           (expr_operands(e) > 1 && expr_reads_memory(f, e->b));
}

/* ---- the checker -------------------------------------------------------- */

struct check {
    const struct flow     *flow;
    const struct function *function;
    const char            *wrong;   /* the first thing found */
};

/* Remember what is wrong, with the place it is in. */
static bool require(struct check *c, bool good, const char *what, uint32_t at)
{
    if (!good && !c->wrong) {
        uint32_t symbol = c->function ? c->function->symbol : FLOW_NONE;
        const char *name = symbol < c->flow->symbol_count
            ? flow_string(c->flow, c->flow->symbols[symbol].name) : "flow";

        c->wrong = arena_printf(c->flow->arena, "%s: %s (%u)", name, what, at);
    }
    return good;
}

static bool none_or_below(uint32_t index, uint32_t count)
{
    return index == FLOW_NONE || index < count;
}

static bool is_place(const struct check *c, struct loc loc)
{
    return !loc.line || loc.file < c->flow->file_count;
}

static void check_expr(struct check *c, uint32_t at)
{
    const struct function *f = c->function;
    const struct expr *e = &f->exprs[at];

    require(c, e->type <= SCALAR_FLOAT, "type of an expression", at);
    switch ((enum expr_kind)e->kind) {
    case EXPR_CONST:
    case EXPR_UNKNOWN:
        return;
    case EXPR_REG:
        require(c, e->index < f->reg_count, "register of an expression", at);
        return;
    case EXPR_SLOT:
        require(c, e->index < f->slot_count, "slot of an expression", at);
        return;
    case EXPR_GLOBAL:
        require(c, e->index < c->flow->symbol_count, "symbol of an expression", at);
        return;
    case EXPR_STRING:
        require(c, e->index < c->flow->string_count, "string of an expression", at);
        return;
    case EXPR_LOAD:
        require(c, none_or_below(e->index, c->flow->string_count), "key of a load", at);
        require(c, e->a < at, "operand of a load", at);
        return;
    case EXPR_UNARY:
    case EXPR_CAST:
        require(c, e->kind == EXPR_CAST || expr_op_is_unary(e->op), "operator", at);
        require(c, e->a < at, "operand", at);
        require(c, e->number == 0 || (e->type == SCALAR_PTR && e->number > 0), "extent of an address", at);
        return;
    case EXPR_BINARY:
    case EXPR_INDEX:
        require(c, e->kind == EXPR_INDEX || (e->op <= OP_PTRDIFF && !expr_op_is_unary(e->op)), "operator", at);
        require(c, e->a < at && e->b < at, "operands", at);
        return;
    }
    require(c, false, "kind of an expression", at);
}

static void check_expr_use(struct check *c, uint32_t expr, const char *what, uint32_t at)
{
    require(c, expr < c->function->expr_count, what, at);
}

static void check_call(struct check *c, const struct instr *i, uint32_t at)
{
    const struct function *f = c->function;

    require(c, none_or_below(i->dst, f->reg_count), "result of a call", at);
    require(c, none_or_below(i->dst_address, f->expr_count), "result address of a call", at);
    if (!require(c, (uint64_t)i->first_arg + i->arg_count <= f->arg_count, "arguments", at))
        return;
    for (uint32_t a = 0; a < i->arg_count; a++)
        check_expr_use(c, f->args[i->first_arg + a], "argument", at);
}

static void check_instr(struct check *c, uint32_t at)
{
    const struct function *f = c->function;
    const struct instr *i = &f->instrs[at];

    require(c, none_or_below(i->name, c->flow->string_count), "name of an instruction", at);
    require(c, i->type <= SCALAR_FLOAT, "type of an instruction", at);
    require(c, is_place(c, i->loc), "file of an instruction", at);
    switch ((enum instr_kind)i->kind) {
    case INSTR_SET:
        require(c, i->dst < f->reg_count, "register of a set", at);
        check_expr_use(c, i->a, "value of a set", at);
        return;
    case INSTR_STORE:
        require(c, none_or_below(i->key, c->flow->string_count), "key of a store", at);
        check_expr_use(c, i->a, "address of a store", at);
        check_expr_use(c, i->b, "value of a store", at);
        return;
    case INSTR_COPY:
        check_expr_use(c, i->a, "target of a copy", at);
        check_expr_use(c, i->b, "source of a copy", at);
        return;
    case INSTR_ZERO:
        check_expr_use(c, i->a, "address of a zero", at);
        return;
    case INSTR_DECL:
        require(c, i->slot < f->slot_count, "slot of a decl", at);
        return;
    case INSTR_CALL:
        require(c, none_or_below(i->symbol, c->flow->symbol_count), "callee", at);
        if (i->symbol == FLOW_NONE)
            check_expr_use(c, i->a, "pointer of a call", at);
        check_call(c, i, at);
        return;
    case INSTR_OP:
        require(c, i->op < FLOW_OP_COUNT, "operation", at);
        require(c, i->arg_count >= flow_op_args(i->op), "too few arguments", at);
        check_call(c, i, at);
        return;
    case INSTR_HAVOC:
        check_call(c, i, at);
        return;
    }
    require(c, false, "kind of an instruction", at);
}

static void check_cases(struct check *c, const struct block *b, uint32_t at)
{
    const struct function *f = c->function;

    if (!require(c, (uint64_t)b->first_case + b->case_count <= f->case_count, "cases", at))
        return;
    for (uint32_t i = 0; i < b->case_count; i++)
        require(c, f->cases[b->first_case + i].block < f->block_count, "block of a case", at);
}

static void check_block(struct check *c, uint32_t at)
{
    const struct function *f = c->function;
    const struct block *b = &f->blocks[at];

    require(c, (uint64_t)b->first_instr + b->instr_count <= f->instr_count, "instructions", at);
    require(c, is_place(c, b->loc), "file of a block", at);
    switch ((enum term_kind)b->term) {
    case TERM_JUMP:
        require(c, b->then_block < f->block_count, "target of a jump", at);
        return;
    case TERM_BRANCH:
        check_expr_use(c, b->cond, "condition", at);
        require(c, b->then_block < f->block_count && b->else_block < f->block_count,
                "targets of a branch", at);
        return;
    case TERM_SWITCH:
        check_expr_use(c, b->cond, "condition", at);
        require(c, b->else_block < f->block_count, "default of a switch", at);
        check_cases(c, b, at);
        return;
    case TERM_RETURN:
        require(c, none_or_below(b->cond, f->expr_count), "value of a return", at);
        return;
    case TERM_UNREACHABLE:
        return;
    }
    require(c, false, "terminator", at);
}

static void check_function(struct check *c, uint32_t at)
{
    const struct function *f = &c->flow->functions[at];

    c->function = f;
    if (!require(c, f->symbol < c->flow->symbol_count, "symbol of a function", at))
        return;
    require(c, c->flow->symbols[f->symbol].function == at, "symbol and function disagree", at);
    require(c, f->block_count > 0, "no blocks", at);
    require(c, is_place(c, f->loc) && is_place(c, f->end), "file of a function", at);
    for (uint32_t i = 0; i < f->reg_count; i++)
        require(c, none_or_below(f->reg_names[i], c->flow->string_count), "name of a register", i);
    for (uint32_t i = 0; i < f->slot_count; i++)
        require(c, none_or_below(f->slots[i].name, c->flow->string_count), "name of a slot", i);
    for (uint32_t i = 0; i < f->param_count; i++)
        require(c, f->params[i].index < (f->params[i].in_slot ? f->slot_count : f->reg_count),
                "parameter", i);
    for (uint32_t i = 0; i < f->expr_count; i++)
        check_expr(c, i);
    for (uint32_t i = 0; i < f->instr_count; i++)
        check_instr(c, i);
    for (uint32_t i = 0; i < f->block_count; i++)
        check_block(c, i);
    c->function = NULL;
}

static void check_global(struct check *c, uint32_t at)
{
    const struct global *g = &c->flow->globals[at];

    require(c, g->symbol < c->flow->symbol_count, "symbol of a global", at);
    require(c, is_place(c, g->loc), "file of a global", at);
    for (uint32_t i = 0; i < g->init_count; i++) {
        const struct init *init = &g->inits[i];

        require(c, init->type <= SCALAR_FLOAT, "type of an initialiser", at);
        if (init->kind == EXPR_GLOBAL)
            require(c, init->index < c->flow->symbol_count, "symbol of an initialiser", at);
        else if (init->kind == EXPR_STRING)
            require(c, init->index < c->flow->string_count, "string of an initialiser", at);
        else if (init->kind == EXPR_CONST)
            require(c, none_or_below(init->index, c->flow->string_count), "key of an initialiser", at);
        else
            require(c, init->kind == EXPR_UNKNOWN, "kind of an initialiser", at);
    }
}

static void check_symbol(struct check *c, uint32_t at)
{
    const struct symbol *s = &c->flow->symbols[at];

    require(c, s->name < c->flow->string_count, "name of a symbol", at);
    require(c, none_or_below(s->function, c->flow->function_count), "function of a symbol", at);
    require(c, none_or_below(s->global, c->flow->global_count), "global of a symbol", at);
    require(c, s->model < FLOW_OP_COUNT || s->model == FLOW_OP_NONE, "model of a symbol", at);
}

static void check_note(struct check *c, uint32_t at)
{
    const struct note *n = &c->flow->notes[at];

    require(c, none_or_below(n->function, c->flow->function_count), "function of a note", at);
    require(c, n->text < c->flow->string_count, "text of a note", at);
    require(c, is_place(c, n->loc), "file of a note", at);
}

static void check_alias(struct check *c, uint32_t at)
{
    const struct alias *a = &c->flow->aliases[at];

    require(c, a->a < c->flow->string_count && a->b < c->flow->string_count, "keys of an alias", at);
}

const char *flow_check(const struct flow *flow)
{
    struct check c = { .flow = flow };

    for (uint32_t i = 0; i < flow->symbol_count; i++)
        check_symbol(&c, i);
    for (uint32_t i = 0; i < flow->file_count; i++)
        require(&c, flow->files[i] < flow->string_count, "name of a file", i);
    for (uint32_t i = 0; i < flow->global_count; i++)
        check_global(&c, i);
    for (uint32_t i = 0; i < flow->function_count && !c.wrong; i++)
        check_function(&c, i);
    for (uint32_t i = 0; i < flow->note_count; i++)
        check_note(&c, i);
    for (uint32_t i = 0; i < flow->alias_count; i++)
        check_alias(&c, i);
    return c.wrong;
}
