#include "flow_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *const flow_expr_op_words[OP_PTRDIFF + 1] = {
    [OP_ADD] = "add", [OP_SUB] = "sub", [OP_MUL] = "mul", [OP_DIV] = "div",
    [OP_REM] = "rem", [OP_AND] = "and", [OP_OR] = "or", [OP_XOR] = "xor",
    [OP_SHL] = "shl", [OP_SHR] = "shr", [OP_EQ] = "eq", [OP_NE] = "ne",
    [OP_LT] = "lt", [OP_LE] = "le", [OP_GT] = "gt", [OP_GE] = "ge",
    [OP_NEG] = "neg", [OP_INVERT] = "invert", [OP_NOT] = "not",
    [OP_POPCOUNT] = "popcount", [OP_CTZ] = "ctz", [OP_CLZ] = "clz", [OP_BSWAP] = "bswap",
    [OP_PTRDIFF] = "ptrdiff",
};

struct printer {
    const struct flow     *flow;
    const struct function *function;    /* the one being printed */
    char                  *text;        /* what was printed; malloc */
    size_t                 size, capacity;
    uint32_t               file;        /* of the last place printed */
    uint32_t              *rank;        /* by symbol: how many before it bear the name */
};

/* ---- characters ---------------------------------------------------------- */

/* Keys of explorations are hashes of this text, of whole programs at every check: stdio would take most of that time. */

static void *or_end(void *memory)
{
    if (!memory) {
        fputs("chanleak: out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

static void put_bytes(struct printer *p, const char *bytes, size_t size)
{
    if (p->size + size > p->capacity) {
        p->capacity = (p->size + size) * 2;
        p->text = or_end(realloc(p->text, p->capacity));
    }
    memcpy(p->text + p->size, bytes, size);
    p->size += size;
}

static void put_char(struct printer *p, char c)
{
    if (p->size < p->capacity)
        p->text[p->size++] = c;
    else
        put_bytes(p, &c, 1);
}

static void put(struct printer *p, const char *text)
{
    put_bytes(p, text, strlen(text));
}

static void put_word(struct printer *p, const char *before, const char *word, const char *after)
{
    put(p, before);
    put(p, word);
    put(p, after);
}

static void put_number(struct printer *p, const char *before, int64_t number, const char *after)
{
    char reversed[24];
    size_t size = 0;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    put(p, before);
    if (number < 0)
        put_char(p, '-');
    do
        reversed[size++] = (char)('0' + rest % 10);
    while (rest /= 10);
    while (size)
        put_char(p, reversed[--size]);
    put(p, after);
}

/* ---- names and places --------------------------------------------------- */

static void print_quoted(struct printer *p, uint32_t string)
{
    static const char digits[] = "0123456789abcdef";
    struct text t = { "", 0 };

    if (string != FLOW_NONE)
        t = p->flow->strings[string];
    put_char(p, '"');
    for (uint32_t i = 0; i < t.size; i++) {
        unsigned char c = (unsigned char)t.bytes[i];

        if (c == '"' || c == '\\')
            put_char(p, '\\'), put_char(p, (char)c);
        else if (c == '\n')
            put(p, "\\n");
        else if (c == '\t')
            put(p, "\\t");
        else if (c < ' ' || c == 0x7f)
            put_char(p, '\\'), put_char(p, 'x'), put_char(p, digits[c >> 4]), put_char(p, digits[c & 15]);
        else
            put_char(p, (char)c);
    }
    put_char(p, '"');
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

    put_char(p, '@');
    if (is_plain_name(flow_string(p->flow, name)))
        put(p, flow_string(p->flow, name));
    else
        print_quoted(p, name);
    if (p->rank[symbol])
        put_number(p, "~", p->rank[symbol] + 1, "");
}

static void print_place(struct printer *p, const char *word, struct loc loc)
{
    if (!loc.line)
        return;
    put_word(p, " ", word, " ");
    if (loc.file != p->file) {
        print_quoted(p, p->flow->files[loc.file]);
        put_char(p, ':');
        p->file = loc.file;
    }
    put_number(p, "", loc.line, ":");
    put_number(p, "", loc.col, "");
}

static void print_key(struct printer *p, uint32_t key)
{
    if (key == FLOW_NONE)
        return;
    put_char(p, ' ');
    print_quoted(p, key);
}

/* ---- expressions -------------------------------------------------------- */

static void print_expr(struct printer *p, uint32_t at)
{
    const struct expr *e = &p->function->exprs[at];
    const char *type = scalar_name(e->type);

    put_char(p, ' ');
    switch ((enum expr_kind)e->kind) {
    case EXPR_CONST:
        put_number(p, "", e->number, "");
        return;
    case EXPR_REG:
        put_number(p, "%", e->index, "");
        return;
    case EXPR_SLOT:
        put_number(p, "$", e->index, "");
        return;
    case EXPR_GLOBAL:
        print_symbol(p, e->index);
        return;
    case EXPR_STRING:
        put(p, "(string ");
        print_quoted(p, e->index);
        break;
    case EXPR_LOAD:
        put_word(p, "(load ", type, "");
        print_key(p, e->index);
        print_expr(p, e->a);
        break;
    case EXPR_BINARY:
        put_word(p, "(", flow_expr_op_words[e->op], " ");
        put(p, type);
        print_expr(p, e->a);
        print_expr(p, e->b);
        break;
    case EXPR_UNARY:
        put_word(p, "(", flow_expr_op_words[e->op], " ");
        put(p, type);
        print_expr(p, e->a);
        break;
    case EXPR_CAST:
        if (e->number)
            put_number(p, "(within ", e->number, "");
        else
            put_word(p, "(cast ", type, "");
        print_expr(p, e->a);
        break;
    case EXPR_INDEX:
        put_number(p, "(index ", e->number, "");
        if (e->index)
            put_number(p, " of ", e->index, "");
        print_expr(p, e->a);
        print_expr(p, e->b);
        break;
    case EXPR_UNKNOWN:
        put_word(p, "(unknown ", type, "");
        break;
    }
    put_char(p, ')');
}

/* ---- instructions and terminators --------------------------------------- */

static void print_result(struct printer *p, const struct instr *i)
{
    if (i->dst != FLOW_NONE)
        put_number(p, " %", i->dst, " =");
    if (i->dst != FLOW_NONE && i->type)
        put_word(p, " ", scalar_name(i->type), "");
    if (i->dst_address != FLOW_NONE) {
        put(p, " into");
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
    put(p, " call");
    if (i->symbol != FLOW_NONE) {
        put_char(p, ' ');
        print_symbol(p, i->symbol);
        return;
    }
    put(p, " through");
    print_expr(p, i->a);
}

static void print_instr(struct printer *p, const struct instr *i)
{
    put_char(p, ' ');
    switch ((enum instr_kind)i->kind) {
    case INSTR_SET:
        print_result(p, &(struct instr){ .dst = i->dst, .dst_address = FLOW_NONE });
        print_expr(p, i->a);
        break;
    case INSTR_STORE:
        put_word(p, " store ", scalar_name(i->type), "");
        print_key(p, i->key);
        print_expr(p, i->a);
        print_expr(p, i->b);
        break;
    case INSTR_COPY:
        put_number(p, " move ", i->size, "");
        print_expr(p, i->a);
        print_expr(p, i->b);
        break;
    case INSTR_ZERO:
        put_number(p, " zero ", i->size, "");
        print_expr(p, i->a);
        break;
    case INSTR_DECL:
        put_number(p, " decl $", i->slot, "");
        break;
    case INSTR_CALL:
        print_result(p, i);
        print_callee(p, i);
        print_args(p, i);
        break;
    case INSTR_OP:
        print_result(p, i);
        put_word(p, " ", flow_op_word(i->op), "");
        print_args(p, i);
        break;
    case INSTR_HAVOC:
        put(p, " havoc");
        print_args(p, i);
        break;
    }
    if (*flow_string(p->flow, i->name))
        print_key(p, i->name);
    print_place(p, "at", i->loc);
    put_char(p, '\n');
}

static void print_switch(struct printer *p, const struct block *b)
{
    put(p, "switch");
    print_expr(p, b->cond);
    for (uint32_t n = 0; n < b->case_count; n++) {
        const struct switch_case *c = &p->function->cases[b->first_case + n];

        put_number(p, " ", c->low, "");
        if (c->high != c->low)
            put_number(p, "..", c->high, "");
        put_number(p, ":b", c->block, "");
    }
    put_number(p, " else b", b->else_block, "");
}

static void print_term(struct printer *p, const struct block *b)
{
    put(p, "  ");
    switch ((enum term_kind)b->term) {
    case TERM_JUMP:
        put_number(p, "jump b", b->then_block, "");
        break;
    case TERM_BRANCH:
        put(p, "branch");
        print_expr(p, b->cond);
        put_number(p, " b", b->then_block, "");
        put_number(p, " b", b->else_block, "");
        break;
    case TERM_SWITCH:
        print_switch(p, b);
        break;
    case TERM_RETURN:
        put(p, "return");
        if (b->cond != FLOW_NONE)
            print_expr(p, b->cond);
        break;
    case TERM_UNREACHABLE:
        put(p, "unreachable");
        break;
    }
    print_place(p, "at", b->loc);
    if (b->loc.line && b->end_line) {
        put_number(p, " to ", b->end_line, ":");
        put_number(p, "", b->end_col, "");
    }
    put_char(p, '\n');
}

/* ---- functions ---------------------------------------------------------- */

static void print_header(struct printer *p, const struct function *f)
{
    put(p, "\nfunc ");
    print_symbol(p, f->symbol);
    put_char(p, '(');
    for (uint32_t i = 0; i < f->param_count; i++) {
        put_word(p, "", i ? ", " : "", f->params[i].in_slot ? "$" : "%");
        put_number(p, "", f->params[i].index, " ");
        put(p, f->params[i].is_struct ? "struct" : scalar_name(f->params[i].type));
    }
    put_char(p, ')');
    if (f->return_size)
        put_number(p, " returns ", f->return_size, "");
    if (f->variadic)
        put(p, " variadic");
    if (f->incomplete)
        put(p, " incomplete");
    print_place(p, "at", f->loc);
    print_place(p, "to", f->end);
    put_char(p, '\n');
}

static void print_locals(struct printer *p, const struct function *f)
{
    if (f->reg_count) {
        put_number(p, "  regs ", f->reg_count, "");
        for (uint32_t i = 0; i < f->reg_count; i++) {
            if (!*flow_string(p->flow, f->reg_names[i]))
                continue;
            put_number(p, " %", i, " ");
            print_quoted(p, f->reg_names[i]);
        }
        put_char(p, '\n');
    }
    for (uint32_t i = 0; i < f->slot_count; i++) {
        put_number(p, "  slot $", i, " ");
        put_number(p, "", f->slots[i].size, "");
        if (*flow_string(p->flow, f->slots[i].name))
            print_key(p, f->slots[i].name);
        put_char(p, '\n');
    }
}

static void print_function(struct printer *p, const struct function *f)
{
    p->function = f;
    print_header(p, f);
    print_locals(p, f);
    for (uint32_t b = 0; b < f->block_count; b++) {
        const struct block *block = &f->blocks[b];

        put_number(p, "b", b, ":\n");
        for (uint32_t i = 0; i < block->instr_count; i++)
            print_instr(p, &f->instrs[block->first_instr + i]);
        print_term(p, block);
    }
}

/* ---- the rest of a flow -------------------------------------------------- */

/* When it runs by itself. */
static void print_priority(struct printer *p, const char *word, uint32_t when)
{
    if (when)
        put_word(p, " ", word, "");
    if (when && when != PRIORITY_LAST + 1)
        put_number(p, " ", (int64_t)when - 1, "");
}

static void print_symbol_line(struct printer *p, uint32_t at)
{
    const struct symbol *s = &p->flow->symbols[at];

    put(p, "symbol ");
    print_symbol(p, at);
    if (s->internal)
        put(p, " static");
    if (s->is_function)
        put(p, " function");
    if (s->noreturn)
        put(p, " noreturn");
    print_priority(p, "constructor", s->constructor);
    print_priority(p, "destructor", s->destructor);
    if (s->model != FLOW_OP_NONE)
        put_word(p, " model ", flow_op_word(s->model), "");
    put_char(p, '\n');
}

static void print_init(struct printer *p, const struct init *i)
{
    put_number(p, "  init ", i->offset, " ");
    put_word(p, "", scalar_name(i->type), " ");
    if (i->kind == EXPR_UNKNOWN) {
        put(p, "unknown\n");
        return;
    }
    if (i->kind == EXPR_CONST) {
        put_number(p, "", i->number, i->index == FLOW_NONE ? "" : " ");
        if (i->index != FLOW_NONE)
            print_quoted(p, i->index);
        put_char(p, '\n');
        return;
    }
    if (i->kind == EXPR_GLOBAL)
        print_symbol(p, i->index);
    else
        print_quoted(p, i->index);
    if (i->number)
        put_number(p, " ", i->number, "");
    put_char(p, '\n');
}

static void print_global(struct printer *p, const struct global *g)
{
    put(p, "\nglobal ");
    print_symbol(p, g->symbol);
    put_number(p, " size ", g->size, g->is_const ? " const" : "");
    put(p, g->is_extern ? " extern" : "");
    print_place(p, "at", g->loc);
    put_char(p, '\n');
    for (uint32_t i = 0; i < g->init_count; i++)
        print_init(p, &g->inits[i]);
}

static void print_note(struct printer *p, const struct note *n)
{
    put(p, "note ");
    print_quoted(p, n->text);
    if (n->function != FLOW_NONE) {
        put(p, " in ");
        print_symbol(p, p->flow->functions[n->function].symbol);
    }
    print_place(p, "at", n->loc);
    put_char(p, '\n');
}

static void printer_init(struct printer *p, const struct flow *flow)
{
    uint32_t *bearers = or_end(calloc(flow->string_count + 1, sizeof *bearers));

    *p = (struct printer){ .flow = flow, .file = FLOW_NONE };
    p->rank = or_end(calloc(flow->symbol_count + 1, sizeof *p->rank));
    for (uint32_t i = 0; i < flow->symbol_count; i++)
        p->rank[i] = bearers[flow->symbols[i].name]++;
    free(bearers);
}

static void printer_free(struct printer *p)
{
    free(p->text);
    free(p->rank);
}

static void printer_write(const struct printer *p, FILE *out)
{
    if (p->size)
        fwrite(p->text, 1, p->size, out);
}

void flow_print(const struct flow *flow, FILE *out)
{
    struct printer printer, *p = &printer;

    printer_init(p, flow);
    for (uint32_t i = 0; i < flow->file_count; i++) {
        put(p, "file ");
        print_quoted(p, flow->files[i]);
        put_char(p, '\n');
        p->file = i;
    }
    for (uint32_t i = 0; i < flow->symbol_count; i++)
        print_symbol_line(p, i);
    for (uint32_t i = 0; i < flow->global_count; i++)
        print_global(p, &flow->globals[i]);
    for (uint32_t i = 0; i < flow->function_count; i++)
        print_function(p, &flow->functions[i]);
    if (flow->note_count || flow->alias_count)
        put_char(p, '\n');
    for (uint32_t i = 0; i < flow->alias_count; i++) {
        put(p, "alias");
        print_key(p, flow->aliases[i].a);
        print_key(p, flow->aliases[i].b);
        put_char(p, '\n');
    }
    for (uint32_t i = 0; i < flow->note_count; i++)
        print_note(p, &flow->notes[i]);
    printer_write(p, out);
    printer_free(p);
}

void flow_print_function(const struct flow *flow, uint32_t function, FILE *out)
{
    struct printer p;

    printer_init(&p, flow);
    print_function(&p, &flow->functions[function]);
    printer_write(&p, out);
    printer_free(&p);
}

/* ---- one function after the other ------------------------------------------ */

struct flow_texts {
    struct printer printer;
};

struct flow_texts *flow_texts_new(const struct flow *flow)
{
    struct flow_texts *texts = or_end(malloc(sizeof *texts));

    printer_init(&texts->printer, flow);
    return texts;
}

void flow_texts_free(struct flow_texts *texts)
{
    if (texts)
        printer_free(&texts->printer);
    free(texts);
}

const char *flow_texts_of(struct flow_texts *texts, uint32_t function, size_t *size)
{
    struct printer *p = &texts->printer;

    p->size = 0;
    p->file = FLOW_NONE;
    print_function(p, &p->flow->functions[function]);
    *size = p->size;
    put_char(p, '\0');
    return p->text;
}
