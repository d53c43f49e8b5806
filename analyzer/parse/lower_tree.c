/* libclang shows a body only to visitors; lowering wants to look at children by
 * number. One visit copies the expressions and statements into nodes and
 * notices on the way whose address is taken, which decides what may live in a
 * register. */
#include "lower_internal.h"

struct visit {
    struct lower *lower;
    struct node  *parent;
};

static struct node *build(struct lower *l, CXCursor cursor, struct node *parent);

/* ---- locals ---------------------------------------------------------------- */

static struct local *local_place(struct lower *l, CXCursor decl)
{
    for (uint32_t at = clang_hashCursor(decl);; at++) {
        struct local *local = &l->locals[at & (l->local_size - 1)];

        if (!local->used || clang_equalCursors(local->decl, decl))
            return local;
    }
}

static void locals_widen(struct lower *l)
{
    struct local *old = l->locals;
    uint32_t size = l->local_size;

    l->local_size = size ? size * 2 : 32;
    l->locals = ARENA_ARRAY(l->scratch, struct local, l->local_size);
    for (uint32_t i = 0; i < size; i++)
        if (old[i].used)
            *local_place(l, old[i].decl) = old[i];
}

struct local *local_of(struct lower *l, CXCursor decl)
{
    if (l->local_count * 2 >= l->local_size)
        locals_widen(l);
    struct local *local = local_place(l, decl);
    if (!local->used) {
        *local = (struct local){ .decl = decl, .used = true };
        l->local_count++;
    }
    return local;
}

/* ---- looking at nodes ------------------------------------------------------- */

struct node *tree_skip_parens(struct node *n)
{
    while (n->count &&
           (n->kind == CXCursor_ParenExpr ||
            (n->kind == CXCursor_UnaryOperator &&
             clang_getCursorUnaryOperatorKind(n->cursor) == CXUnaryOperator_Extension)))
        n = n->child[0];
    return n;
}

struct node *tree_skip_casts(struct node *n)
{
    for (;;) {
        n = tree_skip_parens(n);
        bool cast = (n->kind == CXCursor_UnexposedExpr && n->count == 1) ||
                    n->kind == CXCursor_CStyleCastExpr;
        if (!cast || !n->count)
            return n;
        n = n->child[n->count - 1];
    }
}

bool tree_is_under(const struct node *n, const struct node *ancestor)
{
    while (n && n != ancestor)
        n = n->parent;
    return n != NULL;
}

static void mark_addressed(struct lower *l, struct node *operand)
{
    struct node *n = tree_skip_parens(operand);

    if (n->kind != CXCursor_DeclRefExpr)
        return;
    CXCursor decl = clang_getCursorReferenced(n->cursor);
    if (decl.kind == CXCursor_VarDecl || decl.kind == CXCursor_ParmDecl)
        local_of(l, decl)->addressed = true;
}

/* ---- building ---------------------------------------------------------------- */

static bool is_wanted(enum CXCursorKind kind)
{
    return clang_isExpression(kind) || clang_isStatement(kind) || kind == CXCursor_VarDecl ||
           kind == CXCursor_MemberRef || kind == CXCursor_LabelRef;
}

static enum CXChildVisitResult visit_child(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct visit *v = data;
    enum CXCursorKind kind = clang_getCursorKind(cursor);

    (void)parent;
    if (is_wanted(kind)) {
        struct node *n = build(v->lower, cursor, v->parent);

        ARENA_PUSH(v->lower->scratch, v->parent->child, v->parent->count, v->parent->capacity) = n;
    }
    return CXChildVisit_Continue;
}

static void visit_children(struct lower *l, struct node *n)
{
    struct visit v = { l, n };

    clang_visitChildren(n->cursor, visit_child, &v);
}

/* Of a variable only the initialiser counts; its type's expressions do not. */
static void build_variable(struct lower *l, struct node *n)
{
    CXCursor init = clang_Cursor_getVarDeclInitializer(n->cursor);

    if (clang_Cursor_isNull(init) || clang_isInvalid(init.kind))
        return;
    struct node *child = build(l, init, n);
    ARENA_PUSH(l->scratch, n->child, n->count, n->capacity) = child;
}

static struct node *build(struct lower *l, CXCursor cursor, struct node *parent)
{
    struct node *n = ARENA_NEW(l->scratch, struct node);

    n->cursor = cursor;
    n->kind = clang_getCursorKind(cursor);
    n->parent = parent;
    n->order = l->nodes++;
    if (clang_isExpression(n->kind) || n->kind == CXCursor_VarDecl)
        n->type = clang_getCursorType(cursor);
    switch (n->kind) {
    case CXCursor_UnaryExpr:            /* sizeof, alignof: not evaluated */
    case CXCursor_IntegerLiteral: case CXCursor_StringLiteral: case CXCursor_CharacterLiteral:
    case CXCursor_FloatingLiteral: case CXCursor_DeclRefExpr: case CXCursor_NullStmt:
        break;
    case CXCursor_VarDecl:
        build_variable(l, n);
        break;
    default:
        visit_children(l, n);
        break;
    }
    if (n->kind == CXCursor_UnaryOperator && n->count &&
        clang_getCursorUnaryOperatorKind(cursor) == CXUnaryOperator_AddrOf)
        mark_addressed(l, n->child[0]);
    return n;
}

struct node *tree_of(struct lower *l, CXCursor cursor)
{
    return build(l, cursor, NULL);
}
