/* Functions, globals, symbols and notes of the flow's text. */
#include "flow_reader.h"
#include "flow_text.h"

#include <string.h>

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
        uint32_t name = reader_intern(r, (struct text){ arena_printf(r->s.arena, "%.*s", (int)label.size, label.bytes), label.size });
        LIST_PUSH(r, r->labels, r->label_list) = name;
    }
}

static void read_params(struct reader *r, struct function *f)
{
    scan_expect_sign(&r->s, '(');
    while (!scan_is_sign(&r->s, ')') && !r->s.error) {
        struct param p = { .in_slot = r->s.token.kind == TOKEN_SLOT };

        p.index = p.in_slot ? reader_slot(r) : reader_reg(r);
        p.is_struct = scan_accept_word(&r->s, "struct");
        if (!p.is_struct)
            p.type = reader_scalar(r);
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
        uint32_t reg = reader_reg(r);

        f->reg_names[reg] = reader_string(r);
    }
    scan_end_line(&r->s);
}

static void read_locals(struct reader *r, struct function *f)
{
    for (;; skip_blank(r)) {
        if (scan_accept_word(&r->s, "regs")) {
            read_regs(r, f);
        } else if (scan_accept_word(&r->s, "slot")) {
            uint32_t slot = reader_slot(r);
            uint32_t size = scan_expect_size(&r->s);

            if (r->s.error)
                return;
            f->slots[slot].size = size;
            f->slots[slot].name = reader_accept_string(r, f->slots[slot].name);
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

    if (reader_label(r) != r->blocks.count)
        scan_fail(&r->s, "a block of that name stands above");
    scan_expect_sign(&r->s, ':');
    scan_end_line(&r->s);
    for (skip_blank(r); !reader_accept_term(r, &b) && !r->s.error; skip_blank(r))
        reader_instr(r);
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
    struct function f = { .symbol = reader_symbol(r) };

    start_function(r, &f);
    read_params(r, &f);
    if (scan_accept_word(&r->s, "returns"))
        f.return_size = scan_expect_size(&r->s);
    f.variadic = scan_accept_word(&r->s, "variadic");
    f.incomplete = scan_accept_word(&r->s, "incomplete");
    f.loc = reader_accept_place(r, "at");
    f.end = reader_accept_place(r, "to");
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

    i.type = reader_scalar(r);
    if (scan_accept_word(&r->s, "unknown")) {
        i.kind = EXPR_UNKNOWN;
        return i;
    }
    if (r->s.token.kind == TOKEN_SYMBOL) {
        i.kind = EXPR_GLOBAL;
        i.index = reader_symbol(r);
    } else if (r->s.token.kind == TOKEN_STRING) {
        i.kind = EXPR_STRING;
        i.index = reader_string(r);
    } else {
        i.kind = EXPR_CONST;
        i.number = scan_expect_number(&r->s);
        i.index = reader_accept_string(r, FLOW_NONE);
        return i;
    }
    if (r->s.token.kind == TOKEN_NUMBER)
        i.number = scan_expect_number(&r->s);
    return i;
}

static void read_global(struct reader *r)
{
    struct global g = { .symbol = reader_symbol(r) };
    struct list inits = { 0, 0 };

    if (!scan_accept_word(&r->s, "size"))
        scan_fail(&r->s, "expected 'size'");
    g.size = scan_expect_size(&r->s);
    g.is_const = scan_accept_word(&r->s, "const");
    g.is_extern = scan_accept_word(&r->s, "extern");
    g.loc = reader_accept_place(r, "at");
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

/* When it runs by itself. */
static uint32_t read_priority(struct reader *r, const char *word)
{
    uint32_t when = PRIORITY_LAST + 1;

    if (!scan_accept_word(&r->s, word))
        return 0;
    if (r->s.token.kind == TOKEN_NUMBER) {
        if (r->s.token.number < 0 || r->s.token.number > PRIORITY_LAST)
            scan_fail(&r->s, "a priority is at most %d", PRIORITY_LAST);
        else
            when = (uint32_t)r->s.token.number + 1;
        scan_next(&r->s);
    }
    return when;
}

static void read_symbol(struct reader *r)
{
    struct symbol s = { .function = FLOW_NONE, .global = FLOW_NONE, .model = FLOW_OP_NONE };
    uint32_t at = reader_symbol(r);

    if (r->s.error)
        return;
    s.name = r->flow->symbols[at].name;
    s.internal = scan_accept_word(&r->s, "static");
    s.is_function = scan_accept_word(&r->s, "function");
    s.noreturn = scan_accept_word(&r->s, "noreturn");
    s.constructor = read_priority(r, "constructor");
    s.destructor = read_priority(r, "destructor");
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
    struct note n = { .function = FLOW_NONE, .text = reader_string(r) };

    if (scan_accept_word(&r->s, "in")) {
        uint32_t symbol = reader_symbol(r);

        if (!r->s.error)
            n.function = r->flow->symbols[symbol].function;
    }
    n.loc = reader_accept_place(r, "at");
    scan_end_line(&r->s);
    LIST_PUSH(r, r->flow->notes, r->notes) = n;
}

static void read_alias(struct reader *r)
{
    struct alias alias = { .a = reader_string(r) };

    alias.b = reader_string(r);
    scan_end_line(&r->s);
    LIST_PUSH(r, r->flow->aliases, r->aliases) = alias;
}

static void read_item(struct reader *r)
{
    if (scan_accept_word(&r->s, "file")) {
        r->file = reader_file(r, reader_string(r));
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
    reader_intern(&r, (struct text){ "", 0 });            /* string 0: no name */
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
