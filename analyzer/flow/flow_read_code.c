/* Expressions, instructions and terminators of the flow's text. */
#include "flow_reader.h"
#include "flow_text.h"

/* ---- expressions ---------------------------------------------------------- */

static uint32_t push_expr(struct reader *r, struct expr e)
{
    LIST_PUSH(r, r->function->exprs, r->exprs) = e;
    return r->exprs.count - 1;
}

static struct expr read_compound(struct reader *r);

uint32_t reader_expr(struct reader *r)
{
    struct expr e = { .type = SCALAR_PTR, .index = FLOW_NONE, .a = FLOW_NONE, .b = FLOW_NONE };

    if (r->s.token.kind == TOKEN_NUMBER) {
        e.kind = EXPR_CONST;
        e.type = SCALAR_I64;
        e.number = scan_expect_number(&r->s);
    } else if (r->s.token.kind == TOKEN_REG) {
        e.kind = EXPR_REG;
        e.type = SCALAR_I64;
        e.index = reader_reg(r);
    } else if (r->s.token.kind == TOKEN_SLOT) {
        e.kind = EXPR_SLOT;
        e.index = reader_slot(r);
    } else if (r->s.token.kind == TOKEN_SYMBOL) {
        e.kind = EXPR_GLOBAL;
        e.index = reader_symbol(r);
    } else if (scan_accept_sign(&r->s, '(')) {
        e = read_compound(r);
        scan_expect_sign(&r->s, ')');
    } else {
        scan_fail(&r->s, "expected an expression");
    }
    return push_expr(r, e);
}

static struct expr read_operator(struct reader *r)
{
    struct expr e = { .kind = EXPR_BINARY, .index = FLOW_NONE, .b = FLOW_NONE };

    while (e.op <= OP_PTRDIFF && !scan_is_word(&r->s, flow_expr_op_words[e.op]))
        e.op++;
    if (e.op > OP_PTRDIFF) {
        scan_fail(&r->s, "unknown operator '%.*s'", (int)r->s.token.text.size, r->s.token.text.bytes);
        return e;
    }
    scan_next(&r->s);
    e.type = reader_scalar(r);
    e.a = reader_expr(r);
    if (expr_op_is_unary(e.op))
        e.kind = EXPR_UNARY;
    else
        e.b = reader_expr(r);
    return e;
}

static struct expr read_compound(struct reader *r)
{
    struct expr e = { .type = SCALAR_PTR, .index = FLOW_NONE, .a = FLOW_NONE, .b = FLOW_NONE };

    if (scan_accept_word(&r->s, "string")) {
        e.kind = EXPR_STRING;
        e.index = reader_string(r);
    } else if (scan_accept_word(&r->s, "load")) {
        e.kind = EXPR_LOAD;
        e.type = reader_scalar(r);
        e.index = reader_accept_string(r, FLOW_NONE);
        e.a = reader_expr(r);
    } else if (scan_accept_word(&r->s, "cast")) {
        e.kind = EXPR_CAST;
        e.type = reader_scalar(r);
        e.a = reader_expr(r);
    } else if (scan_accept_word(&r->s, "within")) {
        e.kind = EXPR_CAST;
        e.number = scan_expect_number(&r->s);
        e.a = reader_expr(r);
    } else if (scan_accept_word(&r->s, "index")) {
        e.kind = EXPR_INDEX;
        e.number = scan_expect_number(&r->s);
        e.index = scan_accept_word(&r->s, "of") ? (uint32_t)scan_expect_number(&r->s) : 0;
        e.a = reader_expr(r);
        e.b = reader_expr(r);
    } else if (scan_accept_word(&r->s, "unknown")) {
        e.kind = EXPR_UNKNOWN;
        e.type = reader_scalar(r);
    } else {
        return read_operator(r);
    }
    return e;
}

bool reader_at_expr(const struct reader *r)
{
    switch (r->s.token.kind) {
    case TOKEN_NUMBER:
    case TOKEN_REG:
    case TOKEN_SLOT:
    case TOKEN_SYMBOL:
        return true;
    case TOKEN_SIGN:
        return scan_is_sign(&r->s, '(');
    case TOKEN_END:
    case TOKEN_NEWLINE:
    case TOKEN_WORD:
    case TOKEN_STRING:
        return false;
    }
    return false;
}

/* ---- instructions --------------------------------------------------------- */

static void read_args(struct reader *r, struct instr *i)
{
    uint32_t args[64], n = 0;

    for (; reader_at_expr(r); n++) {
        if (n == 64) {
            scan_fail(&r->s, "too many arguments");
            return;
        }
        args[n] = reader_expr(r);
    }
    i->first_arg = r->args.count;
    i->arg_count = n;
    for (uint32_t k = 0; k < n; k++)
        LIST_PUSH(r, r->function->args, r->args) = args[k];
}

static void read_call(struct reader *r, struct instr *i)
{
    i->kind = INSTR_CALL;
    if (scan_accept_word(&r->s, "through"))
        i->a = reader_expr(r);
    else
        i->symbol = reader_symbol(r);
    if (i->symbol != FLOW_NONE)
        r->flow->symbols[i->symbol].is_function = true;
    read_args(r, i);
}

static void read_operation(struct reader *r, struct instr *i)
{
    enum flow_op op = r->s.token.kind == TOKEN_WORD
        ? flow_op_from_word(r->s.token.text.bytes) : FLOW_OP_NONE;

    i->kind = INSTR_OP;
    i->op = (uint8_t)op;
    if (op == FLOW_OP_NONE) {
        scan_fail(&r->s, "unknown instruction '%.*s'", (int)r->s.token.text.size, r->s.token.text.bytes);
        return;
    }
    scan_next(&r->s);
    read_args(r, i);
}

/* store, move, zero, decl, havoc: what neither returns nor names a callee */
static bool accept_plain(struct reader *r, struct instr *i)
{
    if (scan_accept_word(&r->s, "store")) {
        i->kind = INSTR_STORE;
        i->type = reader_scalar(r);
        i->key = reader_accept_string(r, FLOW_NONE);
        i->a = reader_expr(r);
        i->b = reader_expr(r);
    } else if (scan_accept_word(&r->s, "move")) {
        i->kind = INSTR_COPY;
        i->size = scan_expect_size(&r->s);
        i->a = reader_expr(r);
        i->b = reader_expr(r);
    } else if (scan_accept_word(&r->s, "zero")) {
        i->kind = INSTR_ZERO;
        i->size = scan_expect_size(&r->s);
        i->a = reader_expr(r);
    } else if (scan_accept_word(&r->s, "decl")) {
        i->kind = INSTR_DECL;
        i->slot = reader_slot(r);
    } else if (scan_accept_word(&r->s, "havoc")) {
        i->kind = INSTR_HAVOC;
        read_args(r, i);
    } else {
        return false;
    }
    return true;
}

void reader_instr(struct reader *r)
{
    struct instr i = { .kind = INSTR_SET, .op = FLOW_OP_NONE, .dst = FLOW_NONE,
                       .dst_address = FLOW_NONE, .a = FLOW_NONE, .b = FLOW_NONE,
                       .symbol = FLOW_NONE, .slot = FLOW_NONE, .key = FLOW_NONE };

    if (!accept_plain(r, &i)) {
        if (r->s.token.kind == TOKEN_REG) {
            i.dst = reader_reg(r);
            scan_expect_sign(&r->s, '=');
            reader_accept_scalar(r, &i.type);
        }
        if (scan_accept_word(&r->s, "into"))
            i.dst_address = reader_expr(r);
        if (reader_at_expr(r) && i.dst != FLOW_NONE && i.dst_address == FLOW_NONE)
            i.a = reader_expr(r);
        else if (scan_accept_word(&r->s, "call"))
            read_call(r, &i);
        else
            read_operation(r, &i);
    }
    i.name = reader_accept_string(r, 0);
    i.loc = reader_accept_place(r, "at");
    scan_end_line(&r->s);
    LIST_PUSH(r, r->function->instrs, r->instrs) = i;
}

/* ---- terminators ---------------------------------------------------------- */

uint32_t reader_label(struct reader *r)
{
    if (r->s.token.kind != TOKEN_WORD) {
        scan_fail(&r->s, "expected the name of a block");
        return 0;
    }
    uint32_t name = reader_intern(r, r->s.token.text), i = 0;

    while (i < r->label_list.count && r->labels[i] != name)
        i++;
    if (i == r->label_list.count)
        scan_fail(&r->s, "unknown block '%.*s'", (int)r->s.token.text.size, r->s.token.text.bytes);
    scan_next(&r->s);
    return i;
}

static void read_switch(struct reader *r, struct block *b)
{
    b->cond = reader_expr(r);
    b->first_case = r->cases.count;
    while (r->s.token.kind == TOKEN_NUMBER) {
        struct switch_case c = { .low = scan_expect_number(&r->s) };

        c.high = scan_accept_sign(&r->s, '.') ? scan_expect_number(&r->s) : c.low;
        scan_expect_sign(&r->s, ':');
        c.block = reader_label(r);
        LIST_PUSH(r, r->function->cases, r->cases) = c;
        b->case_count++;
    }
    if (!scan_accept_word(&r->s, "else"))
        scan_fail(&r->s, "expected a case or 'else'");
    b->else_block = reader_label(r);
}

bool reader_accept_term(struct reader *r, struct block *b)
{
    if (scan_accept_word(&r->s, "jump")) {
        b->term = TERM_JUMP;
        b->then_block = reader_label(r);
    } else if (scan_accept_word(&r->s, "branch")) {
        b->term = TERM_BRANCH;
        b->cond = reader_expr(r);
        b->then_block = reader_label(r);
        b->else_block = reader_label(r);
    } else if (scan_accept_word(&r->s, "switch")) {
        b->term = TERM_SWITCH;
        read_switch(r, b);
    } else if (scan_accept_word(&r->s, "return")) {
        b->term = TERM_RETURN;
        if (reader_at_expr(r))
            b->cond = reader_expr(r);
    } else if (scan_accept_word(&r->s, "unreachable")) {
        b->term = TERM_UNREACHABLE;
    } else {
        return false;
    }
    b->loc = reader_accept_place(r, "at");
    if (scan_accept_word(&r->s, "to")) {
        b->end_line = scan_expect_size(&r->s);
        scan_expect_sign(&r->s, ':');
        b->end_col = scan_expect_size(&r->s);
    }
    scan_end_line(&r->s);
    return true;
}
