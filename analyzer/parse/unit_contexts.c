#include "unit_contexts.h"

enum { MEMBERS_MAX = 2 };       /* a->b->ctx */

/* ---- what is set ----------------------------------------------------------------------------- */

struct list {
    struct arena *arena;
    CXCursor     *items;
    uint32_t      count, capacity;
};

static enum CXChildVisitResult add_child(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct list *l = data;

    (void)parent;
    ARENA_PUSH(l->arena, l->items, l->count, l->capacity) = cursor;
    return CXChildVisit_Continue;
}

static struct list children_of(struct arena *arena, CXCursor cursor)
{
    struct list l = { .arena = arena };

    clang_visitChildren(cursor, add_child, &l);
    return l;
}

static enum CXVisitorResult add_member(CXCursor cursor, CXClientData data)
{
    struct list *l = data;

    ARENA_PUSH(l->arena, l->items, l->count, l->capacity) = cursor;
    return CXVisit_Continue;
}

static struct list members_of(struct arena *arena, CXType record)
{
    struct list l = { .arena = arena };

    if (record.kind == CXType_Record)
        clang_Type_visitFields(record, add_member, &l);
    return l;
}

static struct context_member *given(const struct contexts *c, CXCursor member)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (clang_equalCursors(c->given[i].member, member))
            return &c->given[i];
    return NULL;
}

/* Past conversions and parentheses. */
static CXCursor unwrapped(struct arena *arena, CXCursor value)
{
    while (clang_getCursorKind(value) == CXCursor_UnexposedExpr || clang_getCursorKind(value) == CXCursor_ParenExpr) {
        struct list inner = children_of(arena, value);

        if (inner.count != 1)
            break;
        value = inner.items[0];
    }
    return value;
}

static bool is_held(const struct contexts *c, CXCursor value)
{
    const struct context_member *of;

    value = unwrapped(c->arena, value);
    if (clang_getCursorKind(value) == CXCursor_CallExpr)
        return c->makes(c->self, value);
    of = clang_getCursorKind(value) == CXCursor_MemberRefExpr ? given(c, clang_getCursorReferenced(value)) : NULL;
    return of && of->held;
}

static void give(struct contexts *c, CXCursor member, CXCursor value)
{
    struct context_member *known = given(c, member);

    if (known)
        known->held = known->held && is_held(c, value);
    else if (clang_getCursorKind(member) == CXCursor_FieldDecl)
        ARENA_PUSH(c->arena, c->given, c->count, c->capacity) = (struct context_member){ member, is_held(c, value) };
}

/* { .ctx = x } or { x }, of a structure or an array of them. */
static void read_list(struct contexts *c, CXCursor list, CXType type)
{
    struct list values = children_of(c->arena, list), members;

    type = clang_getCanonicalType(type);
    members = members_of(c->arena, type);
    for (uint32_t i = 0; i < values.count; i++) {
        CXCursor value = values.items[i], member = clang_getNullCursor();
        struct list parts = children_of(c->arena, value);

        if (parts.count && clang_getCursorKind(parts.items[0]) == CXCursor_MemberRef) {
            member = clang_getCursorReferenced(parts.items[0]);
            value = parts.items[parts.count - 1];
        } else if (i < members.count) {
            member = members.items[i];
        }
        give(c, member, value);
        if (clang_getCursorKind(value) == CXCursor_InitListExpr)
            read_list(c, value, clang_Cursor_isNull(member) ? clang_getArrayElementType(type)
                                                            : clang_getCursorType(member));
    }
}

static enum CXChildVisitResult read_cursor(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct contexts *c = data;
    enum CXCursorKind kind = clang_getCursorKind(cursor), outer = clang_getCursorKind(parent);

    if (kind == CXCursor_InitListExpr && (outer == CXCursor_VarDecl || outer == CXCursor_CompoundLiteralExpr))
        read_list(c, cursor, clang_getCursorType(parent));
    if (kind == CXCursor_BinaryOperator && clang_getCursorBinaryOperatorKind(cursor) == CXBinaryOperator_Assign) {
        struct list sides = children_of(c->arena, cursor);

        if (sides.count == 2 && clang_getCursorKind(sides.items[0]) == CXCursor_MemberRefExpr)
            give(c, clang_getCursorReferenced(sides.items[0]), sides.items[1]);
    }
    return CXChildVisit_Recurse;
}

struct reader {
    struct contexts *contexts;
    CXFile           file;
};

static enum CXChildVisitResult read_top(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct reader *r = data;
    CXFile file;

    clang_getFileLocation(clang_getCursorLocation(cursor), &file, NULL, NULL, NULL);
    if (file && clang_File_isEqual(file, r->file)) {
        read_cursor(cursor, parent, r->contexts);
        clang_visitChildren(cursor, read_cursor, r->contexts);
    }
    return CXChildVisit_Continue;
}

void contexts_read(struct contexts *c, CXTranslationUnit tu, CXFile file, CXCursor done)
{
    struct reader r = { c, file };

    c->type = clang_getCanonicalType(clang_getCursorType(clang_Cursor_getArgument(done, 0)));
    if (c->type.kind == CXType_Pointer)
        clang_visitChildren(clang_getTranslationUnitCursor(tu), read_top, &r);
}

/* ---- what can be named ------------------------------------------------------------------------- */

struct path {
    const struct contexts *contexts;
    void                 (*each)(void *to, const char *text, bool held);
    void                  *to;
};

static void follow(const struct path *p, CXType type, const char *text, bool held, unsigned left)
{
    struct arena *arena = p->contexts->arena;
    const char *arrow = ".";
    struct list members;

    type = clang_getCanonicalType(type);
    if (clang_equalTypes(type, p->contexts->type)) {
        p->each(p->to, text, held);
        return;
    }
    if (type.kind == CXType_Pointer) {
        arrow = "->";
        type = clang_getCanonicalType(clang_getPointeeType(type));
    }
    members = members_of(arena, type);
    for (uint32_t i = 0; left && i < members.count; i++) {
        const struct context_member *member = given(p->contexts, members.items[i]);
        CXString name = clang_getCursorSpelling(members.items[i]);

        if (member)
            follow(p, clang_getCursorType(members.items[i]),
                   arena_printf(arena, "%s%s%s", text, arrow, clang_getCString(name)), member->held, left - 1);
        clang_disposeString(name);
    }
}

void contexts_of(const struct contexts *c, CXCursor variable,
                 void (*each)(void *to, const char *text, bool held), void *to)
{
    bool parameter = clang_getCursorKind(variable) == CXCursor_ParmDecl;
    CXCursor value = parameter ? clang_getNullCursor() : clang_Cursor_getVarDeclInitializer(variable);
    CXType type = clang_getCanonicalType(clang_getCursorType(variable));
    struct path p = { c, each, to };
    CXString name = clang_getCursorSpelling(variable);

    /* a pointer that is declared without a value may lead nowhere */
    if (c->type.kind == CXType_Pointer && *clang_getCString(name) &&
        (parameter || type.kind == CXType_Record || !clang_Cursor_isNull(value)))
        follow(&p, type, arena_printf(c->arena, "%s", clang_getCString(name)),
               parameter || (!clang_Cursor_isNull(value) && is_held(c, value)), MEMBERS_MAX);
    clang_disposeString(name);
}
