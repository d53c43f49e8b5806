/* A recursive descent reader. The first error is kept and ends the input: from
 * then on every token is TOKEN_END, so nobody has to check on the way. */
#include "flow_scan.h"
#include "flow_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* An array that grows. */
struct list { uint32_t count, room; };
#define LIST_PUSH(r, array, list) ARENA_PUSH((r)->s.arena, array, (list).count, (list).room)

struct reader {
    struct scanner s;
    struct flow   *flow;
    uint32_t       file;                 /* of places that do not name one */

    struct list   strings, files, symbols, functions, globals, notes, aliases;
    uint32_t     *string_table;         /* hash -> string + 1; a power of two in size */
    uint32_t      string_table_size;

    struct function *function;          /* being read, and its arrays */
    struct list   regs, slots, params, exprs, instrs, args, cases, blocks;
    uint32_t     *labels;               /* strings: names of the function's blocks */
    struct list   label_list;
};

/* ---- strings and symbols ------------------------------------------------- */

static uint32_t hash_text(struct text t)
{
    uint32_t h = 2166136261u;       /* FNV-1a */

    for (uint32_t i = 0; i < t.size; i++)
        h = (h ^ (unsigned char)t.bytes[i]) * 16777619u;
    return h;
}

static uint32_t *string_place(struct reader *r, struct text t)
{
    uint32_t mask = r->string_table_size - 1, i = hash_text(t) & mask;

    for (; r->string_table[i]; i = (i + 1) & mask) {
        struct text have = r->flow->strings[r->string_table[i] - 1];

        if (have.size == t.size && !memcmp(have.bytes, t.bytes, t.size))
            break;
    }
    return &r->string_table[i];
}

static void grow_string_table(struct reader *r)
{
    r->string_table_size = r->string_table_size ? r->string_table_size * 2 : 256;
    r->string_table = ARENA_ARRAY(r->s.arena, uint32_t, r->string_table_size);
    for (uint32_t i = 0; i < r->strings.count; i++)
        *string_place(r, r->flow->strings[i]) = i + 1;
}

static uint32_t intern(struct reader *r, struct text t)
{
    if (r->strings.count * 2 >= r->string_table_size)
        grow_string_table(r);

    uint32_t *place = string_place(r, t);

    if (!*place) {
        LIST_PUSH(r, r->flow->strings, r->strings) = t;
        *place = r->strings.count;
    }
    return *place - 1;
}

static uint32_t intern_word(struct reader *r, const char *word)
{
    return intern(r, (struct text){ word, (uint32_t)strlen(word) });
}

static uint32_t expect_string(struct reader *r)
{
    uint32_t s = 0;

    if (r->s.token.kind == TOKEN_STRING)
        s = intern(r, r->s.token.text);
    else
        scan_fail(&r->s, "expected a \"string\"");
    scan_next(&r->s);
    return s;
}

static uint32_t accept_string(struct reader *r, uint32_t otherwise)
{
    return r->s.token.kind == TOKEN_STRING ? expect_string(r) : otherwise;
}

/* The nth symbol of that name; the first mention creates it. */
static uint32_t find_symbol(struct reader *r, uint32_t name, int64_t nth)
{
    int64_t seen = 0;

    for (uint32_t i = 0; i < r->symbols.count; i++)
        if (r->flow->symbols[i].name == name && ++seen == nth)
            return i;
    if (seen + 1 != nth)
        scan_fail(&r->s, "symbol ~%" PRId64 " before ~%" PRId64, nth, seen + 1);
    LIST_PUSH(r, r->flow->symbols, r->symbols) = (struct symbol){
        .name = name, .function = FLOW_NONE, .global = FLOW_NONE, .model = FLOW_OP_NONE };
    return r->symbols.count - 1;
}

static uint32_t expect_symbol(struct reader *r)
{
    uint32_t s = 0;

    if (r->s.token.kind == TOKEN_SYMBOL)
        s = find_symbol(r, intern(r, r->s.token.text), r->s.token.number);
    else
        scan_fail(&r->s, "expected a symbol");
    scan_next(&r->s);
    return s;
}

/* ---- places -------------------------------------------------------------- */

static uint32_t find_file(struct reader *r, uint32_t string)
{
    for (uint32_t i = 0; i < r->files.count; i++)
        if (r->flow->files[i] == string)
            return i;
    LIST_PUSH(r, r->flow->files, r->files) = string;
    return r->files.count - 1;
}

static struct loc accept_place(struct reader *r, const char *word)
{
    struct loc loc = { 0, 0, 0 };

    if (!scan_accept_word(&r->s, word))
        return loc;
    if (r->s.token.kind == TOKEN_STRING) {
        r->file = find_file(r, expect_string(r));
        scan_expect_sign(&r->s, ':');
    }
    if (r->file == FLOW_NONE)
        scan_fail(&r->s, "a place, but no file so far");
    loc.file = r->file;
    loc.line = scan_expect_size(&r->s);
    scan_expect_sign(&r->s, ':');
    loc.col = scan_expect_size(&r->s);
    return loc;
}

/* ---- registers, slots, types ---------------------------------------------- */

static uint32_t read_index(const char *digits)
{
    char *end;
    unsigned long n = strtoul(digits, &end, 10);

    return *end || !isdigit((unsigned char)*digits) || n > 1000000 ? FLOW_NONE : (uint32_t)n;
}

static uint32_t expect_reg(struct reader *r)
{
    struct function *f = r->function;

    if (r->s.token.kind != TOKEN_REG) {
        scan_fail(&r->s, "expected a register");
        return 0;
    }
    uint32_t index = read_index(r->s.token.text.bytes), name = 0;

    if (index == FLOW_NONE) {
        name = intern(r, r->s.token.text);
        for (index = 0; index < r->regs.count; index++)
            if (f->reg_names[index] == name)
                break;
    }
    while (r->regs.count <= index)
        LIST_PUSH(r, f->reg_names, r->regs) = name;
    scan_next(&r->s);
    return index;
}

static uint32_t expect_slot(struct reader *r)
{
    struct function *f = r->function;

    if (r->s.token.kind != TOKEN_SLOT) {
        scan_fail(&r->s, "expected a slot");
        return 0;
    }
    uint32_t index = read_index(r->s.token.text.bytes), name = 0;

    if (index == FLOW_NONE) {
        name = intern(r, r->s.token.text);
        for (index = 0; index < r->slots.count; index++)
            if (f->slots[index].name == name)
                break;
    }
    while (r->slots.count <= index)
        LIST_PUSH(r, f->slots, r->slots) = (struct slot){ .name = name };
    scan_next(&r->s);
    return index;
}

static uint8_t find_scalar(struct reader *r)
{
    for (unsigned t = 0; t <= SCALAR_FLOAT; t++)
        if (scan_is_word(&r->s, scalar_name(t)))
            return (uint8_t)t;
    scan_fail(&r->s, "expected a type");
    return SCALAR_I32;
}

static uint8_t expect_scalar(struct reader *r)
{
    uint8_t type = find_scalar(r);

    scan_next(&r->s);
    return type;
}

/* ---- expressions ---------------------------------------------------------- */

static uint32_t push_expr(struct reader *r, struct expr e)
{
    LIST_PUSH(r, r->function->exprs, r->exprs) = e;
    return r->exprs.count - 1;
}

static struct expr read_compound(struct reader *r);

static uint32_t expect_expr(struct reader *r)
{
    struct expr e = { .type = SCALAR_PTR, .index = FLOW_NONE, .a = FLOW_NONE, .b = FLOW_NONE };

    if (r->s.token.kind == TOKEN_NUMBER) {
        e.kind = EXPR_CONST;
        e.type = SCALAR_I64;
        e.number = scan_expect_number(&r->s);
    } else if (r->s.token.kind == TOKEN_REG) {
        e.kind = EXPR_REG;
        e.type = SCALAR_I64;
        e.index = expect_reg(r);
    } else if (r->s.token.kind == TOKEN_SLOT) {
        e.kind = EXPR_SLOT;
        e.index = expect_slot(r);
    } else if (r->s.token.kind == TOKEN_SYMBOL) {
        e.kind = EXPR_GLOBAL;
        e.index = expect_symbol(r);
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
    e.type = expect_scalar(r);
    e.a = expect_expr(r);
    if (e.op == OP_NEG || e.op == OP_INVERT || e.op == OP_NOT)
        e.kind = EXPR_UNARY;
    else
        e.b = expect_expr(r);
    return e;
}

static struct expr read_compound(struct reader *r)
{
    struct expr e = { .type = SCALAR_PTR, .index = FLOW_NONE, .a = FLOW_NONE, .b = FLOW_NONE };

    if (scan_accept_word(&r->s, "string")) {
        e.kind = EXPR_STRING;
        e.index = expect_string(r);
    } else if (scan_accept_word(&r->s, "load")) {
        e.kind = EXPR_LOAD;
        e.type = expect_scalar(r);
        e.index = accept_string(r, FLOW_NONE);
        e.a = expect_expr(r);
    } else if (scan_accept_word(&r->s, "cast")) {
        e.kind = EXPR_CAST;
        e.type = expect_scalar(r);
        e.a = expect_expr(r);
    } else if (scan_accept_word(&r->s, "index")) {
        e.kind = EXPR_INDEX;
        e.number = scan_expect_number(&r->s);
        e.a = expect_expr(r);
        e.b = expect_expr(r);
    } else if (scan_accept_word(&r->s, "unknown")) {
        e.kind = EXPR_UNKNOWN;
        e.type = expect_scalar(r);
    } else {
        return read_operator(r);
    }
    return e;
}

static bool at_expr(const struct reader *r)
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

    for (; at_expr(r); n++) {
        if (n == 64) {
            scan_fail(&r->s, "too many arguments");
            return;
        }
        args[n] = expect_expr(r);
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
        i->a = expect_expr(r);
    else
        i->symbol = expect_symbol(r);
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
        i->type = expect_scalar(r);
        i->key = accept_string(r, FLOW_NONE);
        i->a = expect_expr(r);
        i->b = expect_expr(r);
    } else if (scan_accept_word(&r->s, "move")) {
        i->kind = INSTR_COPY;
        i->size = scan_expect_size(&r->s);
        i->a = expect_expr(r);
        i->b = expect_expr(r);
    } else if (scan_accept_word(&r->s, "zero")) {
        i->kind = INSTR_ZERO;
        i->size = scan_expect_size(&r->s);
        i->a = expect_expr(r);
    } else if (scan_accept_word(&r->s, "decl")) {
        i->kind = INSTR_DECL;
        i->slot = expect_slot(r);
    } else if (scan_accept_word(&r->s, "havoc")) {
        i->kind = INSTR_HAVOC;
        read_args(r, i);
    } else {
        return false;
    }
    return true;
}

static void read_instr(struct reader *r)
{
    struct instr i = { .kind = INSTR_SET, .op = FLOW_OP_NONE, .dst = FLOW_NONE,
                       .dst_address = FLOW_NONE, .a = FLOW_NONE, .b = FLOW_NONE,
                       .symbol = FLOW_NONE, .slot = FLOW_NONE, .key = FLOW_NONE };

    if (!accept_plain(r, &i)) {
        if (r->s.token.kind == TOKEN_REG) {
            i.dst = expect_reg(r);
            scan_expect_sign(&r->s, '=');
        }
        if (scan_accept_word(&r->s, "into"))
            i.dst_address = expect_expr(r);
        if (at_expr(r) && i.dst != FLOW_NONE && i.dst_address == FLOW_NONE)
            i.a = expect_expr(r);
        else if (scan_accept_word(&r->s, "call"))
            read_call(r, &i);
        else
            read_operation(r, &i);
    }
    i.name = accept_string(r, 0);
    i.loc = accept_place(r, "at");
    scan_end_line(&r->s);
    LIST_PUSH(r, r->function->instrs, r->instrs) = i;
}

/* ---- terminators ---------------------------------------------------------- */

static uint32_t expect_label(struct reader *r)
{
    if (r->s.token.kind != TOKEN_WORD) {
        scan_fail(&r->s, "expected the name of a block");
        return 0;
    }
    uint32_t name = intern(r, r->s.token.text), i = 0;

    while (i < r->label_list.count && r->labels[i] != name)
        i++;
    if (i == r->label_list.count)
        scan_fail(&r->s, "unknown block '%.*s'", (int)r->s.token.text.size, r->s.token.text.bytes);
    scan_next(&r->s);
    return i;
}

static void read_switch(struct reader *r, struct block *b)
{
    b->cond = expect_expr(r);
    b->first_case = r->cases.count;
    while (r->s.token.kind == TOKEN_NUMBER) {
        struct switch_case c = { .low = scan_expect_number(&r->s) };

        c.high = scan_accept_sign(&r->s, '.') ? scan_expect_number(&r->s) : c.low;
        scan_expect_sign(&r->s, ':');
        c.block = expect_label(r);
        LIST_PUSH(r, r->function->cases, r->cases) = c;
        b->case_count++;
    }
    if (!scan_accept_word(&r->s, "else"))
        scan_fail(&r->s, "expected a case or 'else'");
    b->else_block = expect_label(r);
}

/* true when there was one: the block is complete */
static bool accept_term(struct reader *r, struct block *b)
{
    if (scan_accept_word(&r->s, "jump")) {
        b->term = TERM_JUMP;
        b->then_block = expect_label(r);
    } else if (scan_accept_word(&r->s, "branch")) {
        b->term = TERM_BRANCH;
        b->cond = expect_expr(r);
        b->then_block = expect_label(r);
        b->else_block = expect_label(r);
    } else if (scan_accept_word(&r->s, "switch")) {
        b->term = TERM_SWITCH;
        read_switch(r, b);
    } else if (scan_accept_word(&r->s, "return")) {
        b->term = TERM_RETURN;
        if (at_expr(r))
            b->cond = expect_expr(r);
    } else if (scan_accept_word(&r->s, "unreachable")) {
        b->term = TERM_UNREACHABLE;
    } else {
        return false;
    }
    b->loc = accept_place(r, "at");
    if (scan_accept_word(&r->s, "to")) {
        b->end_line = scan_expect_size(&r->s);
        scan_expect_sign(&r->s, ':');
        b->end_col = scan_expect_size(&r->s);
    }
    scan_end_line(&r->s);
    return true;
}

/* ---- functions ------------------------------------------------------------ */

static void skip_blank(struct reader *r)
{
    while (r->s.token.kind == TOKEN_NEWLINE)
        scan_next(&r->s);
}

/* "name:" alone on a line? Blocks are named before they are used. */
static bool line_is_label(const char *line, struct text *label)
{
    const char *start = line + strspn(line, " \t"), *end = start;

    while (scan_is_word_char(*end))
        end++;
    *label = (struct text){ start, (uint32_t)(end - start) };
    return end > start && *end == ':' && strchr("\n#", end[1 + strspn(end + 1, " \t\r")]);
}

/* Number the blocks from here to the next line that begins another item. */
static void find_labels(struct reader *r)
{
    r->labels = NULL;
    r->label_list = (struct list){ 0, 0 };
    for (const char *line = r->s.at; *line; line += strcspn(line, "\n"), line += *line != 0) {
        struct text label;

        if (!strncmp(line, "func ", 5) || !strncmp(line, "global ", 7))
            break;
        if (!line_is_label(line, &label))
            continue;
        uint32_t name = intern(r, (struct text){ arena_printf(r->s.arena, "%.*s", (int)label.size, label.bytes), label.size });
        LIST_PUSH(r, r->labels, r->label_list) = name;
    }
}

static void read_params(struct reader *r, struct function *f)
{
    scan_expect_sign(&r->s, '(');
    while (!scan_is_sign(&r->s, ')') && !r->s.error) {
        struct param p = { .in_slot = r->s.token.kind == TOKEN_SLOT };

        p.index = p.in_slot ? expect_slot(r) : expect_reg(r);
        p.is_struct = scan_accept_word(&r->s, "struct");
        if (!p.is_struct)
            p.type = expect_scalar(r);
        LIST_PUSH(r, f->params, r->params) = p;
        if (!scan_is_sign(&r->s, ')'))
            scan_expect_sign(&r->s, ',');
    }
    scan_expect_sign(&r->s, ')');
}

static void read_regs(struct reader *r, struct function *f)
{
    uint32_t count = scan_expect_size(&r->s);

    if (count > 1000000)
        scan_fail(&r->s, "too many registers");
    while (r->regs.count < count && !r->s.error)
        LIST_PUSH(r, f->reg_names, r->regs) = 0;
    while (r->s.token.kind == TOKEN_REG) {
        uint32_t reg = expect_reg(r);

        f->reg_names[reg] = expect_string(r);
    }
    scan_end_line(&r->s);
}

static void read_locals(struct reader *r, struct function *f)
{
    for (;; skip_blank(r)) {
        if (scan_accept_word(&r->s, "regs")) {
            read_regs(r, f);
        } else if (scan_accept_word(&r->s, "slot")) {
            uint32_t slot = expect_slot(r);
            uint32_t size = scan_expect_size(&r->s);

            if (r->s.error)
                return;
            f->slots[slot].size = size;
            f->slots[slot].name = accept_string(r, f->slots[slot].name);
            scan_end_line(&r->s);
        } else {
            return;
        }
    }
}

static void read_block(struct reader *r, struct function *f)
{
    struct block b = { .cond = FLOW_NONE, .then_block = FLOW_NONE, .else_block = FLOW_NONE,
                       .first_instr = r->instrs.count };

    if (expect_label(r) != r->blocks.count)
        scan_fail(&r->s, "a block of that name stands above");
    scan_expect_sign(&r->s, ':');
    scan_end_line(&r->s);
    for (skip_blank(r); !accept_term(r, &b) && !r->s.error; skip_blank(r))
        read_instr(r);
    b.instr_count = r->instrs.count - b.first_instr;
    LIST_PUSH(r, f->blocks, r->blocks) = b;
}

static void start_function(struct reader *r, struct function *f)
{
    struct list none = { 0, 0 };

    r->function = f;
    r->regs = r->slots = r->params = r->exprs = none;
    r->instrs = r->args = r->cases = r->blocks = none;
    find_labels(r);
}

static void end_function(struct reader *r, struct function *f)
{
    f->reg_count = r->regs.count;
    f->slot_count = r->slots.count;
    f->param_count = r->params.count;
    f->expr_count = r->exprs.count;
    f->instr_count = r->instrs.count;
    f->arg_count = r->args.count;
    f->case_count = r->cases.count;
    f->block_count = r->blocks.count;
}

static void read_function(struct reader *r)
{
    struct function f = { .symbol = expect_symbol(r) };

    start_function(r, &f);
    read_params(r, &f);
    if (scan_accept_word(&r->s, "returns"))
        f.return_size = scan_expect_size(&r->s);
    f.incomplete = scan_accept_word(&r->s, "incomplete");
    f.loc = accept_place(r, "at");
    f.end = accept_place(r, "to");
    scan_end_line(&r->s);
    skip_blank(r);
    read_locals(r, &f);
    while (r->s.token.kind == TOKEN_WORD && r->blocks.count < r->label_list.count) {
        read_block(r, &f);
        skip_blank(r);
    }
    end_function(r, &f);
    if (r->s.error)
        return;

    struct symbol *s = &r->flow->symbols[f.symbol];

    if (s->function != FLOW_NONE)
        scan_fail(&r->s, "'%s' is defined twice", r->flow->strings[s->name].bytes);
    s->function = r->functions.count;
    s->is_function = true;
    LIST_PUSH(r, r->flow->functions, r->functions) = f;
}

/* ---- globals, symbols, notes ----------------------------------------------- */

static struct init read_init(struct reader *r)
{
    struct init i = { .offset = scan_expect_size(&r->s), .index = FLOW_NONE };

    i.type = expect_scalar(r);
    if (scan_accept_word(&r->s, "unknown")) {
        i.kind = EXPR_UNKNOWN;
        return i;
    }
    if (r->s.token.kind == TOKEN_SYMBOL) {
        i.kind = EXPR_GLOBAL;
        i.index = expect_symbol(r);
    } else if (r->s.token.kind == TOKEN_STRING) {
        i.kind = EXPR_STRING;
        i.index = expect_string(r);
    } else {
        i.kind = EXPR_CONST;
        i.number = scan_expect_number(&r->s);
        return i;
    }
    if (r->s.token.kind == TOKEN_NUMBER)
        i.number = scan_expect_number(&r->s);
    return i;
}

static void read_global(struct reader *r)
{
    struct global g = { .symbol = expect_symbol(r) };
    struct list inits = { 0, 0 };

    if (!scan_accept_word(&r->s, "size"))
        scan_fail(&r->s, "expected 'size'");
    g.size = scan_expect_size(&r->s);
    g.is_const = scan_accept_word(&r->s, "const");
    g.is_extern = scan_accept_word(&r->s, "extern");
    g.loc = accept_place(r, "at");
    scan_end_line(&r->s);
    for (skip_blank(r); scan_accept_word(&r->s, "init"); skip_blank(r)) {
        LIST_PUSH(r, g.inits, inits) = read_init(r);
        scan_end_line(&r->s);
    }
    g.init_count = inits.count;
    if (r->s.error)
        return;
    r->flow->symbols[g.symbol].global = r->globals.count;
    LIST_PUSH(r, r->flow->globals, r->globals) = g;
}

static void read_symbol(struct reader *r)
{
    struct symbol s = { .function = FLOW_NONE, .global = FLOW_NONE, .model = FLOW_OP_NONE };
    uint32_t at = expect_symbol(r);

    if (r->s.error)
        return;
    s.name = r->flow->symbols[at].name;
    s.internal = scan_accept_word(&r->s, "static");
    s.is_function = scan_accept_word(&r->s, "function");
    s.noreturn = scan_accept_word(&r->s, "noreturn");
    if (scan_accept_word(&r->s, "model")) {
        enum flow_op op = flow_op_from_word(r->s.token.text.bytes);

        if (r->s.token.kind != TOKEN_WORD || op == FLOW_OP_NONE)
            scan_fail(&r->s, "unknown model");
        s.model = (uint8_t)op;
        scan_next(&r->s);
    }
    scan_end_line(&r->s);
    r->flow->symbols[at] = s;
}

static void read_note(struct reader *r)
{
    struct note n = { .function = FLOW_NONE, .text = expect_string(r) };

    if (scan_accept_word(&r->s, "in")) {
        uint32_t symbol = expect_symbol(r);

        if (!r->s.error)
            n.function = r->flow->symbols[symbol].function;
    }
    n.loc = accept_place(r, "at");
    scan_end_line(&r->s);
    LIST_PUSH(r, r->flow->notes, r->notes) = n;
}

static void read_alias(struct reader *r)
{
    struct alias alias = { .a = expect_string(r) };

    alias.b = expect_string(r);
    scan_end_line(&r->s);
    LIST_PUSH(r, r->flow->aliases, r->aliases) = alias;
}

static void read_item(struct reader *r)
{
    if (scan_accept_word(&r->s, "file")) {
        r->file = find_file(r, expect_string(r));
        scan_end_line(&r->s);
    } else if (scan_accept_word(&r->s, "symbol")) {
        read_symbol(r);
    } else if (scan_accept_word(&r->s, "global")) {
        read_global(r);
    } else if (scan_accept_word(&r->s, "func")) {
        read_function(r);
    } else if (scan_accept_word(&r->s, "note")) {
        read_note(r);
    } else if (scan_accept_word(&r->s, "alias")) {
        read_alias(r);
    } else {
        scan_fail(&r->s, "expected file, symbol, global, func, note or alias");
    }
}

struct flow *flow_read(const char *text, const char *name, struct arena *arena,
                       const char **error)
{
    struct reader r = { .flow = ARENA_NEW(arena, struct flow), .file = FLOW_NONE };
    struct flow *flow = r.flow;

    scan_start(&r.s, text, name, arena);
    flow->arena = arena;
    intern_word(&r, "");            /* string 0: no name */
    for (skip_blank(&r); r.s.token.kind != TOKEN_END; skip_blank(&r))
        read_item(&r);
    flow->string_count = r.strings.count;
    flow->file_count = r.files.count;
    flow->symbol_count = r.symbols.count;
    flow->function_count = r.functions.count;
    flow->global_count = r.globals.count;
    flow->note_count = r.notes.count;
    flow->alias_count = r.aliases.count;
    if (!r.s.error) {
        const char *wrong = flow_check(flow);

        if (wrong)
            r.s.error = arena_printf(arena, "%s: %s", name, wrong);
    }
    *error = r.s.error;
    return r.s.error ? NULL : flow;
}
