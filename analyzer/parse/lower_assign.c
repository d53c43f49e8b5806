/* Assignments, compound assignments, ++ and --. */
#include "lower_internal.h"

static void lower_record_into(struct lower *l, uint32_t address, struct node *n)
{
    struct node *inner = tree_skip_casts(n);

    if (inner->kind == CXCursor_CallExpr) {
        lower_call(l, inner, address, true);
        return;
    }
    uint32_t from = lower_value(l, n);
    if (l->f.function.exprs[from].kind == EXPR_UNKNOWN)
        build_havoc(l, "record of unknown contents", &address, 1);
    else
        build_copy(l, address, from, type_size(n->type));
}

void lower_assign(struct lower *l, const struct place *to, struct node *n)
{
    if (type_class(to->type) == TYPE_RECORD)
        lower_record_into(l, to->address, n);
    else
        place_store(l, to, lower_convert(l, lower_value(l, n), n->type, to->type));
}

static uint32_t assign_record(struct lower *l, struct node *n)
{
    struct place to = place_of(l, n->child[0]);

    to.address = ex_stable(l, SCALAR_PTR, to.address);
    lower_record_into(l, to.address, n->child[1]);
    return to.address;
}

/* The right side first: what it changes, the place on the left must see. */
uint32_t lower_assignment(struct lower *l, struct node *n, bool wanted)
{
    l->result_name = lower_name_of(l, n->child[0]);
    if (type_class(n->type) == TYPE_RECORD)
        return assign_record(l, n);
    uint32_t v = lower_value(l, n->child[1]);
    l->result_name = FLOW_NONE;
    struct place to = place_of(l, n->child[0]);
    v = lower_convert(l, v, n->child[1]->type, to.type);
    if (wanted && to.kind == PLACE_MEMORY)
        v = ex_stable(l, type_scalar(to.type), v);
    place_store(l, &to, v);
    return wanted && to.kind == PLACE_REG ? ex_reg(l, to.reg, type_scalar(to.type)) : v;
}

static bool contains_unknown(struct lower *l, uint32_t e)
{
    const struct expr *x = &l->f.function.exprs[e];

    return x->kind == EXPR_UNKNOWN || (expr_operands(x) > 0 && contains_unknown(l, x->a)) ||
           (expr_operands(x) > 1 && contains_unknown(l, x->b));
}

/* A place that is read and then written must be the same both times, and the
 * two are one step when it is atomic. */
static void place_fix(struct lower *l, struct place *p)
{
    if (p->atomic)
        lower_atomic_point(l);
    p->atomic = false;
    if (p->kind == PLACE_MEMORY && contains_unknown(l, p->address))
        p->address = build_temp(l, SCALAR_PTR, p->address);
}

static enum scalar promoted(enum scalar type)
{
    return type == SCALAR_PTR || type == SCALAR_FLOAT || scalar_size(type) >= 4 ? type : SCALAR_I32;
}

/* The usual arithmetic conversions (C11 6.3.1.8). */
static enum scalar common_type(enum scalar a, enum scalar b)
{
    a = promoted(a);
    b = promoted(b);
    if (a == SCALAR_FLOAT || b == SCALAR_FLOAT)
        return SCALAR_FLOAT;
    if (scalar_size(a) != scalar_size(b))
        return scalar_size(a) > scalar_size(b) ? a : b;
    return a > SCALAR_I64 ? a : b;
}

bool lower_operator(enum CXBinaryOperatorKind kind, enum expr_op *op)
{
    switch (kind) {
    case CXBinaryOperator_Mul: case CXBinaryOperator_MulAssign: *op = OP_MUL; return true;
    case CXBinaryOperator_Div: case CXBinaryOperator_DivAssign: *op = OP_DIV; return true;
    case CXBinaryOperator_Rem: case CXBinaryOperator_RemAssign: *op = OP_REM; return true;
    case CXBinaryOperator_Add: case CXBinaryOperator_AddAssign: *op = OP_ADD; return true;
    case CXBinaryOperator_Sub: case CXBinaryOperator_SubAssign: *op = OP_SUB; return true;
    case CXBinaryOperator_Shl: case CXBinaryOperator_ShlAssign: *op = OP_SHL; return true;
    case CXBinaryOperator_Shr: case CXBinaryOperator_ShrAssign: *op = OP_SHR; return true;
    case CXBinaryOperator_And: case CXBinaryOperator_AndAssign: *op = OP_AND; return true;
    case CXBinaryOperator_Xor: case CXBinaryOperator_XorAssign: *op = OP_XOR; return true;
    case CXBinaryOperator_Or:  case CXBinaryOperator_OrAssign:  *op = OP_OR;  return true;
    case CXBinaryOperator_LT: *op = OP_LT; return true;
    case CXBinaryOperator_GT: *op = OP_GT; return true;
    case CXBinaryOperator_LE: *op = OP_LE; return true;
    case CXBinaryOperator_GE: *op = OP_GE; return true;
    case CXBinaryOperator_EQ: *op = OP_EQ; return true;
    case CXBinaryOperator_NE: *op = OP_NE; return true;
    default: return false;
    }
}

uint32_t lower_compound_assignment(struct lower *l, struct node *n, bool wanted)
{
    enum expr_op op = OP_ADD;

    lower_operator(clang_getCursorBinaryOperatorKind(n->cursor), &op);
    uint32_t right = lower_value(l, n->child[1]);
    struct place to = place_of(l, n->child[0]);
    place_fix(l, &to);
    enum scalar type = type_scalar(to.type);
    uint32_t v = place_load(l, &to);
    if (type == SCALAR_PTR) {
        int64_t size = type_size(type_pointee(to.type));

        v = ex_index(l, op == OP_SUB ? -size : size, v, right);
    } else {
        enum scalar other = type_scalar(n->child[1]->type);
        bool shift = op == OP_SHL || op == OP_SHR;
        enum scalar common = shift ? promoted(type) : common_type(type, other);

        right = shift || other == common ? right : ex_cast(l, common, right);
        v = ex_cast(l, type, ex_binary(l, op, common, ex_cast(l, common, v), right));
    }
    if (wanted && to.kind == PLACE_MEMORY)
        v = ex_stable(l, type, v);
    place_store(l, &to, v);
    return wanted && to.kind == PLACE_REG ? ex_reg(l, to.reg, type) : v;
}

/* ++ and --: post gives the value before. */
uint32_t lower_step(struct lower *l, struct node *n, int step, bool post, bool wanted)
{
    struct place p = place_of(l, n->child[0]);
    enum scalar type = type_scalar(p.type);
    uint32_t old, v;

    place_fix(l, &p);
    old = place_load(l, &p);
    if (wanted && post)
        old = build_temp(l, type, old);
    if (type == SCALAR_PTR) {
        v = ex_offset(l, old, (int64_t)step * type_size(type_pointee(p.type)));
    } else {
        enum scalar wide = promoted(type);

        v = ex_binary(l, step > 0 ? OP_ADD : OP_SUB, wide, ex_cast(l, wide, old), ex_const(l, wide, 1));
        if (wide != type)
            v = ex_cast(l, type, v);
    }
    if (wanted && !post && p.kind == PLACE_MEMORY)
        v = ex_stable(l, type, v);
    place_store(l, &p, v);
    return post ? old : p.kind == PLACE_REG ? ex_reg(l, p.reg, type) : v;
}
