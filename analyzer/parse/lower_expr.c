/* Values. */
#include "lower_internal.h"

#include <string.h>

/* ---- constants and names ---------------------------------------------------- */

bool lower_constant(CXCursor cursor, int64_t *number)
{
    CXEvalResult r = clang_Cursor_Evaluate(cursor);
    bool good = r && clang_EvalResult_getKind(r) == CXEval_Int;

    if (good)
        *number = clang_EvalResult_isUnsignedInt(r) ? (int64_t)clang_EvalResult_getAsUnsigned(r)
                                                    : clang_EvalResult_getAsLongLong(r);
    if (r)
        clang_EvalResult_dispose(r);
    return good;
}

/* A value that only the compiler knows, or one that nobody does. */
static uint32_t constant_or_unknown(struct lower *l, struct node *n)
{
    int64_t number;
    enum scalar type = type_scalar(n->type);

    if (type_class(n->type) == TYPE_SCALAR && lower_constant(n->cursor, &number))
        return ex_const(l, type, number);
    return ex_unknown(l, type);
}

uint32_t lower_name_of(struct lower *l, struct node *n)
{
    for (;;) {
        n = tree_skip_casts(n);
        switch (n->kind) {
        case CXCursor_DeclRefExpr: case CXCursor_MemberRefExpr: {
            CXString name = clang_getCursorSpelling(n->cursor);
            uint32_t string = pool_string(&l->pool, clang_getCString(name));

            clang_disposeString(name);
            return string;
        }
        case CXCursor_UnaryOperator: case CXCursor_ArraySubscriptExpr: case CXCursor_CallExpr:
        case CXCursor_BinaryOperator:
            if (n->count) {
                n = n->child[0];
                continue;
            }
            break;
        case CXCursor_ConditionalOperator: case CXCursor_GenericSelectionExpr:
            if (n->count > 1) {
                n = n->child[1];
                continue;
            }
            break;
        default:
            break;
        }
        return pool_string(&l->pool, "");
    }
}

uint32_t lower_convert(struct lower *l, uint32_t e, CXType from, CXType to)
{
    if (type_class(to) != TYPE_SCALAR || type_class(from) == TYPE_RECORD)
        return e;
    enum scalar target = type_scalar(to);
    if (type_class(from) != TYPE_SCALAR)
        return target == SCALAR_PTR ? e : ex_cast(l, target, e);
    enum scalar source = type_scalar(from);
    if (source == SCALAR_PTR && target == SCALAR_PTR)
        alias_convert(l, from, to);
    return source == target ? e : ex_cast(l, target, e);
}

/* ---- operators -------------------------------------------------------------------- */

static uint32_t lower_additive(struct lower *l, struct node *n, bool minus)
{
    struct node *a = n->child[0], *b = n->child[1];
    bool left = type_scalar(a->type) == SCALAR_PTR, right = type_scalar(b->type) == SCALAR_PTR;
    enum scalar type = type_scalar(n->type);

    uint32_t x = lower_value(l, a), y = lower_value(l, b);
    if (left && right) {
        uint32_t size = type_size(type_pointee(a->type));
        uint32_t bytes = ex_binary(l, OP_PTRDIFF, SCALAR_I64, x, y);

        return size > 1 ? ex_binary(l, OP_DIV, SCALAR_I64, bytes, ex_const(l, SCALAR_I64, size)) : bytes;
    }
    if (left || right) {
        int64_t size = type_size(type_pointee(left ? a->type : b->type));

        return ex_index(l, minus ? -size : size, left ? x : y, left ? y : x);
    }
    return ex_binary(l, minus ? OP_SUB : OP_ADD, type, x, y);
}

static uint32_t lower_binary(struct lower *l, struct node *n, bool wanted)
{
    enum CXBinaryOperatorKind kind = clang_getCursorBinaryOperatorKind(n->cursor);
    enum expr_op op;

    switch (kind) {
    case CXBinaryOperator_Assign:
        return lower_assignment(l, n, wanted);
    case CXBinaryOperator_LAnd: case CXBinaryOperator_LOr:
        return lower_truth(l, n);
    case CXBinaryOperator_Comma:
        lower_effect(l, n->child[0]);
        return lower_value(l, n->child[1]);
    case CXBinaryOperator_Add: case CXBinaryOperator_Sub:
        if (type_class(n->type) == TYPE_SCALAR || type_class(n->type) == TYPE_ARRAY)
            return lower_additive(l, n, kind == CXBinaryOperator_Sub);
        break;
    default:
        break;
    }
    if (!lower_operator(kind, &op))
        return constant_or_unknown(l, n);
    uint32_t a = lower_value(l, n->child[0]), b = lower_value(l, n->child[1]);
    bool compares = op >= OP_EQ && op <= OP_GE;
    return ex_binary(l, op, type_scalar(compares ? n->child[0]->type : n->type), a, b);
}

static uint32_t lower_address_of(struct lower *l, struct node *n)
{
    struct node *operand = tree_skip_parens(n->child[0]);

    if (type_class(operand->type) == TYPE_FUNCTION)
        return lower_value(l, operand);
    struct place p = place_of(l, operand);
    if (p.kind == PLACE_REG)            /* cannot be: lower_tree saw the & */
        return ex_unknown(l, SCALAR_PTR);
    place_hand_out(l, &p, type_pointee(n->type));
    return p.address;
}

static uint32_t lower_unary(struct lower *l, struct node *n, bool wanted)
{
    enum scalar type = type_scalar(n->type);

    switch (clang_getCursorUnaryOperatorKind(n->cursor)) {
    case CXUnaryOperator_PostInc: return lower_step(l, n, 1, true, wanted);
    case CXUnaryOperator_PostDec: return lower_step(l, n, -1, true, wanted);
    case CXUnaryOperator_PreInc:  return lower_step(l, n, 1, false, wanted);
    case CXUnaryOperator_PreDec:  return lower_step(l, n, -1, false, wanted);
    case CXUnaryOperator_AddrOf:
        return lower_address_of(l, n);
    case CXUnaryOperator_Deref: {
        if (type_class(n->type) == TYPE_FUNCTION)
            return lower_value(l, n->child[0]);
        struct place p = place_of(l, n);
        return place_load(l, &p);
    }
    case CXUnaryOperator_Plus: case CXUnaryOperator_Extension:
        return lower_value(l, n->child[0]);
    case CXUnaryOperator_Minus:
        return ex_unary(l, OP_NEG, type, lower_value(l, n->child[0]));
    case CXUnaryOperator_Not:
        return ex_unary(l, OP_INVERT, type, lower_value(l, n->child[0]));
    case CXUnaryOperator_LNot: {
        struct node *inner = cond_truth_of(n->child[0]);

        if (cond_is_logical(inner))
            return lower_truth(l, n);
        uint32_t v = lower_value(l, inner);
        if (type_class(inner->type) == TYPE_SCALAR && type_scalar(inner->type) == SCALAR_FLOAT)
            return ex_cast(l, SCALAR_I32, ex_unknown(l, SCALAR_BOOL));
        return ex_unary(l, OP_NOT, type_class(inner->type) == TYPE_SCALAR ? type_scalar(inner->type)
                                                                          : SCALAR_PTR, v);
    }
    default:                            /* real, imag: floating */
        lower_effect(l, n->child[0]);
        return ex_unknown(l, type);
    }
}

/* ---- what libclang calls unexposed --------------------------------------------------- */

static uint32_t lower_conversion(struct lower *l, struct node *n)
{
    struct node *from = n->child[n->count - 1];
    uint32_t v = lower_value(l, from);

    if (type_class(n->type) == TYPE_VOID)
        return v;
    return lower_convert(l, v, from->type, n->type);
}

static bool begins(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

/* Implicit conversions mostly; the rest is told apart by its shape and first word. */
static uint32_t lower_unexposed(struct lower *l, struct node *n)
{
    char word[64];

    if (!n->count || n->child[0]->kind == CXCursor_MemberRef)       /* offsetof */
        return constant_or_unknown(l, n);
    if (n->count == 1 && clang_equalLocations(clang_getCursorLocation(n->cursor),
                                              clang_getCursorLocation(n->child[0]->cursor)))
        return lower_conversion(l, n);
    if (n->count == 4 && clang_equalCursors(n->child[0]->cursor, n->child[1]->cursor))
        return lower_elvis(l, n);
    source_word(l, n->cursor, word, sizeof word);
    if (begins(word, "__c11_atomic") || begins(word, "__atomic") || begins(word, "__scoped_atomic"))
        return lower_atomic(l, n, word);
    if (!strcmp(word, "__builtin_va_arg"))
        return lower_va_arg(l, n);
    if (!strcmp(word, "__builtin_choose_expr") && n->count == 3) {
        int64_t first = 1;

        lower_constant(n->child[0]->cursor, &first);
        return lower_value(l, n->child[first ? 1 : 2]);
    }
    if (n->count == 1)
        return lower_conversion(l, n);
    int64_t number;
    if (lower_constant(n->cursor, &number))
        return ex_const(l, type_scalar(n->type), number);
    lower_note(l, lower_loc(l, n->cursor), "expression '%s'", word);
    return ex_unknown(l, type_scalar(n->type));
}

/* The same function or variable, named twice. */
static bool is_same_name(struct node *a, struct node *b)
{
    a = tree_skip_casts(a);
    b = tree_skip_casts(b);
    return a->kind == CXCursor_DeclRefExpr && b->kind == CXCursor_DeclRefExpr &&
           clang_equalCursors(clang_getCursorReferenced(a->cursor), clang_getCursorReferenced(b->cursor));
}

static uint32_t lower_generic(struct lower *l, struct node *n)
{
    int choice = n->count == 2 ? 0 : -1;

    for (uint32_t i = 1, found = 0; n->count > 2 && i < n->count; i++)
        if (clang_equalTypes(clang_getCanonicalType(n->type), clang_getCanonicalType(n->child[i]->type)) &&
            !(found && is_same_name(n->child[choice + 1], n->child[i])))
            choice = found++ ? -1 : (int)i - 1;
    if (choice < 0)
        choice = source_generic_choice(l, n);
    if (choice < 0 || (uint32_t)choice + 1 >= n->count) {
        lower_note(l, lower_loc(l, n->cursor), "_Generic");
        return constant_or_unknown(l, n);
    }
    return lower_value(l, n->child[choice + 1]);
}

static uint32_t lower_reference(struct lower *l, struct node *n)
{
    CXCursor decl = clang_getCursorReferenced(n->cursor);

    switch (decl.kind) {
    case CXCursor_EnumConstantDecl:
        return ex_const(l, type_scalar(n->type), clang_getEnumConstantDeclValue(decl));
    case CXCursor_FunctionDecl:
        return ex_global(l, lower_symbol(l, decl));
    case CXCursor_VarDecl: case CXCursor_ParmDecl: {
        struct place p = place_of_local(l, decl);

        return place_load(l, &p);
    }
    default:
        return constant_or_unknown(l, n);
    }
}

/* {0} for a scalar, or a record without a name. */
static uint32_t lower_braces(struct lower *l, struct node *n)
{
    if (type_class(n->type) == TYPE_SCALAR)
        return n->count ? lower_convert(l, lower_value(l, n->child[0]), n->child[0]->type, n->type)
                        : ex_const(l, type_scalar(n->type), 0);
    uint32_t slot = build_slot(l, pool_string(&l->pool, ""), type_size(n->type));
    struct place p = { .kind = PLACE_MEMORY, .key = type_element_key(l, n->type), .type = n->type };
    build_decl(l, slot);
    p.address = ex_slot(l, slot);
    init_local(l, &p, n);
    return p.address;
}

/* ---- values ------------------------------------------------------------------------- */

static uint32_t value_of(struct lower *l, struct node *n, bool wanted)
{
    switch (n->kind) {
    case CXCursor_ParenExpr:
        return value_of(l, n->child[0], wanted);
    case CXCursor_UnexposedExpr:
        return lower_unexposed(l, n);
    case CXCursor_DeclRefExpr:
        return lower_reference(l, n);
    case CXCursor_MemberRefExpr: case CXCursor_ArraySubscriptExpr: {
        struct place p = place_of(l, n);

        return place_load(l, &p);
    }
    case CXCursor_CompoundLiteralExpr: {
        struct place p = { .kind = PLACE_MEMORY, .type = n->type, .address = init_literal(l, n) };

        p.key = type_element_key(l, n->type);
        return place_load(l, &p);
    }
    case CXCursor_StringLiteral:
        return ex_string(l, place_string(l, n));
    case CXCursor_UnaryOperator:
        return lower_unary(l, n, wanted);
    case CXCursor_BinaryOperator:
        return lower_binary(l, n, wanted);
    case CXCursor_CompoundAssignOperator:
        return lower_compound_assignment(l, n, wanted);
    case CXCursor_ConditionalOperator:
        return lower_choice(l, n, n->child[0], n->child[1], n->child[2], wanted);
    case CXCursor_CallExpr:
        return lower_call(l, n, FLOW_NONE, wanted);
    case CXCursor_CStyleCastExpr:
        return n->count ? lower_conversion(l, n) : constant_or_unknown(l, n);
    case CXCursor_InitListExpr:
        return lower_braces(l, n);
    case CXCursor_StmtExpr:
        return lower_stmt_expr(l, n);
    case CXCursor_GenericSelectionExpr:
        return lower_generic(l, n);
    case CXCursor_AddrLabelExpr:
        return n->count ? ex_const(l, SCALAR_PTR, lower_label_address(l, n->child[0]->cursor)) : ex_unknown(l, SCALAR_PTR);
    case CXCursor_IntegerLiteral: case CXCursor_CharacterLiteral: case CXCursor_UnaryExpr:
    case CXCursor_FloatingLiteral: case CXCursor_ImaginaryLiteral:
    case CXCursor_ObjCBoolLiteralExpr: case CXCursor_CXXBoolLiteralExpr: case CXCursor_GNUNullExpr:
    case CXCursor_CXXNullPtrLiteralExpr:
        return constant_or_unknown(l, n);
    default: {
        CXString kind = clang_getCursorKindSpelling(n->kind);

        lower_note(l, lower_loc(l, n->cursor), "expression of kind %s", clang_getCString(kind));
        clang_disposeString(kind);
        return constant_or_unknown(l, n);
    }
    }
}

uint32_t lower_value(struct lower *l, struct node *n)
{
    return value_of(l, n, true);
}

void lower_effect(struct lower *l, struct node *n)
{
    struct node *inner = tree_skip_casts(n);
    bool cast_call = inner->kind == CXCursor_CallExpr || inner->kind == CXCursor_BinaryOperator ||
                     inner->kind == CXCursor_ConditionalOperator;

    value_of(l, cast_call ? inner : n, false);
}
