#include "unit_outline.h"

#include <string.h>

#include "unit_contexts.h"

struct outliner {
    CXTranslationUnit    tu;
    CXFile               file;
    const struct models *models;
    struct arena        *arena;
    struct outline_node *nodes;  uint32_t count, capacity;
    char                *names;  uint32_t name_size, name_capacity;
    uint32_t            *words, *unless, *unless_ok;    /* FLOW_OP_COUNT of each */
    const char          *scoped;
    CXCursor             done;      /* the function that a context's channel comes from */
    struct contexts      contexts;
};

struct cursors {
    struct arena *arena;
    CXCursor     *list;
    uint32_t      count, capacity;
};

/* ---- names ------------------------------------------------------------------------------ */

static uint32_t add_name(struct outliner *o, const char *name)
{
    uint32_t at = o->name_size;

    do
        ARENA_PUSH(o->arena, o->names, o->name_size, o->name_capacity) = *name;
    while (*name++);
    return at;
}

static uint32_t spelling(struct outliner *o, CXCursor cursor)
{
    CXString text = clang_getCursorSpelling(cursor);
    uint32_t at = add_name(o, clang_getCString(text));

    clang_disposeString(text);
    return at;
}

/* ---- places ------------------------------------------------------------------------------- */

static bool from_macro(CXSourceLocation location)
{
    CXFile expanded, spelled;
    unsigned at, offset;

    clang_getExpansionLocation(location, &expanded, NULL, NULL, &at);
    clang_getSpellingLocation(location, &spelled, NULL, NULL, &offset);
    return at != offset || !clang_File_isEqual(expanded, spelled);
}

/* False: it is not in the file. */
static bool place(struct outliner *o, CXCursor cursor, struct outline_node *n)
{
    CXSourceRange range = clang_getCursorExtent(cursor);
    CXSourceLocation begin = clang_getRangeStart(range), end = clang_getRangeEnd(range);
    CXFile first, last;

    clang_getFileLocation(begin, &first, &n->line, &n->col, &n->begin);
    clang_getFileLocation(end, &last, NULL, NULL, &n->end);
    n->macro_begin = from_macro(begin);
    n->macro_end = from_macro(end);
    return first && last && clang_File_isEqual(first, o->file) && clang_File_isEqual(last, o->file) &&
           n->begin <= n->end;
}

static uint32_t add(struct outliner *o, struct outline_node node)
{
    ARENA_PUSH(o->arena, o->nodes, o->count, o->capacity) = node;
    return o->count - 1;
}

/* ---- what a function does ------------------------------------------------------------------- */

struct meaning {
    uint8_t op;
    bool    mapped;     /* arguments are not the operation's */
};

static enum CXChildVisitResult note_child(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)cursor;
    (void)parent;
    *(bool *)data = true;
    return CXChildVisit_Break;
}

static enum CXChildVisitResult read_attribute(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct meaning *m = data;

    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_CompoundStmt)
        return CXChildVisit_Break;
    if (clang_getCursorKind(cursor) != CXCursor_AnnotateAttr)
        return CXChildVisit_Continue;
    CXString text = clang_getCursorSpelling(cursor);
    const char *word = clang_getCString(text);

    if (!strncmp(word, "chanleak:", 9)) {
        m->op = (uint8_t)flow_op_from_word(word + 9);
        clang_visitChildren(cursor, note_child, &m->mapped);
    }
    clang_disposeString(text);
    return CXChildVisit_Continue;
}

static struct meaning meaning_of(const struct outliner *o, CXCursor function)
{
    struct meaning m = { .op = FLOW_OP_NONE };
    CXString name = clang_getCursorSpelling(function);
    const struct model *model;

    if (clang_Cursor_hasAttrs(function))
        clang_visitChildren(function, read_attribute, &m);
    model = m.op == FLOW_OP_NONE && o->models ? models_find(o->models, clang_getCString(name)) : NULL;
    if (model)
        m = (struct meaning){ model->op, model->mapped };
    clang_disposeString(name);
    return m;
}

/* `#define WORD __attribute__((cleanup(FUNCTION)))`, in the file that declares the function. */
static void find_scoped(struct outliner *o, CXCursor function)
{
    CXString name = clang_getCursorSpelling(function);
    const char *attribute = arena_printf(o->arena, "__attribute__((cleanup(%s)))", clang_getCString(name));
    const char *text, *found;
    size_t size, n = 0;
    CXFile file;

    clang_disposeString(name);
    o->scoped = attribute;
    clang_getFileLocation(clang_getCursorLocation(function), &file, NULL, NULL, NULL);
    text = file ? clang_getFileContents(o->tu, file, &size) : NULL;
    found = text ? memmem(text, size, attribute, strlen(attribute)) : NULL;
    if (!found)
        return;
    while (found > text && found[-1] == ' ')
        found--;
    while (found - n > text && found[-1 - (long)n] != ' ' && found[-1 - (long)n] != '\n')
        n++;
    if (found - n - text >= 8 && !memcmp(found - n - 8, "#define ", 8))
        o->scoped = arena_printf(o->arena, "%.*s", (int)n, found - n);
}

struct unless {
    struct outliner *to;
    enum flow_op     op;
};

static enum CXChildVisitResult read_unless(CXCursor cursor, CXCursor parent, CXClientData data)
{
    static const char plain[] = "chanleak-unless:", ok[] = "chanleak-unless-ok:";
    const struct unless *u = data;
    CXString text;
    const char *word;

    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_AnnotateAttr)
        return CXChildVisit_Continue;
    text = clang_getCursorSpelling(cursor);
    word = clang_getCString(text);
    if (!strncmp(word, plain, sizeof plain - 1))
        u->to->unless[u->op] = add_name(u->to, word + sizeof plain - 1);
    else if (!strncmp(word, ok, sizeof ok - 1))
        u->to->unless_ok[u->op] = add_name(u->to, word + sizeof ok - 1);
    clang_disposeString(text);
    return CXChildVisit_Continue;
}

static enum CXChildVisitResult read_declaration(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct outliner *o = data;
    struct meaning m;

    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_FunctionDecl)
        return CXChildVisit_Continue;
    m = meaning_of(o, cursor);
    if (m.op >= FLOW_OP_COUNT || m.mapped || o->words[m.op] ||
        clang_Cursor_getNumArguments(cursor) != (int)flow_op_args(m.op))
        return CXChildVisit_Continue;
    o->words[m.op] = spelling(o, cursor);
    clang_visitChildren(cursor, read_unless, &(struct unless){ o, m.op });
    if (m.op == FLOW_CTX_DONE)
        o->done = cursor;
    if (m.op == FLOW_CTX_SCOPE_END)
        find_scoped(o, cursor);
    return CXChildVisit_Continue;
}

/* ---- the tree ---------------------------------------------------------------------------------- */

static enum CXChildVisitResult collect(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct cursors *c = data;

    (void)parent;
    ARENA_PUSH(c->arena, c->list, c->count, c->capacity) = cursor;
    return CXChildVisit_Continue;
}

static struct cursors children_of(struct outliner *o, CXCursor cursor)
{
    struct cursors c = { .arena = o->arena };

    clang_visitChildren(cursor, collect, &c);
    return c;
}

/* What a macro wraps around its argument, (x) or a conversion, is not the argument's text. */
static CXCursor unwrapped(struct outliner *o, CXCursor cursor)
{
    enum CXCursorKind kind = clang_getCursorKind(cursor);

    while ((kind == CXCursor_ParenExpr || kind == CXCursor_UnexposedExpr) &&
           from_macro(clang_getRangeStart(clang_getCursorExtent(cursor)))) {
        struct cursors inner = children_of(o, cursor);

        if (!inner.count)
            break;
        cursor = inner.list[0];
        kind = clang_getCursorKind(cursor);
    }
    return cursor;
}

/* Is it written where it stands, and not what a macro's name stands for? */
static bool is_written(CXCursor cursor, const struct outline_node *n)
{
    unsigned offset;

    clang_getSpellingLocation(clang_getRangeStart(clang_getCursorExtent(cursor)), NULL, NULL, NULL, &offset);
    return offset == n->begin;
}

static void add_arguments(struct outliner *o, CXCursor call, uint32_t parent, unsigned count)
{
    const struct outline_node around = o->nodes[parent];

    for (unsigned i = 0; i < count && (int)i < clang_Cursor_getNumArguments(call); i++) {
        CXCursor argument = unwrapped(o, clang_Cursor_getArgument(call, i));
        struct outline_node n = { .op = FLOW_OP_NONE };

        /* out of a macro's body it begins where the macro is used */
        if (!place(o, argument, &n) || n.begin <= around.begin || n.end >= around.end || !is_written(argument, &n))
            n.begin = n.end = around.begin;
        n.kind = OUTLINE_ARGUMENT;
        n.parent = parent;
        add(o, n);
    }
}

static void read_callee(struct outliner *o, CXCursor call, struct outline_node *n)
{
    CXCursor callee = clang_getCursorReferenced(call);
    struct meaning m;

    if (clang_getCursorKind(callee) != CXCursor_FunctionDecl)
        return;
    m = meaning_of(o, clang_getCanonicalCursor(callee));
    n->name = spelling(o, callee);
    n->op = m.mapped || m.op >= FLOW_OP_COUNT ? FLOW_OP_NONE : m.op;
}

/* ---- contexts ------------------------------------------------------------------------------------ */

static bool makes_context(void *self, CXCursor call)
{
    CXCursor callee = clang_getCursorReferenced(call);
    uint8_t op = clang_getCursorKind(callee) == CXCursor_FunctionDecl
        ? meaning_of(self, clang_getCanonicalCursor(callee)).op : FLOW_OP_NONE;

    return op == FLOW_CTX_RETAIN || op == FLOW_CTX_MAKE || op == FLOW_CTX_MAKE_TIMEOUT || op == FLOW_CTX_BACKGROUND;
}

struct context_place {
    struct outliner    *outliner;
    struct outline_node node;
};

static void add_context(void *to, const char *text, bool held)
{
    struct context_place *p = to;

    p->node.op = held ? FLOW_CTX_RETAIN : FLOW_OP_NONE;
    p->node.name = add_name(p->outliner, text);
    add(p->outliner, p->node);
}

/* Contexts that a variable leads to, as nodes below `parent`: where it can be seen. */
static void add_contexts(struct outliner *o, CXCursor variable, uint32_t parent)
{
    struct context_place p = { o, { .op = FLOW_OP_NONE } };

    if (!place(o, variable, &p.node))
        return;
    p.node.kind = OUTLINE_CONTEXT;
    p.node.parent = parent;
    contexts_of(&o->contexts, variable, add_context, &p);
}

/* ---- nodes ---------------------------------------------------------------------------------------- */

static void read_variable(struct outliner *o, CXCursor variable, struct outline_node *n)
{
    unsigned offset;

    n->name = spelling(o, variable);
    clang_getFileLocation(clang_getCursorLocation(variable), NULL, NULL, NULL, &offset);
    n->end = offset + (uint32_t)strlen(o->names + n->name);
}

static int kind_of(CXCursor cursor)
{
    switch (clang_getCursorKind(cursor)) {
    case CXCursor_CompoundStmt:
        return OUTLINE_BLOCK;
    case CXCursor_IfStmt:
        return OUTLINE_IF;
    case CXCursor_ForStmt:
    case CXCursor_WhileStmt:
    case CXCursor_DoStmt:
        return OUTLINE_LOOP;
    case CXCursor_SwitchStmt:
        return OUTLINE_SWITCH;
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
        return OUTLINE_CASE;
    case CXCursor_LabelStmt:
        return OUTLINE_LABEL;
    case CXCursor_ReturnStmt:
        return OUTLINE_RETURN;
    case CXCursor_BreakStmt:
    case CXCursor_ContinueStmt:
    case CXCursor_GotoStmt:
        return OUTLINE_JUMP;
    case CXCursor_DeclStmt:
        return OUTLINE_DECL;
    case CXCursor_VarDecl:
        return OUTLINE_VARIABLE;
    case CXCursor_CallExpr:
        return OUTLINE_CALL;
    case CXCursor_DeclRefExpr:
        return OUTLINE_USE;
    default:
        return -1;
    }
}

/* Is child `at` of `count` a statement, and not a part of the head? */
static bool is_statement(CXCursor parent, uint32_t at, uint32_t count)
{
    switch (clang_getCursorKind(parent)) {
    case CXCursor_CompoundStmt:
        return true;
    case CXCursor_IfStmt:
        return at > 0;
    case CXCursor_ForStmt:
    case CXCursor_WhileStmt:
    case CXCursor_SwitchStmt:
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
    case CXCursor_LabelStmt:
        return at == count - 1;
    case CXCursor_DoStmt:
        return at == 0;
    default:
        return false;
    }
}

/* `i < n` in the head of a loop. */
static void add_bound(struct outliner *o, CXCursor head, uint32_t parent)
{
    enum CXBinaryOperatorKind kind = clang_getCursorBinaryOperatorKind(head);
    struct cursors sides = children_of(o, head);
    struct outline_node n = { .op = FLOW_OP_NONE };

    if (kind < CXBinaryOperator_LT || kind > CXBinaryOperator_NE || kind == CXBinaryOperator_EQ ||
        sides.count != 2 || !place(o, sides.list[1], &n))
        return;
    n.kind = OUTLINE_BOUND;
    n.parent = parent;
    add(o, n);
}

static void visit(struct outliner *o, CXCursor cursor, uint32_t parent);

static void visit_child(struct outliner *o, CXCursor child, bool statement, uint32_t parent)
{
    struct outline_node n = { .kind = OUTLINE_EXPRESSION, .op = FLOW_OP_NONE, .parent = parent };
    int kind = kind_of(child);

    if (!place(o, child, &n)) {
        visit(o, child, parent);
        return;
    }
    if (statement && clang_isExpression(clang_getCursorKind(child)))
        n.parent = add(o, n);
    if (kind < 0) {
        visit(o, child, n.parent);
        return;
    }
    n.kind = (uint8_t)kind;
    if (kind == OUTLINE_CALL)
        read_callee(o, child, &n);
    else if (kind == OUTLINE_VARIABLE)
        read_variable(o, child, &n);
    else if (kind == OUTLINE_USE)
        n.name = spelling(o, child);
    parent = add(o, n);
    if (kind == OUTLINE_VARIABLE)
        add_contexts(o, child, parent);
    if (n.op < FLOW_OP_COUNT)
        add_arguments(o, child, parent, flow_op_args(n.op));
    visit(o, child, parent);
}

static void visit(struct outliner *o, CXCursor cursor, uint32_t parent)
{
    struct cursors c = children_of(o, cursor);
    bool loop = kind_of(cursor) == OUTLINE_LOOP;

    for (uint32_t i = 0; i < c.count; i++) {
        bool statement = is_statement(cursor, i, c.count);

        if (loop && !statement)
            add_bound(o, c.list[i], parent);
        visit_child(o, c.list[i], statement, parent);
    }
}

static uint8_t result_of(CXCursor function)
{
    CXType type = clang_getCanonicalType(clang_getCursorResultType(function));

    return type.kind == CXType_Void ? RESULT_VOID : type.kind == CXType_Bool ? RESULT_BOOL : RESULT_OTHER;
}

static void visit_function(struct outliner *o, CXCursor cursor)
{
    struct outline_node n = { .kind = OUTLINE_FUNCTION, .op = FLOW_OP_NONE, .parent = FLOW_NONE };
    uint32_t at;

    if (!clang_isCursorDefinition(cursor) || !place(o, cursor, &n))
        return;
    n.name = spelling(o, cursor);
    n.result = result_of(cursor);
    at = add(o, n);
    for (int i = 0; i < clang_Cursor_getNumArguments(cursor); i++)
        add_contexts(o, clang_Cursor_getArgument(cursor, (unsigned)i), at);
    visit(o, cursor, at);
}

static enum CXChildVisitResult visit_top(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_FunctionDecl)
        visit_function(data, cursor);
    else if (clang_getCursorKind(cursor) == CXCursor_VarDecl)
        add_contexts(data, cursor, FLOW_NONE);
    return CXChildVisit_Continue;
}

void unit_outline(const struct unit *unit, const char *path, const struct models *models, struct message *message)
{
    struct outliner o = { .tu = unit->tu, .models = models, .arena = message->arena };
    CXCursor top = clang_getTranslationUnitCursor(unit->tu);
    struct outline outline;

    o.words = ARENA_ARRAY(o.arena, uint32_t, FLOW_OP_COUNT);
    o.unless = ARENA_ARRAY(o.arena, uint32_t, FLOW_OP_COUNT);
    o.unless_ok = ARENA_ARRAY(o.arena, uint32_t, FLOW_OP_COUNT);
    o.done = clang_getNullCursor();
    o.contexts = (struct contexts){ .arena = o.arena, .makes = makes_context, .self = &o };
    o.file = clang_getFile(unit->tu, path);
    add_name(&o, "");
    clang_visitChildren(top, read_declaration, &o);
    if (!clang_Cursor_isNull(o.done))
        contexts_read(&o.contexts, o.tu, o.file, o.done);
    clang_visitChildren(top, visit_top, &o);
    outline = (struct outline){ .nodes = o.nodes, .count = o.count, .names = o.names, .words = o.words,
                                .unless = o.unless, .unless_ok = o.unless_ok, .scoped = o.scoped };
    outline_pack(&outline, o.name_size, message);
}
