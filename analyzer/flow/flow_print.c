#include "flow_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const flow_expr_op_words[OP_PTRDIFF + 1] = {
    [OP_ADD] = "add", [OP_SUB] = "sub", [OP_MUL] = "mul", [OP_DIV] = "div",
    [OP_REM] = "rem", [OP_AND] = "and", [OP_OR] = "or", [OP_XOR] = "xor",
    [OP_SHL] = "shl", [OP_SHR] = "shr", [OP_EQ] = "eq", [OP_NE] = "ne",
    [OP_LT] = "lt", [OP_LE] = "le", [OP_GT] = "gt", [OP_GE] = "ge",
    [OP_NEG] = "neg", [OP_INVERT] = "invert", [OP_NOT] = "not",
    [OP_PTRDIFF] = "ptrdiff",
};

struct printer {
    const struct flow     *flow;
    const struct function *function;    /* the one being printed */
    FILE                  *out;
    uint32_t               file;        /* of the last place printed */
    uint32_t              *rank;        /* by symbol: how many before it bear the name */
};

/* ---- names and places --------------------------------------------------- */

static void print_quoted(struct printer *p, uint32_t string)
{
    struct text t = { "", 0 };

    if (string != FLOW_NONE)
        t = p->flow->strings[string];
    putc('"', p->out);
    for (uint32_t i = 0; i < t.size; i++) {
        unsigned char c = (unsigned char)t.bytes[i];

        if (c == '"' || c == '\\')
            fprintf(p->out, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", p->out);
        else if (c == '\t')
            fputs("\\t", p->out);
        else if (c < ' ' || c == 0x7f)
            fprintf(p->out, "\\x%02x", c);
        else
            putc(c, p->out);
    }
    putc('"', p->out);
}

static bool is_plain_name(const char *name)
{
    if (!*name)
        return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && !strchr("_.$", *name))
            return false;
    return true;
}

static void print_symbol(struct printer *p, uint32_t symbol)
{
    uint32_t name = p->flow->symbols[symbol].name;

    putc('@', p->out);
    if (is_plain_name(flow_string(p->flow, name)))
        fputs(flow_string(p->flow, name), p->out);
    else
        print_quoted(p, name);
    if (p->rank[symbol])
        fprintf(p->out, "~%" PRIu32, p->rank[symbol] + 1);
}

static void print_place(struct printer *p, const char *word, struct loc loc)
{
    if (!loc.line)
        return;
    fprintf(p->out, " %s ", word);
    if (loc.file != p->file) {
        print_quoted(p, p->flow->files[loc.file]);
        putc(':', p->out);
        p->file = loc.file;
    }
    fprintf(p->out, "%" PRIu32 ":%" PRIu32, loc.line, loc.col);
}

static void print_key(struct printer *p, uint32_t key)
{
    if (key == FLOW_NONE)
        return;
    putc(' ', p->out);
    print_quoted(p, key);
}

/* ---- expressions -------------------------------------------------------- */

static void print_expr(struct printer *p, uint32_t at)
{
    const struct expr *e = &p->function->exprs[at];
    const char *type = scalar_name(e->type);

    putc(' ', p->out);
    switch ((enum expr_kind)e->kind) {
    case EXPR_CONST:
        fprintf(p->out, "%" PRId64, e->number);
        return;
    case EXPR_REG:
        fprintf(p->out, "%%%" PRIu32, e->index);
        return;
    case EXPR_SLOT:
        fprintf(p->out, "$%" PRIu32, e->index);
        return;
    case EXPR_GLOBAL:
        print_symbol(p, e->index);
        return;
    case EXPR_STRING:
        fputs("(string ", p->out);
        print_quoted(p, e->index);
        break;
    case EXPR_LOAD:
        fprintf(p->out, "(load %s", type);
        print_key(p, e->index);
        print_expr(p, e->a);
        break;
    case EXPR_BINARY:
        fprintf(p->out, "(%s %s", flow_expr_op_words[e->op], type);
        print_expr(p, e->a);
        print_expr(p, e->b);
        break;
    case EXPR_UNARY:
        fprintf(p->out, "(%s %s", flow_expr_op_words[e->op], type);
        print_expr(p, e->a);
        break;
    case EXPR_CAST:
        if (e->number)
            fprintf(p->out, "(within %" PRId64, e->number);
        else
            fprintf(p->out, "(cast %s", type);
        print_expr(p, e->a);
        break;
    case EXPR_INDEX:
        fprintf(p->out, "(index %" PRId64, e->number);
        print_expr(p, e->a);
        print_expr(p, e->b);
        break;
    case EXPR_UNKNOWN:
        fprintf(p->out, "(unknown %s", type);
        break;
    }
    putc(')', p->out);
}

/* ---- instructions and terminators --------------------------------------- */

static void print_result(struct printer *p, const struct instr *i)
{
    if (i->dst != FLOW_NONE)
        fprintf(p->out, " %%%" PRIu32 " =", i->dst);
    if (i->dst != FLOW_NONE && i->type)
        fprintf(p->out, " %s", scalar_name(i->type));
    if (i->dst_address != FLOW_NONE) {
        fputs(" into", p->out);
        print_expr(p, i->dst_address);
    }
}

static void print_args(struct printer *p, const struct instr *i)
{
    for (uint32_t n = 0; n < i->arg_count; n++)
        print_expr(p, p->function->args[i->first_arg + n]);
}

static void print_callee(struct printer *p, const struct instr *i)
{
    fputs(" call", p->out);
    if (i->symbol != FLOW_NONE) {
        putc(' ', p->out);
        print_symbol(p, i->symbol);
        return;
    }
    fputs(" through", p->out);
    print_expr(p, i->a);
}

static void print_instr(struct printer *p, const struct instr *i)
{
    putc(' ', p->out);
    switch ((enum instr_kind)i->kind) {
    case INSTR_SET:
        print_result(p, &(struct instr){ .dst = i->dst, .dst_address = FLOW_NONE });
        print_expr(p, i->a);
        break;
    case INSTR_STORE:
        fprintf(p->out, " store %s", scalar_name(i->type));
        print_key(p, i->key);
        print_expr(p, i->a);
        print_expr(p, i->b);
        break;
    case INSTR_COPY:
        fprintf(p->out, " move %" PRIu32, i->size);
        print_expr(p, i->a);
        print_expr(p, i->b);
        break;
    case INSTR_ZERO:
        fprintf(p->out, " zero %" PRIu32, i->size);
        print_expr(p, i->a);
        break;
    case INSTR_DECL:
        fprintf(p->out, " decl $%" PRIu32, i->slot);
        break;
    case INSTR_CALL:
        print_result(p, i);
        print_callee(p, i);
        print_args(p, i);
        break;
    case INSTR_OP:
        print_result(p, i);
        fprintf(p->out, " %s", flow_op_word(i->op));
        print_args(p, i);
        break;
    case INSTR_HAVOC:
        fputs(" havoc", p->out);
        print_args(p, i);
        break;
    }
    if (*flow_string(p->flow, i->name))
        print_key(p, i->name);
    print_place(p, "at", i->loc);
    putc('\n', p->out);
}

static void print_switch(struct printer *p, const struct block *b)
{
    fputs("switch", p->out);
    print_expr(p, b->cond);
    for (uint32_t n = 0; n < b->case_count; n++) {
        const struct switch_case *c = &p->function->cases[b->first_case + n];

        fprintf(p->out, " %" PRId64, c->low);
        if (c->high != c->low)
            fprintf(p->out, "..%" PRId64, c->high);
        fprintf(p->out, ":b%" PRIu32, c->block);
    }
    fprintf(p->out, " else b%" PRIu32, b->else_block);
}

static void print_term(struct printer *p, const struct block *b)
{
    fputs("  ", p->out);
    switch ((enum term_kind)b->term) {
    case TERM_JUMP:
        fprintf(p->out, "jump b%" PRIu32, b->then_block);
        break;
    case TERM_BRANCH:
        fputs("branch", p->out);
        print_expr(p, b->cond);
        fprintf(p->out, " b%" PRIu32 " b%" PRIu32, b->then_block, b->else_block);
        break;
    case TERM_SWITCH:
        print_switch(p, b);
        break;
    case TERM_RETURN:
        fputs("return", p->out);
        if (b->cond != FLOW_NONE)
            print_expr(p, b->cond);
        break;
    case TERM_UNREACHABLE:
        fputs("unreachable", p->out);
        break;
    }
    print_place(p, "at", b->loc);
    if (b->loc.line && b->end_line)
        fprintf(p->out, " to %" PRIu32 ":%" PRIu32, b->end_line, b->end_col);
    putc('\n', p->out);
}

/* ---- functions ---------------------------------------------------------- */

static void print_header(struct printer *p, const struct function *f)
{
    fputs("\nfunc ", p->out);
    print_symbol(p, f->symbol);
    putc('(', p->out);
    for (uint32_t i = 0; i < f->param_count; i++)
        fprintf(p->out, "%s%c%" PRIu32 " %s", i ? ", " : "",
                f->params[i].in_slot ? '$' : '%', f->params[i].index,
                f->params[i].is_struct ? "struct" : scalar_name(f->params[i].type));
    putc(')', p->out);
    if (f->return_size)
        fprintf(p->out, " returns %" PRIu32, f->return_size);
    if (f->incomplete)
        fputs(" incomplete", p->out);
    print_place(p, "at", f->loc);
    print_place(p, "to", f->end);
    putc('\n', p->out);
}

static void print_locals(struct printer *p, const struct function *f)
{
    if (f->reg_count) {
        fprintf(p->out, "  regs %" PRIu32, f->reg_count);
        for (uint32_t i = 0; i < f->reg_count; i++) {
            if (!*flow_string(p->flow, f->reg_names[i]))
                continue;
            fprintf(p->out, " %%%" PRIu32 " ", i);
            print_quoted(p, f->reg_names[i]);
        }
        putc('\n', p->out);
    }
    for (uint32_t i = 0; i < f->slot_count; i++) {
        fprintf(p->out, "  slot $%" PRIu32 " %" PRIu32, i, f->slots[i].size);
        if (*flow_string(p->flow, f->slots[i].name))
            print_key(p, f->slots[i].name);
        putc('\n', p->out);
    }
}

static void print_function(struct printer *p, const struct function *f)
{
    p->function = f;
    print_header(p, f);
    print_locals(p, f);
    for (uint32_t b = 0; b < f->block_count; b++) {
        const struct block *block = &f->blocks[b];

        fprintf(p->out, "b%" PRIu32 ":\n", b);
        for (uint32_t i = 0; i < block->instr_count; i++)
            print_instr(p, &f->instrs[block->first_instr + i]);
        print_term(p, block);
    }
}

/* ---- the rest of a flow -------------------------------------------------- */

static void print_symbol_line(struct printer *p, uint32_t at)
{
    const struct symbol *s = &p->flow->symbols[at];

    fputs("symbol ", p->out);
    print_symbol(p, at);
    if (s->internal)
        fputs(" static", p->out);
    if (s->is_function)
        fputs(" function", p->out);
    if (s->noreturn)
        fputs(" noreturn", p->out);
    if (s->model != FLOW_OP_NONE)
        fprintf(p->out, " model %s", flow_op_word(s->model));
    putc('\n', p->out);
}

static void print_init(struct printer *p, const struct init *i)
{
    fprintf(p->out, "  init %" PRIu32 " %s ", i->offset, scalar_name(i->type));
    if (i->kind == EXPR_UNKNOWN) {
        fputs("unknown\n", p->out);
        return;
    }
    if (i->kind == EXPR_CONST) {
        fprintf(p->out, "%" PRId64 "\n", i->number);
        return;
    }
    if (i->kind == EXPR_GLOBAL)
        print_symbol(p, i->index);
    else
        print_quoted(p, i->index);
    if (i->number)
        fprintf(p->out, " %" PRId64, i->number);
    putc('\n', p->out);
}

static void print_global(struct printer *p, const struct global *g)
{
    fputs("\nglobal ", p->out);
    print_symbol(p, g->symbol);
    fprintf(p->out, " size %" PRIu32 "%s%s", g->size, g->is_const ? " const" : "",
            g->is_extern ? " extern" : "");
    print_place(p, "at", g->loc);
    putc('\n', p->out);
    for (uint32_t i = 0; i < g->init_count; i++)
        print_init(p, &g->inits[i]);
}

static void print_note(struct printer *p, const struct note *n)
{
    fputs("note ", p->out);
    print_quoted(p, n->text);
    if (n->function != FLOW_NONE) {
        fputs(" in ", p->out);
        print_symbol(p, p->flow->functions[n->function].symbol);
    }
    print_place(p, "at", n->loc);
    putc('\n', p->out);
}

static void printer_init(struct printer *p, const struct flow *flow, FILE *out)
{
    uint32_t *bearers = calloc(flow->string_count + 1, sizeof *bearers);

    *p = (struct printer){ .flow = flow, .out = out, .file = FLOW_NONE };
    p->rank = calloc(flow->symbol_count + 1, sizeof *p->rank);
    if (!bearers || !p->rank) {
        fputs("chanleak: out of memory\n", stderr);
        exit(2);
    }
    for (uint32_t i = 0; i < flow->symbol_count; i++)
        p->rank[i] = bearers[flow->symbols[i].name]++;
    free(bearers);
}

void flow_print(const struct flow *flow, FILE *out)
{
    struct printer p;

    printer_init(&p, flow, out);
    for (uint32_t i = 0; i < flow->file_count; i++) {
        fputs("file ", out);
        print_quoted(&p, flow->files[i]);
        putc('\n', out);
        p.file = i;
    }
    for (uint32_t i = 0; i < flow->symbol_count; i++)
        print_symbol_line(&p, i);
    for (uint32_t i = 0; i < flow->global_count; i++)
        print_global(&p, &flow->globals[i]);
    for (uint32_t i = 0; i < flow->function_count; i++)
        print_function(&p, &flow->functions[i]);
    if (flow->note_count || flow->alias_count)
        putc('\n', out);
    for (uint32_t i = 0; i < flow->alias_count; i++) {
        fputs("alias", out);
        print_key(&p, flow->aliases[i].a);
        print_key(&p, flow->aliases[i].b);
        putc('\n', out);
    }
    for (uint32_t i = 0; i < flow->note_count; i++)
        print_note(&p, &flow->notes[i]);
    free(p.rank);
}

void flow_print_function(const struct flow *flow, uint32_t function, FILE *out)
{
    struct printer p;

    printer_init(&p, flow, out);
    print_function(&p, &flow->functions[function]);
    free(p.rank);
}
