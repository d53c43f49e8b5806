/* The compiler's own functions: builtins and atomics are part of the language,
 * so their names are known here. */
#include "lower_internal.h"

#include <string.h>

static bool begins(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

static uint32_t arg(struct lower *l, struct node *n, uint32_t i)
{
    return i + 1 < n->count ? lower_value(l, n->child[i + 1]) : ex_const(l, SCALAR_I32, 0);
}

/* ---- atomics -------------------------------------------------------------------- */

/* What an atomic does, from the word in its name. */
enum atomic_kind { ATOMIC_LOAD, ATOMIC_STORE, ATOMIC_EXCHANGE, ATOMIC_COMPARE, ATOMIC_MODIFY,
                   ATOMIC_SET_FLAG, ATOMIC_CLEAR_FLAG, ATOMIC_UNKNOWN };

struct atomic {
    enum atomic_kind kind;
    enum expr_op     op;        /* MODIFY */
    bool             nand;
    bool             returns_new;
};

static struct atomic atomic_of(const char *name)
{
    static const struct { const char *word; enum atomic_kind kind; enum expr_op op; } words[] = {
        { "lock_test", ATOMIC_EXCHANGE, OP_ADD }, { "lock_release", ATOMIC_CLEAR_FLAG, OP_ADD },
        { "compare", ATOMIC_COMPARE, OP_ADD }, { "exchange", ATOMIC_EXCHANGE, OP_ADD },
        { "load", ATOMIC_LOAD, OP_ADD }, { "store", ATOMIC_STORE, OP_ADD },
        { "test_and_set", ATOMIC_SET_FLAG, OP_ADD }, { "clear", ATOMIC_CLEAR_FLAG, OP_ADD },
        { "init", ATOMIC_STORE, OP_ADD },
        { "nand", ATOMIC_MODIFY, OP_AND },
        { "add", ATOMIC_MODIFY, OP_ADD }, { "sub", ATOMIC_MODIFY, OP_SUB },
        { "xor", ATOMIC_MODIFY, OP_XOR }, { "or", ATOMIC_MODIFY, OP_OR },
        { "and", ATOMIC_MODIFY, OP_AND },
    };
    const char *tail = strstr(name, "fetch");
    bool after = strstr(name, "_and_fetch") || (strstr(name, "_fetch") && !strstr(name, "fetch_"));

    /* fetch_and_add: the operation is the last word; and_fetch, add_and_fetch: the first */
    if (tail && strstr(tail, "_and_") && !after)
        name = strstr(tail, "_and_") + 5;
    else if (tail && !after)
        name = tail + 6;
    else if (after && begins(name, "__sync_"))
        name += 7;
    else if (after && begins(name, "__atomic_"))
        name += 9;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at = strstr(name, words[i].word);

        if (at && (words[i].kind != ATOMIC_MODIFY || at == name))
            return (struct atomic){ words[i].kind, words[i].op, !strcmp(words[i].word, "nand"), after };
    }
    return (struct atomic){ .kind = ATOMIC_UNKNOWN };
}

/* The object an atomic works on. */
struct target {
    uint32_t    address, key;
    CXType      type;
    enum scalar scalar;
};

static struct target atomic_target(struct lower *l, struct node *pointer)
{
    struct node *n = tree_skip_casts(pointer);
    struct target t = { .type = type_value(type_pointee(pointer->type)) };

    t.scalar = type_class(t.type) == TYPE_SCALAR ? type_scalar(t.type) : SCALAR_I32;
    if (n->kind == CXCursor_UnaryOperator &&
        clang_getCursorUnaryOperatorKind(n->cursor) == CXUnaryOperator_AddrOf) {
        struct place p = place_of(l, n->child[0]);

        t.address = p.address;
        t.key = p.key;
    } else {
        t.address = lower_value(l, pointer);
        t.key = type_class(t.type) == TYPE_SCALAR ? type_key(l, t.type) : FLOW_NONE;
    }
    t.address = ex_stable(l, SCALAR_PTR, t.address);
    return t;
}

static uint32_t load_target(struct lower *l, const struct target *t)
{
    return build_temp(l, t->scalar, ex_load(l, t->scalar, t->key, t->address));
}

/* An operand given by value, or (the generic forms) by address. */
static uint32_t operand(struct lower *l, const struct target *t, struct node *n)
{
    uint32_t v = lower_value(l, n);
    bool by_address = type_scalar(n->type) == SCALAR_PTR && t->scalar != SCALAR_PTR;

    if (by_address)
        return ex_load(l, t->scalar, type_key(l, t->type), v);
    return lower_convert(l, v, n->type, t->type);
}

static uint32_t modify(struct lower *l, const struct target *t, const struct atomic *a, uint32_t value)
{
    uint32_t old = load_target(l, t), v;

    if (t->scalar == SCALAR_PTR) {
        bool c11 = !a->nand && type_class(type_pointee(t->type)) != TYPE_VOID;
        int64_t size = c11 ? type_size(type_pointee(t->type)) : 1;

        v = ex_index(l, a->op == OP_SUB ? -size : size, old, value);
    } else {
        v = ex_binary(l, a->op, t->scalar, old, value);
        if (a->nand)
            v = ex_unary(l, OP_INVERT, t->scalar, v);
    }
    v = build_temp(l, t->scalar, v);
    build_store(l, t->scalar, t->key, t->address, v);
    return a->returns_new ? v : old;
}

/* if (*p == *expected) *p = desired, true; else *expected = *p, false */
static uint32_t compare(struct lower *l, const struct target *t, uint32_t expected, uint32_t expected_key,
                        uint32_t desired)
{
    uint32_t yes = build_block(l), no = build_block(l), end = build_block(l);
    uint32_t reg = build_reg(l, pool_string(&l->pool, ""));
    uint32_t old = load_target(l, t);
    uint32_t want = ex_load(l, t->scalar, expected_key, expected);

    build_branch(l, ex_binary(l, OP_EQ, t->scalar, old, want), yes, no, NULL);
    build_start(l, yes);
    build_store(l, t->scalar, t->key, t->address, desired);
    build_set(l, reg, ex_const(l, SCALAR_BOOL, 1));
    build_jump(l, end);
    build_start(l, no);
    build_store(l, t->scalar, expected_key, expected, old);
    build_set(l, reg, ex_const(l, SCALAR_BOOL, 0));
    build_start(l, end);
    return ex_reg(l, reg, SCALAR_BOOL);
}

/* The nodes of AtomicExpr come as: pointer, order, value, failure order, second
 * value; without the order for an initialisation. */
uint32_t lower_atomic(struct lower *l, struct node *n, const char *name)
{
    struct atomic a = atomic_of(name);
    struct target t = atomic_target(l, n->child[0]);
    struct node *value = n->count == 2 ? n->child[1] : n->count > 2 ? n->child[2] : NULL;

    switch (a.kind) {
    case ATOMIC_LOAD:
        lower_atomic_point(l);
        if (n->count > 2) {             /* __atomic_load(p, result, order) */
            uint32_t to = lower_value(l, n->child[2]);

            build_store(l, t.scalar, type_key(l, t.type), to, ex_load(l, t.scalar, t.key, t.address));
            return ex_const(l, SCALAR_I32, 0);
        }
        return load_target(l, &t);
    case ATOMIC_STORE: {
        uint32_t v = ex_stable(l, t.scalar, operand(l, &t, value));

        lower_atomic_point(l);
        build_store(l, t.scalar, t.key, t.address, v);
        return ex_const(l, SCALAR_I32, 0);
    }
    case ATOMIC_EXCHANGE: {
        uint32_t v = ex_stable(l, t.scalar, operand(l, &t, value));

        lower_atomic_point(l);
        uint32_t old = load_target(l, &t);
        build_store(l, t.scalar, t.key, t.address, v);
        if (n->count == 4)              /* __atomic_exchange(p, value, result, order) */
            build_store(l, t.scalar, type_key(l, t.type), lower_value(l, n->child[3]), old);
        return old;
    }
    case ATOMIC_COMPARE: {
        uint32_t expected = ex_stable(l, SCALAR_PTR, lower_value(l, value));
        uint32_t desired = ex_stable(l, t.scalar, operand(l, &t, n->child[n->count > 4 ? 4 : n->count - 1]));

        lower_atomic_point(l);
        return compare(l, &t, expected, type_key(l, t.type), desired);
    }
    case ATOMIC_MODIFY: {
        uint32_t v = lower_value(l, value);

        if (t.scalar != SCALAR_PTR)
            v = lower_convert(l, v, value->type, t.type);
        v = ex_stable(l, t.scalar, v);
        lower_atomic_point(l);
        return modify(l, &t, &a, v);
    }
    case ATOMIC_SET_FLAG: case ATOMIC_CLEAR_FLAG: case ATOMIC_UNKNOWN:
        break;
    }
    lower_atomic_point(l);
    lower_note(l, lower_loc(l, n->cursor), "atomic operation %s", name);
    build_havoc(l, name, &t.address, 1);
    return ex_unknown(l, type_class(n->type) == TYPE_SCALAR ? type_scalar(n->type) : SCALAR_I32);
}

/* __sync_* and the flag builtins: calls, arguments in the order written. */
static bool lower_sync(struct lower *l, struct node *n, const char *name, uint32_t *result)
{
    struct atomic a = atomic_of(name);
    bool boolean = strstr(name, "bool_compare") != NULL;

    *result = ex_const(l, SCALAR_I32, 0);
    if (strstr(name, "fence") || strstr(name, "synchronize"))
        return true;
    if (a.kind == ATOMIC_UNKNOWN || n->count < 2)
        return false;
    struct target t = atomic_target(l, n->child[1]);
    if (type_class(t.type) == TYPE_VOID)
        t.scalar = SCALAR_BOOL;
    uint32_t v = n->count > 2 ? ex_stable(l, t.scalar, operand(l, &t, n->child[2])) : FLOW_NONE;
    uint32_t w = n->count > 3 ? ex_stable(l, t.scalar, operand(l, &t, n->child[3])) : FLOW_NONE;
    lower_atomic_point(l);
    if (a.kind == ATOMIC_MODIFY && v != FLOW_NONE) {
        *result = modify(l, &t, &a, v);
        return true;
    }
    uint32_t old = load_target(l, &t);
    *result = old;
    if (a.kind == ATOMIC_COMPARE && w != FLOW_NONE) {
        uint32_t yes = build_block(l), end = build_block(l);
        uint32_t same = build_temp(l, SCALAR_I32, ex_binary(l, OP_EQ, t.scalar, old, v));

        build_branch(l, same, yes, end, NULL);
        build_start(l, yes);
        build_store(l, t.scalar, t.key, t.address, w);
        build_start(l, end);
        *result = boolean ? same : old;
    } else if (a.kind == ATOMIC_EXCHANGE && v != FLOW_NONE) {
        build_store(l, t.scalar, t.key, t.address, v);
    } else {
        bool set = a.kind == ATOMIC_SET_FLAG;

        build_store(l, t.scalar, t.key, t.address, ex_const(l, t.scalar, set));
    }
    return true;
}

/* ---- builtins ----------------------------------------------------------------------- */

/* a + b stored in *c, true when it did not fit: that much is not known. */
static uint32_t lower_overflow(struct lower *l, struct node *n, enum expr_op op)
{
    struct node *to = tree_skip_casts(n->child[3]);
    CXType type = type_pointee(to->type);
    enum scalar scalar = type_scalar(type);
    uint32_t a = ex_cast(l, scalar, arg(l, n, 0)), b = ex_cast(l, scalar, arg(l, n, 1));
    struct target t = atomic_target(l, n->child[3]);

    build_store(l, scalar, t.key, t.address, ex_binary(l, op, scalar, a, b));
    return build_temp(l, SCALAR_BOOL, ex_unknown(l, SCALAR_BOOL));
}

static void lower_arguments(struct lower *l, struct node *n)
{
    for (uint32_t i = 1; i < n->count; i++)
        lower_effect(l, n->child[i]);
}

/* "__builtin___memcpy_chk" and "__builtin_memcpy" are memcpy. */
static bool library_name(const char *name, char *plain, size_t size)
{
    size_t n;

    name += strlen("__builtin_");
    if (begins(name, "__"))
        name += 2;
    n = strlen(name);
    if (n > 4 && !strcmp(name + n - 4, "_chk"))
        n -= 4;
    if (n >= size)
        return false;
    memcpy(plain, name, n);
    plain[n] = 0;
    return true;
}

/* A builtin that is a library function by another name. */
static bool lower_library(struct lower *l, struct node *n, const char *name, uint32_t *result)
{
    char plain[64];
    uint32_t args[16], count = 0;

    if (!library_name(name, plain, sizeof plain) || !l->models || !models_find(l->models, plain))
        return false;
    uint32_t symbol = lower_symbol_named(l, plain);
    while (count < 16 && count + 1 < n->count) {
        args[count] = arg(l, n, count);
        count++;
    }
    uint32_t first = build_args(l, args, count);
    struct instr *i = build_instr(l, INSTR_CALL);
    i->symbol = symbol;
    i->first_arg = first;
    i->arg_count = count;
    i->name = l->flow->symbols[symbol].name;
    i->loc = lower_loc(l, n->cursor);
    *result = ex_const(l, SCALAR_I32, 0);
    if (type_class(n->type) == TYPE_SCALAR) {
        uint32_t dst = build_reg(l, pool_string(&l->pool, ""));

        l->f.function.instrs[l->f.function.instr_count - 1].dst = dst;
        *result = ex_reg(l, dst, type_scalar(n->type));
    }
    return true;
}

static uint32_t lower_alloca(struct lower *l, struct node *n)
{
    uint32_t size = arg(l, n, 0), dst = build_reg(l, pool_string(&l->pool, ""));

    build_op(l, FLOW_ALLOC, &size, 1);
    l->f.function.instrs[l->f.function.instr_count - 1].dst = dst;
    return ex_reg(l, dst, SCALAR_PTR);
}

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (begins(name, *list))
            return true;
    return false;
}

/* Those that neither change memory nor control. */
static bool is_silent(const char *name)
{
    static const char *const silent[] = {
        "va_start", "va_end", "va_copy", "prefetch", "object_size", "dynamic_object_size",
        "return_address", "frame_address", "extract_return_addr", "constant_p", "types_compatible_p",
        "clz", "ctz", "ffs", "popcount", "parity", "clrsb", "bswap", "bitreverse", "rotate", "isnan",
        "isinf", "isfinite", "isnormal", "signbit", "fpclassify", "huge_val", "inf", "nan", "is",
        "assume_aligned", "abs", "labs", "llabs", "fabs", "sqrt", "floor", "ceil", "elementwise_", "reduce_",
        "ia32_", "cpu_", "classify_type", "readcyclecounter", "LINE", "FILE", "FUNCTION", "annotation",
        "debugtrap", "nondeterministic_value", "copysign", "fmax", "fmin", "round", "trunc", "align_", "addc",
        "subc", "flt_rounds", "shufflevector", "convertvector", "complex", "dwarf_", "offsetof", NULL,
    };
    return is_one_of(name + strlen("__builtin_"), silent);
}

/* What a silent builtin gives: constants where the compiler knows them. */
static uint32_t silent_value(struct lower *l, struct node *n, const char *name)
{
    int64_t number;

    if (type_class(n->type) != TYPE_SCALAR)
        return ex_const(l, SCALAR_I32, 0);
    if (lower_constant(l, n->cursor, &number))
        return ex_const(l, type_scalar(n->type), number);
    if (strstr(name, "constant_p"))
        return ex_const(l, SCALAR_I32, 0);
    if (strstr(name, "assume_aligned"))
        return arg(l, n, 0);
    lower_arguments(l, n);
    return build_temp(l, type_scalar(n->type), ex_unknown(l, type_scalar(n->type)));
}

static bool lower_control(struct lower *l, struct node *n, const char *name, uint32_t *result)
{
    const char *word = name + strlen("__builtin_");

    *result = ex_const(l, SCALAR_I32, 0);
    if (begins(word, "expect")) {
        *result = arg(l, n, 0);
    } else if (!strcmp(word, "unreachable")) {
        build_unreachable(l);
    } else if (begins(word, "trap") || begins(word, "verbose_trap")) {
        build_op(l, FLOW_ABORT, NULL, 0);
        build_unreachable(l);
    } else if (!strcmp(word, "assume")) {
        uint32_t v = arg(l, n, 0);

        build_op(l, FLOW_ASSUME, &v, 1);
    } else if (begins(word, "alloca")) {
        *result = lower_alloca(l, n);
    } else if (strstr(word, "overflow") && n->count >= 4) {
        *result = lower_overflow(l, n, strstr(word, "add") ? OP_ADD : strstr(word, "sub") ? OP_SUB : OP_MUL);
    } else {
        return false;
    }
    return true;
}

bool lower_builtin(struct lower *l, struct node *n, const char *name, uint32_t *result)
{
    if (begins(name, "__sync_") || begins(name, "__atomic_") || begins(name, "__c11_atomic_"))
        return lower_sync(l, n, name, result);
    if (!begins(name, "__builtin_"))
        return false;
    if (lower_control(l, n, name, result) || lower_library(l, n, name, result))
        return true;
    if (!is_silent(name)) {
        uint32_t args[16], count = 0;

        for (; count < 16 && count + 1 < n->count; count++)
            args[count] = arg(l, n, count);
        lower_note(l, lower_loc(l, n->cursor), "builtin %s", name);
        build_havoc(l, name, args, count);
        *result = ex_unknown(l, type_class(n->type) == TYPE_SCALAR ? type_scalar(n->type) : SCALAR_I32);
        return true;
    }
    *result = silent_value(l, n, name);
    return true;
}
