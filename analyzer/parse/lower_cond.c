/* Conditions: branches, and the values of && || ! ?: */
#include "lower_internal.h"

#include <string.h>

static bool is_call_of(struct node *n, const char *name)
{
    if (n->kind != CXCursor_CallExpr || n->count < 2)
        return false;
    CXString spelling = clang_getCursorSpelling(n->cursor);
    bool same = !strcmp(clang_getCString(spelling), name);
    clang_disposeString(spelling);
    return same;
}

bool cond_is_logical(struct node *n)
{
    enum CXBinaryOperatorKind op = clang_getCursorBinaryOperatorKind(n->cursor);

    return n->kind == CXCursor_BinaryOperator &&
           (op == CXBinaryOperator_LAnd || op == CXBinaryOperator_LOr);
}

/* Past what does not change whether a value is zero. */
struct node *cond_truth_of(struct node *n)
{
    for (;;) {
        n = tree_skip_parens(n);
        if (is_call_of(n, "__builtin_expect") || is_call_of(n, "__builtin_expect_with_probability")) {
            n = n->child[1];
            continue;
        }
        bool cast = (n->kind == CXCursor_UnexposedExpr || n->kind == CXCursor_CStyleCastExpr) && n->count;
        struct node *inner = cast ? tree_skip_parens(n->child[n->count - 1]) : NULL;
        if (!inner || type_class(n->type) != TYPE_SCALAR ||
            !(cond_is_logical(inner) || is_call_of(inner, "__builtin_expect")))
            return n;
        n = inner;
    }
}

void lower_cond(struct lower *l, struct node *n, uint32_t then_block, uint32_t else_block)
{
    n = cond_truth_of(n);
    enum CXBinaryOperatorKind op = n->kind == CXCursor_BinaryOperator
        ? clang_getCursorBinaryOperatorKind(n->cursor) : CXBinaryOperator_Invalid;

    if (op == CXBinaryOperator_LAnd || op == CXBinaryOperator_LOr) {
        uint32_t second = build_block(l);
        bool both = op == CXBinaryOperator_LAnd;

        lower_cond(l, n->child[0], both ? second : then_block, both ? else_block : second);
        build_start(l, second);
        lower_cond(l, n->child[1], then_block, else_block);
        return;
    }
    if (n->kind == CXCursor_UnaryOperator &&
        clang_getCursorUnaryOperatorKind(n->cursor) == CXUnaryOperator_LNot) {
        lower_cond(l, n->child[0], else_block, then_block);
        return;
    }
    uint32_t v = lower_value(l, n);
    if (type_class(n->type) == TYPE_SCALAR && type_scalar(n->type) == SCALAR_FLOAT)
        v = ex_unknown(l, SCALAR_BOOL);
    build_branch(l, v, then_block, else_block, n);
}

/* && || ! as a value: 0 or 1 in a register. */
uint32_t lower_truth(struct lower *l, struct node *n)
{
    uint32_t yes = build_block(l), no = build_block(l), end = build_block(l);
    uint32_t reg = build_reg(l, pool_string(&l->pool, ""));

    lower_cond(l, n, yes, no);
    build_start(l, yes);
    build_set(l, reg, ex_const(l, SCALAR_I32, 1));
    build_jump(l, end);
    build_start(l, no);
    build_set(l, reg, ex_const(l, SCALAR_I32, 0));
    build_start(l, end);
    return ex_reg(l, reg, SCALAR_I32);
}

/* One arm of a conditional, into the register when there is a value. */
static void lower_arm(struct lower *l, struct node *arm, struct node *whole, uint32_t reg)
{
    if (reg == FLOW_NONE)
        lower_effect(l, arm);
    else
        build_set(l, reg, lower_convert(l, lower_value(l, arm), arm->type, whole->type));
}

uint32_t lower_choice(struct lower *l, struct node *n, struct node *cond, struct node *yes_arm,
                             struct node *no_arm, bool wanted)
{
    uint32_t yes = build_block(l), no = build_block(l), end = build_block(l);
    bool value = wanted && type_class(n->type) != TYPE_VOID;
    uint32_t reg = value ? build_reg(l, pool_string(&l->pool, "")) : FLOW_NONE;
    enum scalar type = type_class(n->type) == TYPE_SCALAR ? type_scalar(n->type) : SCALAR_PTR;

    lower_cond(l, cond, yes, no);
    build_start(l, yes);
    lower_arm(l, yes_arm, n, reg);
    build_jump(l, end);
    build_start(l, no);
    lower_arm(l, no_arm, n, reg);
    build_start(l, end);
    return value ? ex_reg(l, reg, type) : ex_const(l, SCALAR_I32, 0);
}

/* a ?: b - libclang shows the condition three times. */
uint32_t lower_elvis(struct lower *l, struct node *n)
{
    uint32_t no = build_block(l), end = build_block(l);
    enum scalar type = type_scalar(n->child[0]->type), result = type_scalar(n->type);
    uint32_t reg = build_reg(l, pool_string(&l->pool, ""));
    uint32_t v = build_temp(l, type, lower_value(l, n->child[0]));

    build_set(l, reg, lower_convert(l, v, n->child[0]->type, n->type));
    build_branch(l, v, end, no, n->child[0]);
    build_start(l, no);
    build_set(l, reg, lower_convert(l, lower_value(l, n->child[3]), n->child[3]->type, n->type));
    build_start(l, end);
    return ex_reg(l, reg, result);
}
