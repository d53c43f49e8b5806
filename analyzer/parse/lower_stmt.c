/* Statements: control flow, scopes, and the cleanups at their ends. */
#include "lower_internal.h"

#include <string.h>

/* ---- scopes ------------------------------------------------------------------------- */

struct scope {                  /* what to go back to */
    struct node *outer;
    uint32_t     cleanups;
};

static struct scope scope_enter(struct lower *l, struct node *n)
{
    struct scope s = { l->scope, l->cleanup_count };

    l->scope = n;
    return s;
}

/* Emit them, and keep the list. */
static void lower_cleanups_down_to(struct lower *l, uint32_t count)
{
    for (uint32_t i = l->cleanup_count; i > count && l->f.current != FLOW_NONE; i--)
        lower_cleanup(l, &l->cleanups[i - 1]);
}

static void scope_leave(struct lower *l, struct scope s)
{
    lower_cleanups_down_to(l, s.cleanups);
    l->cleanup_count = s.cleanups;
    l->scope = s.outer;
}

static void lower_compound(struct lower *l, struct node *n)
{
    struct scope s = scope_enter(l, n);

    for (uint32_t i = 0; i < n->count; i++)
        lower_stmt(l, n->child[i]);
    scope_leave(l, s);
}

/* ({ ... }): its value outlives the scope. */
static uint32_t kept_value(struct lower *l, struct node *n)
{
    uint32_t v = lower_value(l, n);

    if (type_class(n->type) != TYPE_RECORD)
        return type_class(n->type) == TYPE_SCALAR ? ex_stable(l, type_scalar(n->type), v) : v;
    uint32_t slot = build_slot(l, pool_string(&l->pool, ""), type_size(n->type));
    build_decl(l, slot);
    uint32_t copy = ex_slot(l, slot);
    build_copy(l, copy, v, type_size(n->type));
    return copy;
}

uint32_t lower_stmt_expr(struct lower *l, struct node *n)
{
    struct node *body = n->count ? n->child[0] : n;
    struct scope s = scope_enter(l, body);
    uint32_t v = FLOW_NONE;

    for (uint32_t i = 0; i < body->count; i++) {
        struct node *child = body->child[i];
        bool last = i + 1 == body->count;

        if (last && clang_isExpression(child->kind) && type_class(n->type) != TYPE_VOID)
            v = kept_value(l, child);
        else
            lower_stmt(l, child);
    }
    scope_leave(l, s);
    return v != FLOW_NONE ? v : ex_const(l, SCALAR_I32, 0);
}

/* ---- declarations ------------------------------------------------------------------- */

static bool is_attribute(enum CXCursorKind kind)
{
    return kind == CXCursor_UnexposedAttr;
}

static enum CXChildVisitResult find_attribute(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    if (is_attribute(clang_getCursorKind(cursor)))
        *(bool *)data = true;
    return CXChildVisit_Continue;
}

static const char *cleanup_of(struct lower *l, CXCursor var)
{
    bool found = false;

    if (!clang_Cursor_hasAttrs(var))
        return NULL;
    clang_visitChildren(var, find_attribute, &found);
    return found ? source_cleanup(l, var) : NULL;
}

static void declare_static(struct lower *l, struct node *n, uint32_t name)
{
    struct local *local = local_of(l, n->cursor);
    uint32_t symbol, global;
    const char *function = flow_string(l->flow, l->name), *text = flow_string(l->flow, name);

    if (clang_Cursor_getStorageClass(n->cursor) == CX_SC_Extern || local->placed)
        return;
    uint32_t unique = pool_printf(&l->pool, "%s.%s", function, text);
    global = lower_hidden_global(l, unique, n->type, lower_loc(l, n->cursor), &symbol);
    local = local_of(l, n->cursor);
    local->placed = true;
    local->where = LOCAL_SYMBOL;
    local->index = symbol;
    if (n->count)
        init_global(l, global, n->child[0]->cursor, n->type);
}

static void push_cleanup(struct lower *l, struct node *n, uint32_t slot, const char *function)
{
    ARENA_PUSH(l->scratch, l->cleanups, l->cleanup_count, l->cleanup_capacity) = (struct cleanup){
        .function = lower_symbol_named(l, function), .slot = slot, .scope = l->scope,
        .order = n->order, .decl = n->cursor,
    };
}

static void declare_variable(struct lower *l, struct node *n)
{
    CXString spelling = clang_getCursorSpelling(n->cursor);
    uint32_t name = pool_string(&l->pool, clang_getCString(spelling));

    clang_disposeString(spelling);
    if (clang_Cursor_hasVarDeclGlobalStorage(n->cursor) == 1) {
        declare_static(l, n, name);
        return;
    }
    const char *cleanup = cleanup_of(l, n->cursor);
    if (cleanup)
        local_of(l, n->cursor)->addressed = true;
    struct place p = place_of_local(l, n->cursor);
    if (p.kind == PLACE_MEMORY)
        build_decl(l, local_of(l, n->cursor)->index);
    if (n->count) {
        l->result_name = name;
        p.atomic = false;               /* an initialisation is not atomic */
        init_local(l, &p, n->child[0]);
        l->result_name = FLOW_NONE;
    }
    if (cleanup) {
        place_hand_out(l, &p, n->type);
        push_cleanup(l, n, local_of(l, n->cursor)->index, cleanup);
    }
}

static void lower_declarations(struct lower *l, struct node *n)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (n->child[i]->kind == CXCursor_VarDecl)
            declare_variable(l, n->child[i]);
}

/* ---- selection and loops -------------------------------------------------------------- */

static void lower_if(struct lower *l, struct node *n)
{
    uint32_t yes = build_block(l), no = build_block(l), end = n->count > 2 ? build_block(l) : no;

    lower_cond(l, n->child[0], yes, no);
    build_start(l, yes);
    lower_stmt(l, n->child[1]);
    if (n->count > 2) {
        if (l->f.current != FLOW_NONE)
            build_jump(l, end);
        build_start(l, no);
        lower_stmt(l, n->child[2]);
    }
    build_start(l, end);
}

static void lower_loop_body(struct lower *l, struct node *body, uint32_t break_block, uint32_t continue_block)
{
    struct jump_target target = {
        .outer = l->target, .break_block = break_block, .continue_block = continue_block,
        .cleanups = l->cleanup_count,
    };

    l->target = &target;
    lower_stmt(l, body);
    l->target = target.outer;
}

static void lower_while(struct lower *l, struct node *n)
{
    uint32_t head = build_block(l), body = build_block(l), end = build_block(l);

    build_start(l, head);
    lower_cond(l, n->child[0], body, end);
    build_start(l, body);
    lower_loop_body(l, n->child[n->count - 1], end, head);
    if (l->f.current != FLOW_NONE)
        build_jump(l, head);
    build_start(l, end);
}

static void lower_do(struct lower *l, struct node *n)
{
    uint32_t body = build_block(l), test = build_block(l), end = build_block(l);

    build_start(l, body);
    lower_loop_body(l, n->child[0], end, test);
    build_start(l, test);
    l->f.loc = lower_loc(l, n->child[1]->cursor);
    lower_cond(l, n->child[1], body, end);
    build_start(l, end);
}

/* libclang leaves out the parts of the header that are not there. */
static void for_parts(struct lower *l, struct node *n, struct node *part[3])
{
    uint32_t there = n->count - 1, at = 0;
    unsigned parts = there == 3 ? 7 : there == 0 ? 0 : source_for_parts(l, n);

    if ((uint32_t)__builtin_popcount(parts) != there)   /* not found: a guess that ends */
        parts = there == 2 ? (n->child[0]->kind == CXCursor_DeclStmt ? 3 : 6)
                           : n->child[0]->kind == CXCursor_DeclStmt ? 1 : 2;
    for (int i = 0; i < 3; i++)
        part[i] = parts & 1u << i ? n->child[at++] : NULL;
}

static void lower_for(struct lower *l, struct node *n)
{
    uint32_t head = build_block(l), body = build_block(l), next = build_block(l), end = build_block(l);
    struct scope s = scope_enter(l, n);
    struct node *part[3];

    for_parts(l, n, part);
    if (part[0])
        lower_stmt(l, part[0]);
    build_start(l, head);
    l->f.loc = lower_loc(l, n->cursor);
    if (part[1])
        lower_cond(l, part[1], body, end);
    build_start(l, body);
    lower_loop_body(l, n->child[n->count - 1], end, next);
    build_start(l, next);
    if (part[2])
        lower_stmt(l, part[2]);
    build_jump(l, head);
    build_start(l, end);
    scope_leave(l, s);
}

/* ---- switch ----------------------------------------------------------------------------- */

static void lower_switch(struct lower *l, struct node *n)
{
    struct function *f = &l->f.function;
    struct switch_list list = { .default_block = FLOW_NONE };
    struct jump_target target = {
        .outer = l->target, .continue_block = FLOW_NONE, .cleanups = l->cleanup_count, .cases = &list,
    };
    uint32_t v = lower_value(l, n->child[0]);
    uint32_t head = build_switch(l, v, n->child[0]);

    target.break_block = build_block(l);
    l->target = &target;
    lower_stmt(l, n->child[n->count - 1]);
    l->target = target.outer;
    build_start(l, target.break_block);
    f->blocks[head].first_case = f->case_count;
    f->blocks[head].case_count = list.count;
    f->blocks[head].else_block = list.default_block != FLOW_NONE ? list.default_block : target.break_block;
    for (uint32_t i = 0; i < list.count; i++)
        ARENA_PUSH(l->arena, f->cases, f->case_count, l->f.cases) = list.cases[i];
}

static struct jump_target *enclosing_switch(struct lower *l)
{
    struct jump_target *t = l->target;

    while (t && !t->cases)
        t = t->outer;
    return t;
}

static void lower_case(struct lower *l, struct node *n)
{
    struct jump_target *t = enclosing_switch(l);
    uint32_t block = build_block(l);
    struct switch_case c = { .block = block };

    build_start(l, block);
    if (t && n->kind == CXCursor_DefaultStmt) {
        t->cases->default_block = block;
    } else if (t) {
        lower_constant(n->child[0]->cursor, &c.low);
        c.high = c.low;
        if (n->count > 2)
            lower_constant(n->child[1]->cursor, &c.high);
        ARENA_PUSH(l->scratch, t->cases->cases, t->cases->count, t->cases->capacity) = c;
    }
    if (n->count)
        lower_stmt(l, n->child[n->count - 1]);
}

/* ---- jumps ------------------------------------------------------------------------------- */

static void lower_break(struct lower *l, bool is_continue)
{
    struct jump_target *t = l->target;

    while (t && is_continue && t->continue_block == FLOW_NONE)
        t = t->outer;
    if (!t)
        return;
    lower_cleanups_down_to(l, t->cleanups);
    build_jump(l, is_continue ? t->continue_block : t->break_block);
}

/* A label reached through its name has another parent than one met in the tree. */
static bool same_label(CXCursor a, CXCursor b)
{
    return clang_equalLocations(clang_getCursorLocation(a), clang_getCursorLocation(b)) != 0;
}

static struct label *label_of(struct lower *l, CXCursor cursor)
{
    for (uint32_t i = 0; i < l->label_count; i++)
        if (same_label(l->labels[i].cursor, cursor))
            return &l->labels[i];
    uint32_t block = build_block(l);
    ARENA_PUSH(l->scratch, l->labels, l->label_count, l->label_capacity) =
        (struct label){ .cursor = cursor, .block = block };
    return &l->labels[l->label_count - 1];
}

static struct node *find_label(struct node *n, CXCursor cursor)
{
    if (n->kind == CXCursor_LabelStmt && same_label(n->cursor, cursor))
        return n;
    for (uint32_t i = 0; i < n->count; i++) {
        struct node *found = find_label(n->child[i], cursor);

        if (found)
            return found;
    }
    return NULL;
}

/* Leave the scopes that do not hold the label, or declare after it. */
static void cleanups_to_label(struct lower *l, struct node *from, CXCursor label)
{
    struct node *root = from, *to;
    uint32_t keep = l->cleanup_count;

    while (root->parent)
        root = root->parent;
    to = keep ? find_label(root, label) : NULL;
    while (to && keep) {
        const struct cleanup *c = &l->cleanups[keep - 1];

        if (tree_is_under(to, c->scope) && to->order > c->order)
            break;
        keep--;
    }
    if (to)
        lower_cleanups_down_to(l, keep);
}

static void lower_goto(struct lower *l, struct node *n)
{
    if (!n->count)
        return;
    CXCursor label = clang_getCursorReferenced(n->child[0]->cursor);
    cleanups_to_label(l, n, label);
    build_jump(l, label_of(l, label)->block);
}

/* The address of a label is a number that no other label of the function has: where in it it stands. */
int64_t lower_label_address(struct lower *l, CXCursor reference)
{
    CXSourceLocation label = clang_getCursorLocation(clang_getCursorReferenced(reference));
    unsigned from, at;

    clang_getExpansionLocation(clang_getCursorLocation(l->decl), NULL, NULL, NULL, &from);
    clang_getExpansionLocation(label, NULL, NULL, NULL, &at);
    return (int64_t)at - from;
}

static void addressed_labels(struct lower *l, struct node *n, struct switch_list *list)
{
    if (n->kind == CXCursor_AddrLabelExpr && n->count) {
        struct label *label = label_of(l, clang_getCursorReferenced(n->child[0]->cursor));
        int64_t address = lower_label_address(l, n->child[0]->cursor);

        for (uint32_t i = 0; i < list->count; i++)
            if (list->cases[i].block == label->block)
                return;
        ARENA_PUSH(l->scratch, list->cases, list->count, list->capacity) =
            (struct switch_case){ address, address, label->block };
    }
    for (uint32_t i = 0; i < n->count; i++)
        addressed_labels(l, n->child[i], list);
}

/* goto *p: to the label whose address that is; where that is not known, to any whose address is taken. */
static void lower_indirect_goto(struct lower *l, struct node *n)
{
    struct function *f = &l->f.function;
    struct switch_list list = { .default_block = FLOW_NONE };
    struct node *root = n;

    while (root->parent)
        root = root->parent;
    uint32_t value = lower_value(l, n->child[0]);
    addressed_labels(l, root, &list);
    if (!list.count) {
        build_unreachable(l);
        return;
    }
    uint32_t head = build_switch(l, value, n);
    f->blocks[head].first_case = f->case_count;
    f->blocks[head].case_count = list.count;
    f->blocks[head].else_block = list.cases[0].block;
    for (uint32_t i = 0; i < list.count; i++)
        ARENA_PUSH(l->arena, f->cases, f->case_count, l->f.cases) = list.cases[i];
}

static void lower_return(struct lower *l, struct node *n)
{
    CXType type = clang_getCursorResultType(l->decl);
    struct loc loc = l->f.loc;
    uint32_t v = FLOW_NONE;

    if (n->count && type_class(type) == TYPE_VOID) {
        lower_effect(l, n->child[0]);
    } else if (n->count) {
        l->result_name = l->name;
        if (l->cleanup_count && type_class(type) == TYPE_RECORD)
            v = kept_value(l, n->child[0]);
        else
            v = lower_convert(l, lower_value(l, n->child[0]), n->child[0]->type, type);
        l->result_name = FLOW_NONE;
        if (l->cleanup_count && type_class(type) == TYPE_SCALAR)
            v = ex_stable(l, type_scalar(type), v);
    }
    lower_cleanups_down_to(l, 0);
    build_return(l, v, loc);
}

/* ---- inline assembly ------------------------------------------------------------------------ */

/* Outputs become unknown; what pointers among the inputs lead to may be changed. */
static void lower_asm(struct lower *l, struct node *n)
{
    uint32_t args[32], count = 0;

    for (uint32_t i = 0; i < n->count && count < 32; i++) {
        struct node *operand = tree_skip_parens(n->child[i]);
        bool input = operand->kind == CXCursor_UnexposedExpr;

        if (operand->kind == CXCursor_StringLiteral || type_class(operand->type) == TYPE_VOID)
            continue;
        if (input && type_scalar(operand->type) == SCALAR_PTR) {
            args[count++] = lower_value(l, operand);
        } else if (!input && (operand->kind == CXCursor_DeclRefExpr || operand->kind == CXCursor_MemberRefExpr ||
                              operand->kind == CXCursor_ArraySubscriptExpr ||
                              operand->kind == CXCursor_UnaryOperator)) {
            struct place p = place_of(l, operand);

            if (type_class(p.type) == TYPE_SCALAR)
                place_store(l, &p, ex_unknown(l, type_scalar(p.type)));
            else
                args[count++] = p.address;
        }
    }
    if (n->count) {
        build_havoc(l, "inline assembly", args, count);
        lower_note(l, l->f.loc, "inline assembly");
    }
}

/* ---- statements ------------------------------------------------------------------------------- */

static void lower_label(struct lower *l, struct node *n)
{
    build_start(l, label_of(l, n->cursor)->block);
    if (n->count)
        lower_stmt(l, n->child[n->count - 1]);
}

void lower_stmt(struct lower *l, struct node *n)
{
    l->f.loc = lower_loc(l, n->cursor);
    l->result_name = FLOW_NONE;
    switch (n->kind) {
    case CXCursor_CompoundStmt: lower_compound(l, n); return;
    case CXCursor_DeclStmt:     lower_declarations(l, n); return;
    case CXCursor_IfStmt:       lower_if(l, n); return;
    case CXCursor_WhileStmt:    lower_while(l, n); return;
    case CXCursor_DoStmt:       lower_do(l, n); return;
    case CXCursor_ForStmt:      lower_for(l, n); return;
    case CXCursor_SwitchStmt:   lower_switch(l, n); return;
    case CXCursor_CaseStmt:     lower_case(l, n); return;
    case CXCursor_DefaultStmt:  lower_case(l, n); return;
    case CXCursor_LabelStmt:    lower_label(l, n); return;
    case CXCursor_GotoStmt:     lower_goto(l, n); return;
    case CXCursor_IndirectGotoStmt: lower_indirect_goto(l, n); return;
    case CXCursor_BreakStmt:    lower_break(l, false); return;
    case CXCursor_ContinueStmt: lower_break(l, true); return;
    case CXCursor_ReturnStmt:   lower_return(l, n); return;
    case CXCursor_GCCAsmStmt: case CXCursor_MSAsmStmt: lower_asm(l, n); return;
    case CXCursor_NullStmt:     return;
    case CXCursor_UnexposedStmt:            /* a statement with attributes */
        if (n->count)
            lower_stmt(l, n->child[n->count - 1]);
        return;
    default:
        break;
    }
    if (clang_isExpression(n->kind)) {
        lower_effect(l, n);
        return;
    }
    CXString kind = clang_getCursorKindSpelling(n->kind);
    lower_note(l, l->f.loc, "statement of kind %s", clang_getCString(kind));
    clang_disposeString(kind);
    build_havoc(l, "statement", NULL, 0);
}
