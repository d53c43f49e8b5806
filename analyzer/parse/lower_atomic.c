/* Atomics: C11's, and the compiler's __atomic_* and __sync_*, which are part of the
 * language, so their names are known here. */
#include "lower_internal.h"

#include <string.h>

static bool begins(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

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
    struct place p = place_pointed(l, pointer);
    struct target t = { .key = p.key, .type = type_value(type_pointee(pointer->type)) };

    t.scalar = type_class(t.type) == TYPE_SCALAR ? type_scalar(t.type) : SCALAR_I32;
    t.address = ex_stable(l, SCALAR_PTR, p.address);
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
static struct node *atomic_value(struct node *n)
{
    return n->count == 2 ? n->child[1] : n->count > 2 ? n->child[2] : NULL;
}

static uint32_t atomic_load(struct lower *l, struct node *n, const struct target *t)
{
    lower_atomic_point(l);
    if (n->count <= 2)
        return load_target(l, t);
    /* __atomic_load(p, result, order) */
    uint32_t to = lower_value(l, n->child[2]);
    build_store(l, t->scalar, type_key(l, t->type), to, ex_load(l, t->scalar, t->key, t->address));
    return ex_const(l, SCALAR_I32, 0);
}

static uint32_t atomic_store(struct lower *l, struct node *n, const struct target *t)
{
    uint32_t v = ex_stable(l, t->scalar, operand(l, t, atomic_value(n)));

    lower_atomic_point(l);
    build_store(l, t->scalar, t->key, t->address, v);
    return ex_const(l, SCALAR_I32, 0);
}

static uint32_t atomic_exchange(struct lower *l, struct node *n, const struct target *t)
{
    uint32_t v = ex_stable(l, t->scalar, operand(l, t, atomic_value(n)));

    lower_atomic_point(l);
    uint32_t old = load_target(l, t);
    build_store(l, t->scalar, t->key, t->address, v);
    if (n->count == 4)                  /* __atomic_exchange(p, value, result, order) */
        build_store(l, t->scalar, type_key(l, t->type), lower_value(l, n->child[3]), old);
    return old;
}

static uint32_t atomic_compare(struct lower *l, struct node *n, const struct target *t)
{
    uint32_t expected = ex_stable(l, SCALAR_PTR, lower_value(l, atomic_value(n)));
    uint32_t desired = ex_stable(l, t->scalar, operand(l, t, n->child[n->count > 4 ? 4 : n->count - 1]));

    lower_atomic_point(l);
    return compare(l, t, expected, type_key(l, t->type), desired);
}

static uint32_t atomic_modify(struct lower *l, struct node *n, const struct target *t, const struct atomic *a)
{
    struct node *value = atomic_value(n);
    uint32_t v = lower_value(l, value);

    if (t->scalar != SCALAR_PTR)
        v = lower_convert(l, v, value->type, t->type);
    v = ex_stable(l, t->scalar, v);
    lower_atomic_point(l);
    return modify(l, t, a, v);
}

uint32_t lower_atomic(struct lower *l, struct node *n, const char *name)
{
    struct atomic a = atomic_of(name);
    struct target t = atomic_target(l, n->child[0]);

    switch (a.kind) {
    case ATOMIC_LOAD:     return atomic_load(l, n, &t);
    case ATOMIC_STORE:    return atomic_store(l, n, &t);
    case ATOMIC_EXCHANGE: return atomic_exchange(l, n, &t);
    case ATOMIC_COMPARE:  return atomic_compare(l, n, &t);
    case ATOMIC_MODIFY:   return atomic_modify(l, n, &t, &a);
    case ATOMIC_SET_FLAG: case ATOMIC_CLEAR_FLAG: case ATOMIC_UNKNOWN:
        break;
    }
    lower_atomic_point(l);
    lower_note(l, lower_loc(l, n->cursor), "atomic operation %s", name);
    build_havoc(l, name, &t.address, 1);
    return ex_unknown(l, type_class(n->type) == TYPE_SCALAR ? type_scalar(n->type) : SCALAR_I32);
}

/* __sync_* and the flag builtins: calls, arguments in the order written. */
bool lower_sync(struct lower *l, struct node *n, const char *name, uint32_t *result)
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
