/* The compiler's own functions: builtins are part of the language, so their names are
 * known here. */
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

/* ---- builtins ----------------------------------------------------------------------- */

/* a + b stored in *c, true when it did not fit: that much is not known. */
static uint32_t lower_overflow(struct lower *l, struct node *n, enum expr_op op)
{
    struct node *to = tree_skip_casts(n->child[3]);
    CXType type = type_pointee(to->type);
    enum scalar scalar = type_scalar(type);
    uint32_t a = ex_cast(l, scalar, arg(l, n, 0)), b = ex_cast(l, scalar, arg(l, n, 1));
    struct place result = place_pointed(l, n->child[3]);

    build_store(l, scalar, result.key, result.address, ex_binary(l, op, scalar, a, b));
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
        args[count] = lower_argument(l, n->child[count + 1]);
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
        l->f.function.instrs[l->f.function.instr_count - 1].type = lower_result_type(n->type);
        *result = ex_reg(l, dst, type_scalar(n->type));
    }
    return true;
}

static uint32_t lower_alloca(struct lower *l, struct node *n)
{
    uint32_t size = arg(l, n, 0), dst = build_reg(l, pool_string(&l->pool, ""));

    build_op(l, FLOW_ALLOC, &size, 1);
    l->f.function.instrs[l->f.function.instr_count - 1].dst = dst;
    l->f.function.instrs[l->f.function.instr_count - 1].type = SCALAR_PTR;
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
        "clz", "ctz", "popcount", "parity", "clrsb", "bitreverse", "rotate", "isnan",
        "isinf", "isfinite", "isnormal", "signbit", "fpclassify", "huge_val", "inf", "nan", "is",
        "assume_aligned", "abs", "labs", "llabs", "imaxabs", "creal", "cimag", "conj", "fabs", "sqrt", "floor", "ceil", "elementwise_", "reduce_",
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
    if (lower_constant(n->cursor, &number))
        return ex_const(l, type_scalar(n->type), number);
    if (strstr(name, "constant_p"))
        return ex_const(l, SCALAR_I32, 0);
    if (strstr(name, "assume_aligned"))
        return arg(l, n, 0);
    lower_arguments(l, n);
    return build_temp(l, type_scalar(n->type), ex_unknown(l, type_scalar(n->type)));
}

/* Functions of the bits of a number: known where it is. */
static bool lower_bits(struct lower *l, struct node *n, const char *name, uint32_t *result)
{
    static const struct { const char *name; enum expr_op op; } bits[] = {
        { "popcount", OP_POPCOUNT }, { "ctz", OP_CTZ }, { "ffs", OP_CTZ }, { "clz", OP_CLZ }, { "bswap", OP_BSWAP },
    };
    const char *word = name + strlen("__builtin_");
    uint32_t i = 0, value;
    enum scalar type;

    while (i < sizeof bits / sizeof *bits && !begins(word, bits[i].name))
        i++;
    if (i == sizeof bits / sizeof *bits || n->count != 2 || type_class(n->child[1]->type) != TYPE_SCALAR)
        return false;
    type = type_scalar(n->child[1]->type);
    value = ex_stable(l, type, arg(l, n, 0));
    *result = ex_cast(l, type_scalar(n->type), ex_unary(l, bits[i].op, type, value));
    if (begins(word, "ffs"))
        *result = ex_binary(l, OP_MUL, SCALAR_I32, ex_cast(l, SCALAR_I32, ex_binary(l, OP_NE, type, value, ex_const(l, type, 0))),
                            ex_binary(l, OP_ADD, SCALAR_I32, *result, ex_const(l, SCALAR_I32, 1)));
    return true;
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
    *result = ex_const(l, SCALAR_I32, 0);
    if (lower_list(l, n, name) || lower_bits(l, n, name, result) || lower_control(l, n, name, result) || lower_library(l, n, name, result))
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
