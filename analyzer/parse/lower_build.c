/* Blocks, instructions and expressions of the function under way. */
#include "lower_internal.h"

#include <string.h>

/* ---- expressions -------------------------------------------------------- */

static uint32_t ex_new(struct lower *l, struct expr e)
{
    struct function *f = &l->f.function;

    ARENA_PUSH(l->arena, f->exprs, f->expr_count, l->f.exprs) = e;
    return f->expr_count - 1;
}

bool ex_is_const(struct lower *l, uint32_t e, int64_t *number)
{
    const struct expr *x = &l->f.function.exprs[e];

    if (x->kind != EXPR_CONST)
        return false;
    *number = x->number;
    return true;
}

static bool is_signed(enum scalar type)
{
    return type <= SCALAR_I64;
}

uint32_t ex_const(struct lower *l, enum scalar type, int64_t number)
{
    if (type == SCALAR_FLOAT)
        return ex_unknown(l, type);
    return ex_new(l, (struct expr){ .kind = EXPR_CONST, .type = type, .number = scalar_wrap(type, number) });
}

uint32_t ex_reg(struct lower *l, uint32_t reg, enum scalar type)
{
    return ex_new(l, (struct expr){ .kind = EXPR_REG, .type = type, .index = reg });
}

uint32_t ex_slot(struct lower *l, uint32_t slot)
{
    return ex_new(l, (struct expr){ .kind = EXPR_SLOT, .type = SCALAR_PTR, .index = slot });
}

uint32_t ex_global(struct lower *l, uint32_t symbol)
{
    return ex_new(l, (struct expr){ .kind = EXPR_GLOBAL, .type = SCALAR_PTR, .index = symbol });
}

uint32_t ex_string(struct lower *l, uint32_t string)
{
    return ex_new(l, (struct expr){ .kind = EXPR_STRING, .type = SCALAR_PTR, .index = string });
}

uint32_t ex_load(struct lower *l, enum scalar type, uint32_t key, uint32_t address)
{
    if (type == SCALAR_FLOAT)
        return ex_unknown(l, type);
    return ex_new(l, (struct expr){ .kind = EXPR_LOAD, .type = type, .index = key, .a = address });
}

uint32_t ex_unknown(struct lower *l, enum scalar type)
{
    return ex_new(l, (struct expr){ .kind = EXPR_UNKNOWN, .type = type });
}

static bool fold_compare(enum expr_op op, bool sign, int64_t a, int64_t b, int64_t *result)
{
    bool less = sign ? a < b : (uint64_t)a < (uint64_t)b;

    switch (op) {
    case OP_EQ: *result = a == b; return true;
    case OP_NE: *result = a != b; return true;
    case OP_LT: *result = less; return true;
    case OP_LE: *result = less || a == b; return true;
    case OP_GT: *result = !less && a != b; return true;
    case OP_GE: *result = !less; return true;
    default: return false;
    }
}

/* Only what is defined: a division by zero stays an expression. */
static bool fold_binary(enum expr_op op, enum scalar type, int64_t a, int64_t b, int64_t *result)
{
    uint64_t x = (uint64_t)a, y = (uint64_t)b;
    unsigned bits = scalar_size(type) * 8;

    if (type == SCALAR_FLOAT || fold_compare(op, is_signed(type), a, b, result))
        return type != SCALAR_FLOAT;
    switch (op) {
    case OP_ADD: *result = (int64_t)(x + y); return true;
    case OP_SUB: *result = (int64_t)(x - y); return true;
    case OP_MUL: *result = (int64_t)(x * y); return true;
    case OP_AND: *result = (int64_t)(x & y); return true;
    case OP_OR:  *result = (int64_t)(x | y); return true;
    case OP_XOR: *result = (int64_t)(x ^ y); return true;
    case OP_SHL: *result = (int64_t)(x << (y & 63)); return y < bits;
    case OP_SHR: *result = is_signed(type) ? a >> (y & 63) : (int64_t)(x >> (y & 63)); return y < bits;
    case OP_DIV:
        if (!b || (b == -1 && is_signed(type)))
            return false;
        *result = is_signed(type) ? a / b : (int64_t)(x / y);
        return true;
    case OP_REM:
        if (!b || (b == -1 && is_signed(type)))
            return false;
        *result = is_signed(type) ? a % b : (int64_t)(x % y);
        return true;
    default: return false;
    }
}

uint32_t ex_binary(struct lower *l, enum expr_op op, enum scalar type, uint32_t a, uint32_t b)
{
    int64_t x, y, result;
    bool compares = op >= OP_EQ && op <= OP_GE;

    if (ex_is_const(l, a, &x) && ex_is_const(l, b, &y) && fold_binary(op, type, x, y, &result))
        return ex_const(l, compares ? SCALAR_I32 : type, result);
    if (type == SCALAR_FLOAT)
        return compares ? ex_cast(l, SCALAR_I32, ex_unknown(l, SCALAR_BOOL)) : ex_unknown(l, type);
    return ex_new(l, (struct expr){ .kind = EXPR_BINARY, .op = op, .type = type, .a = a, .b = b });
}

uint32_t ex_unary(struct lower *l, enum expr_op op, enum scalar type, uint32_t a)
{
    int64_t x;

    if (op <= OP_NOT && ex_is_const(l, a, &x))
        return ex_const(l, type, op == OP_NEG ? (int64_t)-(uint64_t)x : op == OP_INVERT ? ~x : !x);
    if (type == SCALAR_FLOAT)
        return ex_unknown(l, type);
    return ex_new(l, (struct expr){ .kind = EXPR_UNARY, .op = op, .type = type, .a = a });
}

uint32_t ex_cast(struct lower *l, enum scalar type, uint32_t a)
{
    const struct expr *x = &l->f.function.exprs[a];

    bool compares = x->kind == EXPR_BINARY ? x->op >= OP_EQ && x->op <= OP_GE
                                           : x->kind == EXPR_UNARY && x->op == OP_NOT;

    if (x->type == type && !compares)   /* type of a comparison is its operands' */
        return a;
    if (x->kind == EXPR_UNKNOWN && (type == SCALAR_FLOAT || x->type == SCALAR_FLOAT))
        return ex_unknown(l, type);
    if (x->kind == EXPR_CONST)
        return ex_const(l, type, x->number);
    if (type == SCALAR_FLOAT)
        return ex_unknown(l, type);
    return ex_new(l, (struct expr){ .kind = EXPR_CAST, .type = type, .a = a });
}

uint32_t ex_within(struct lower *l, uint32_t address, uint32_t bytes)
{
    return ex_new(l, (struct expr){ .kind = EXPR_CAST, .type = SCALAR_PTR, .a = address, .number = bytes });
}

uint32_t ex_offset(struct lower *l, uint32_t address, int64_t bytes)
{
    const struct expr *x = &l->f.function.exprs[address];
    int64_t more;

    if (x->kind == EXPR_INDEX && ex_is_const(l, x->b, &more)) {
        bytes = (int64_t)((uint64_t)bytes + (uint64_t)more * (uint64_t)x->number);
        address = x->a;
        x = &l->f.function.exprs[address];
    }
    if (!bytes)
        return address;
    if (x->kind == EXPR_CONST)      /* offsetof by hand: &((struct s *)0)->x */
        return ex_const(l, x->type, (int64_t)((uint64_t)x->number + (uint64_t)bytes));
    uint32_t b = ex_const(l, SCALAR_I64, bytes);
    return ex_new(l, (struct expr){ .kind = EXPR_INDEX, .type = SCALAR_PTR, .a = address, .b = b, .number = 1 });
}

uint32_t ex_index(struct lower *l, int64_t size, uint32_t a, uint32_t b)
{
    return ex_element(l, size, 0, a, b);
}

uint32_t ex_element(struct lower *l, int64_t size, uint32_t elements, uint32_t a, uint32_t b)
{
    int64_t n;

    if (ex_is_const(l, b, &n))
        return ex_offset(l, a, (int64_t)((uint64_t)n * (uint64_t)size));
    return ex_new(l, (struct expr){ .kind = EXPR_INDEX, .type = SCALAR_PTR, .index = elements, .a = a, .b = b, .number = size });
}

/* Constants and addresses of objects stay what they are; anything else could be
 * changed by what is executed between its uses. */
static bool ex_is_fixed(struct lower *l, uint32_t e)
{
    const struct expr *x = &l->f.function.exprs[e];

    switch ((enum expr_kind)x->kind) {
    case EXPR_CONST: case EXPR_SLOT: case EXPR_GLOBAL: case EXPR_STRING:
        return true;
    case EXPR_INDEX:
        return ex_is_fixed(l, x->a) && ex_is_fixed(l, x->b);
    case EXPR_REG: {
        const char *name = flow_string(l->flow, l->f.function.reg_names[x->index]);
        return !*name;              /* a temporary is set once */
    }
    case EXPR_LOAD: case EXPR_BINARY: case EXPR_UNARY: case EXPR_CAST: case EXPR_UNKNOWN:
        return false;
    }
    return false;
}

uint32_t ex_stable(struct lower *l, enum scalar type, uint32_t e)
{
    return ex_is_fixed(l, e) ? e : build_temp(l, type, e);
}

/* ---- registers, slots, blocks ------------------------------------------- */

uint32_t build_reg(struct lower *l, uint32_t name)
{
    struct function *f = &l->f.function;

    ARENA_PUSH(l->arena, f->reg_names, f->reg_count, l->f.regs) = name;
    return f->reg_count - 1;
}

uint32_t build_slot(struct lower *l, uint32_t name, uint32_t size)
{
    struct function *f = &l->f.function;

    ARENA_PUSH(l->arena, f->slots, f->slot_count, l->f.slots) = (struct slot){ name, size };
    return f->slot_count - 1;
}

uint32_t build_block(struct lower *l)
{
    struct function *f = &l->f.function;

    ARENA_PUSH(l->arena, f->blocks, f->block_count, l->f.blocks) = (struct block){
        .term = TERM_UNREACHABLE, .cond = FLOW_NONE,
        .then_block = FLOW_NONE, .else_block = FLOW_NONE,
    };
    return f->block_count - 1;
}

static void begin_block(struct lower *l, uint32_t block)
{
    l->f.current = block;
    l->f.function.blocks[block].first_instr = l->f.function.instr_count;
    ARENA_PUSH(l->scratch, l->f.started, l->f.started_count, l->f.starts) = block;
}

/* The block that takes the next instruction; code nothing leads to gets one of
 * its own, which build_prune drops. */
static struct block *current(struct lower *l)
{
    struct function *f = &l->f.function;

    if (l->f.current == FLOW_NONE)
        begin_block(l, build_block(l));
    return &f->blocks[l->f.current];
}

static struct block *end_block(struct lower *l, enum term_kind term)
{
    struct block *b = current(l);

    b->instr_count = l->f.function.instr_count - b->first_instr;
    b->term = term;
    l->f.current = FLOW_NONE;
    return b;
}

void build_start(struct lower *l, uint32_t block)
{
    if (l->f.current != FLOW_NONE)
        build_jump(l, block);
    begin_block(l, block);
}

/* ---- instructions ------------------------------------------------------- */

struct instr *build_instr(struct lower *l, enum instr_kind kind)
{
    struct function *f = &l->f.function;

    current(l);
    struct instr *i = &ARENA_PUSH(l->arena, f->instrs, f->instr_count, l->f.instrs);
    *i = (struct instr){
        .kind = kind, .op = FLOW_OP_NONE, .dst = FLOW_NONE, .dst_address = FLOW_NONE,
        .a = FLOW_NONE, .b = FLOW_NONE, .symbol = FLOW_NONE, .slot = FLOW_NONE,
        .key = FLOW_NONE, .name = FLOW_NONE, .loc = l->f.loc,
    };
    return i;
}

uint32_t build_args(struct lower *l, const uint32_t *args, uint32_t count)
{
    struct function *f = &l->f.function;
    uint32_t first = f->arg_count;

    for (uint32_t i = 0; i < count; i++)
        ARENA_PUSH(l->arena, f->args, f->arg_count, l->f.args) = args[i];
    return first;
}

void build_set(struct lower *l, uint32_t reg, uint32_t e)
{
    struct instr *i = build_instr(l, INSTR_SET);

    i->dst = reg;
    i->a = e;
}

uint32_t build_temp(struct lower *l, enum scalar type, uint32_t e)
{
    uint32_t reg = build_reg(l, pool_string(&l->pool, ""));

    build_set(l, reg, e);
    return ex_reg(l, reg, type);
}

void build_store(struct lower *l, enum scalar type, uint32_t key, uint32_t address, uint32_t e)
{
    struct instr *i = build_instr(l, INSTR_STORE);

    i->type = type;
    i->key = key;
    i->a = address;
    i->b = e;
}

void build_copy(struct lower *l, uint32_t to, uint32_t from, uint32_t size)
{
    struct instr *i = build_instr(l, INSTR_COPY);

    i->a = to;
    i->b = from;
    i->size = size;
}

void build_zero(struct lower *l, uint32_t address, uint32_t size)
{
    struct instr *i = build_instr(l, INSTR_ZERO);

    i->a = address;
    i->size = size;
}

void build_decl(struct lower *l, uint32_t slot)
{
    build_instr(l, INSTR_DECL)->slot = slot;
}

void build_op(struct lower *l, enum flow_op op, const uint32_t *args, uint32_t count)
{
    uint32_t first = build_args(l, args, count);
    struct instr *i = build_instr(l, INSTR_OP);

    i->op = op;
    i->first_arg = first;
    i->arg_count = count;
}

void build_havoc(struct lower *l, const char *what, const uint32_t *args, uint32_t count)
{
    uint32_t first = build_args(l, args, count);
    uint32_t name = pool_string(&l->pool, what);
    struct instr *i = build_instr(l, INSTR_HAVOC);

    i->name = name;
    i->first_arg = first;
    i->arg_count = count;
}

/* ---- terminators -------------------------------------------------------- */

void build_jump(struct lower *l, uint32_t block)
{
    end_block(l, TERM_JUMP)->then_block = block;
}

/* The text of a condition, for a person who asks what was assumed. */
static void place_condition(struct lower *l, struct block *b, const struct node *at)
{
    b->loc = l->f.loc;
    if (!at)
        return;
    CXSourceRange range = clang_getCursorExtent(at->cursor);
    struct loc end = lower_location(l, clang_getRangeEnd(range));
    b->loc = lower_location(l, clang_getRangeStart(range));
    b->end_line = end.line;
    b->end_col = end.col;
}

void build_branch(struct lower *l, uint32_t cond, uint32_t then_block, uint32_t else_block,
                  const struct node *at)
{
    int64_t n;

    if (ex_is_const(l, cond, &n)) {
        build_jump(l, n ? then_block : else_block);
        return;
    }
    struct block *b = end_block(l, TERM_BRANCH);
    b->cond = cond;
    b->then_block = then_block;
    b->else_block = else_block;
    place_condition(l, b, at);
}

uint32_t build_switch(struct lower *l, uint32_t value, const struct node *at)
{
    struct block *b = end_block(l, TERM_SWITCH);

    b->cond = value;
    place_condition(l, b, at);
    return (uint32_t)(b - l->f.function.blocks);
}

void build_return(struct lower *l, uint32_t value, struct loc loc)
{
    struct block *b = end_block(l, TERM_RETURN);

    b->cond = value;
    b->loc = loc;
}

void build_unreachable(struct lower *l)
{
    end_block(l, TERM_UNREACHABLE);
}

/* ---- pruning ------------------------------------------------------------ */

/* An empty block that only jumps on is skipped over. */
static uint32_t jump_end(const struct function *f, uint32_t block)
{
    for (uint32_t steps = 0; steps < 64; steps++) {
        const struct block *b = &f->blocks[block];

        if (b->term != TERM_JUMP || b->instr_count || b->then_block == block)
            break;
        block = b->then_block;
    }
    return block;
}

static void thread_jumps(struct function *f)
{
    for (uint32_t i = 0; i < f->block_count; i++) {
        struct block *b = &f->blocks[i];

        if (b->term == TERM_JUMP || b->term == TERM_BRANCH)
            b->then_block = jump_end(f, b->then_block);
        if (b->term == TERM_BRANCH || b->term == TERM_SWITCH)
            b->else_block = jump_end(f, b->else_block);
        if (b->term == TERM_SWITCH)
            for (uint32_t c = 0; c < b->case_count; c++)
                f->cases[b->first_case + c].block = jump_end(f, f->cases[b->first_case + c].block);
    }
}

static void reach(uint32_t block, uint32_t *stack, uint32_t *count, bool *reached)
{
    if (!reached[block]) {
        reached[block] = true;
        stack[(*count)++] = block;
    }
}

/* Mark the blocks that can be reached from the entry. */
static bool *reached_blocks(struct lower *l)
{
    const struct function *f = &l->f.function;
    bool *reached = ARENA_ARRAY(l->scratch, bool, f->block_count);
    uint32_t *stack = ARENA_ARRAY(l->scratch, uint32_t, f->block_count);
    uint32_t count = 0;

    reach(0, stack, &count, reached);
    while (count) {
        const struct block *b = &f->blocks[stack[--count]];

        if (b->term == TERM_JUMP || b->term == TERM_BRANCH)
            reach(b->then_block, stack, &count, reached);
        if (b->term == TERM_BRANCH || b->term == TERM_SWITCH)
            reach(b->else_block, stack, &count, reached);
        if (b->term == TERM_SWITCH)
            for (uint32_t c = 0; c < b->case_count; c++)
                reach(f->cases[b->first_case + c].block, stack, &count, reached);
    }
    return reached;
}

static void renumber(struct function *f, const uint32_t *number)
{
    for (uint32_t i = 0; i < f->block_count; i++) {
        struct block *b = &f->blocks[i];

        b->then_block = b->then_block == FLOW_NONE ? FLOW_NONE : number[b->then_block];
        b->else_block = b->else_block == FLOW_NONE ? FLOW_NONE : number[b->else_block];
        if (b->term == TERM_SWITCH)
            for (uint32_t c = 0; c < b->case_count; c++)
                f->cases[b->first_case + c].block = number[f->cases[b->first_case + c].block];
    }
}

/* What is left stands in the order of the code, so that the text reads like the
 * source. */
void build_prune(struct lower *l)
{
    struct function *f = &l->f.function;

    thread_jumps(f);
    bool *reached = reached_blocks(l);
    uint32_t *number = ARENA_ARRAY(l->scratch, uint32_t, f->block_count);
    struct block *blocks = ARENA_ARRAY(l->arena, struct block, f->block_count);
    uint32_t kept = 0;

    memset(number, 0xff, sizeof *number * f->block_count);
    for (uint32_t i = 0; i < l->f.started_count; i++) {
        uint32_t block = l->f.started[i];

        if (reached[block]) {
            number[block] = kept;
            blocks[kept++] = f->blocks[block];
        }
    }
    f->blocks = blocks;
    f->block_count = kept;
    renumber(f, number);
}
