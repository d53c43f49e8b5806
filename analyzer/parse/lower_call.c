/* Calls: of functions, through pointers, and those that are operations. */
#include "lower_internal.h"

#include <string.h>

enum { CALL_ARGS = 64 };

/* Others may run here: a point where tasks interleave. */
void lower_atomic_point(struct lower *l)
{
    if (!l->f.constant)
        build_op(l, FLOW_ATOMIC, NULL, 0);
}

/* The name of an argument as a person would say it. */
static uint32_t argument_name(struct lower *l, struct node *n, int at)
{
    return at >= 0 && (uint32_t)at + 1 < n->count ? lower_name_of(l, n->child[at + 1])
                                                  : pool_string(&l->pool, "");
}

/* The channel of a case record { direction, channel, ... }. */
static struct node *channel_of_case(struct node *n)
{
    if (n->kind != CXCursor_InitListExpr)
        return NULL;
    for (uint32_t i = 0; i < n->count; i++) {
        struct node *item = n->child[i], *value = item->count ? item->child[item->count - 1] : NULL;
        bool designated = item->count == 2 && item->child[0]->kind == CXCursor_MemberRef;

        if (designated && type_scalar(value->type) == SCALAR_PTR &&
            type_class(type_pointee(value->type)) == TYPE_RECORD)
            return value;
        if (!designated && i == 1)
            return item;
    }
    return NULL;
}

/* "done, jobs": the channels of the cases where they are written out. */
static uint32_t cases_name(struct lower *l, struct node *cases)
{
    struct node *n = tree_skip_casts(cases);
    uint32_t names = pool_string(&l->pool, "");

    if (n->kind != CXCursor_CompoundLiteralExpr || !n->count)
        return lower_name_of(l, cases);
    n = n->child[n->count - 1];
    for (uint32_t i = 0; i < n->count; i++) {
        struct node *channel = channel_of_case(n->child[i]);
        uint32_t name = channel ? lower_name_of(l, channel) : names;

        if (channel && *flow_string(l->flow, name))
            names = pool_printf(&l->pool, "%s%s%s", flow_string(l->flow, names),
                                *flow_string(l->flow, names) ? ", " : "", flow_string(l->flow, name));
    }
    return names;
}

/* A select reads every member of its cases, wherever they were written. */
static void alias_cases(struct lower *l, struct node *n, const struct model *model)
{
    int at = model_argument(model, 0);

    if (at >= 0 && (uint32_t)at + 1 < n->count)
        alias_members(l, pool_string(&l->pool, FLOW_CASES_KEY),
                      type_pointee(tree_skip_casts(n->child[at + 1])->type));
}

/* What the call is called in a report; `result` is what its value goes to. */
static uint32_t call_name(struct lower *l, struct node *n, const struct model *model, uint32_t result)
{
    if (!model || model->body)
        return lower_name_of(l, n->child[0]);
    int by = model_naming(model->op);
    if (by == NAMED_BY_RESULT)
        return result == FLOW_NONE ? pool_string(&l->pool, "") : result;
    if (by == NAMED_BY_NOTHING)
        return pool_string(&l->pool, "");
    int at = model_argument(model, (unsigned)by);
    if (model->has_layout && at >= 0 && (uint32_t)at + 1 < n->count)
        return cases_name(l, n->child[at + 1]);
    return argument_name(l, n, at);
}

/* The model of a callee: an annotation, or one of the library's for what is not
 * this unit's own. */
static const struct model *model_of(struct lower *l, uint32_t symbol)
{
    if (symbol == FLOW_NONE)
        return NULL;
    if (l->info[symbol].model)
        return l->info[symbol].model;
    const struct symbol *s = &l->flow->symbols[symbol];
    return s->internal || !l->models ? NULL : models_find(l->models, flow_string(l->flow, s->name));
}

/* The function called by name, or FLOW_NONE. */
static uint32_t callee_symbol(struct lower *l, struct node *callee)
{
    struct node *n = tree_skip_casts(callee);

    while (n->kind == CXCursor_UnaryOperator && type_class(n->type) == TYPE_FUNCTION)
        n = tree_skip_casts(n->child[0]);
    if (n->kind != CXCursor_DeclRefExpr)
        return FLOW_NONE;
    CXCursor decl = clang_getCursorReferenced(n->cursor);
    return decl.kind == CXCursor_FunctionDecl ? lower_symbol(l, decl) : FLOW_NONE;
}

/* ---- how far an argument reaches ---------------------------------------------- */

/* A member, or an element of one: something larger surrounds it. An array of one
 * element may be the last member of a longer allocation. */
static uint32_t member_size(struct node *n)
{
    CXType type = type_value(n->type);

    if (n->kind != CXCursor_MemberRefExpr)
        return 0;
    if (type_class(type) == TYPE_ARRAY && clang_getArraySize(type) <= 1)
        return 0;
    return type_size(type);
}

/* x.a[i] and x.a + i lie within x.a; the address was lowered to (index size base i). */
static uint32_t within_array(struct lower *l, uint32_t address, struct node *array, struct node *index)
{
    const struct expr *e = &l->f.function.exprs[address];
    int64_t at, scale;
    uint32_t bytes;

    array = tree_skip_casts(array);
    bytes = type_class(array->type) == TYPE_ARRAY ? member_size(array) : 0;
    if (!bytes)
        return address;
    scale = type_size(type_pointee(array->type));
    if (lower_constant(index->cursor, &at))
        return at >= 0 && at * scale < bytes ? ex_within(l, address, bytes - (uint32_t)(at * scale)) : address;
    if (e->kind != EXPR_INDEX || e->number != scale)
        return address;
    uint32_t base = e->a, by = e->b, elements = e->index;
    return ex_element(l, scale, elements, ex_within(l, base, bytes), by);
}

/* What a library function writes through an argument stays within the object that the
 * argument designates: C11 6.5.6p8, and what is beside it must be left alone. */
uint32_t lower_argument(struct lower *l, struct node *n)
{
    uint32_t address = lower_value(l, n), bytes;
    struct node *what = tree_skip_casts(n);
    bool taken = what->kind == CXCursor_UnaryOperator &&
                 clang_getCursorUnaryOperatorKind(what->cursor) == CXUnaryOperator_AddrOf;

    if (type_scalar(n->type) != SCALAR_PTR)
        return address;
    if (taken)
        what = tree_skip_parens(what->child[0]);
    bool added = what->kind == CXCursor_BinaryOperator &&
                 clang_getCursorBinaryOperatorKind(what->cursor) == CXBinaryOperator_Add;
    if ((taken && what->kind == CXCursor_ArraySubscriptExpr) || added)
        return what->count == 2 ? within_array(l, address, what->child[0], what->child[1]) : address;
    if (!taken && type_class(what->type) != TYPE_ARRAY)
        return address;
    bytes = member_size(what);
    return bytes ? ex_within(l, address, bytes) : address;
}

/* Only for what writes: operations on a lock or a channel are as large as those are. */
static bool may_write(const struct model *model)
{
    return !model || model->body || model->op == FLOW_WRITES || model->op == FLOW_SHUFFLE || model->op == FLOW_FORMAT || model->op == FLOW_COPY ||
           model->op == FLOW_FILL || model->op == FLOW_RECV || model->op == FLOW_TRY_RECV;
}

static uint32_t lower_args(struct lower *l, struct node *n, const struct model *model, uint32_t *args)
{
    uint32_t count = 0;

    for (uint32_t i = 1; i < n->count && count < CALL_ARGS; i++)
        args[count++] = may_write(model) ? lower_argument(l, n->child[i]) : lower_value(l, n->child[i]);
    return count;
}

/* ---- the call ------------------------------------------------------------------- */

uint8_t lower_result_type(CXType type)
{
    enum scalar scalar = type_class(type) == TYPE_SCALAR ? type_scalar(type) : SCALAR_I8;

    return scalar != SCALAR_I8 ? scalar : type_class(type) == TYPE_SCALAR ? SCALAR_I32 : SCALAR_I8;
}

/* Where the result goes: a register, the address of a record, or nowhere.
 * Returns the value of the call. */
static uint32_t call_result(struct lower *l, struct node *n, uint32_t into, bool wanted,
                            uint32_t *dst, uint32_t *dst_address)
{
    switch (type_class(n->type)) {
    case TYPE_RECORD:
        if (into == FLOW_NONE) {
            uint32_t slot = build_slot(l, pool_string(&l->pool, ""), type_size(n->type));

            build_decl(l, slot);
            into = ex_slot(l, slot);
        }
        *dst_address = into;
        return into;
    case TYPE_SCALAR:
        if (!wanted)
            break;
        *dst = build_reg(l, pool_string(&l->pool, ""));
        return ex_reg(l, *dst, type_scalar(n->type));
    default:
        break;
    }
    return ex_const(l, SCALAR_I32, 0);
}

static bool ends_here(struct lower *l, const struct instr *i, uint32_t symbol)
{
    if (i->kind == INSTR_OP && (i->op == FLOW_EXIT || i->op == FLOW_ABORT))
        return true;
    return symbol != FLOW_NONE && l->flow->symbols[symbol].noreturn;
}

/* The call becomes the operation its callee is annotated with. */
static void apply_annotation(struct lower *l, struct instr *i, uint32_t symbol)
{
    const struct model *model = l->info[symbol].model;
    struct model_room room = { l->f.args, l->f.exprs };

    if (!model || model->unsupported)
        return;
    if (!model_apply(l->flow, &l->f.function, i, model, &room))
        lower_note(l, i->loc, "call of %s has too few arguments", model->name);
    l->f.args = room.args;
    l->f.exprs = room.exprs;
}

/* The type of the function called, by name or through a pointer. */
static CXType callee_type(struct node *n)
{
    CXType type = clang_getCanonicalType(n->child[0]->type);

    return type.kind == CXType_Pointer ? clang_getPointeeType(type) : type;
}

static uint32_t emit_call(struct lower *l, struct node *n, uint32_t symbol, uint32_t into, bool wanted)
{
    uint32_t args[CALL_ARGS], dst = FLOW_NONE, dst_address = FLOW_NONE;
    uint32_t result_name = l->result_name;
    const struct model *model = model_of(l, symbol);
    struct loc loc = lower_loc(l, n->cursor);

    l->result_name = FLOW_NONE;
    uint32_t pointer = symbol == FLOW_NONE ? lower_value(l, n->child[0]) : FLOW_NONE;
    uint32_t count = lower_args(l, n, model, args);
    if (!model)
        lower_check_unnamed(l, callee_type(n), count, loc);
    uint32_t name = call_name(l, n, model, result_name);
    uint32_t result = call_result(l, n, into, wanted, &dst, &dst_address);
    uint32_t first = build_args(l, args, count);
    struct instr *i = build_instr(l, INSTR_CALL);
    i->symbol = symbol;
    i->a = pointer;
    i->first_arg = first;
    i->arg_count = count;
    i->name = name;
    i->dst = dst;
    i->dst_address = dst_address;
    i->type = dst == FLOW_NONE ? 0 : lower_result_type(n->type);
    i->loc = loc;
    if (model && model->has_layout)
        alias_cases(l, n, model);
    if (model && model->unsupported)
        lower_note(l, loc, "call of %s", model->name);
    else if (symbol != FLOW_NONE)
        apply_annotation(l, i, symbol);
    if (ends_here(l, i, symbol))
        build_unreachable(l);
    return result;
}

uint32_t lower_call(struct lower *l, struct node *n, uint32_t into, bool wanted)
{
    struct node *callee = n->count ? tree_skip_casts(n->child[0]) : NULL;
    uint32_t result;

    if (!callee) {
        lower_note(l, lower_loc(l, n->cursor), "call");
        return ex_unknown(l, type_scalar(n->type));
    }
    if (callee->kind == CXCursor_DeclRefExpr) {
        CXString name = clang_getCursorSpelling(callee->cursor);
        bool done = lower_builtin(l, n, clang_getCString(name), &result);

        clang_disposeString(name);
        if (done)
            return result;
    }
    return emit_call(l, n, callee_symbol(l, n->child[0]), into, wanted);
}

void lower_cleanup(struct lower *l, const struct cleanup *c)
{
    uint32_t address = ex_slot(l, c->slot);
    uint32_t first = build_args(l, &address, 1);
    struct instr *i = build_instr(l, INSTR_CALL);

    i->symbol = c->function;
    i->first_arg = first;
    i->arg_count = 1;
    i->name = l->f.function.slots[c->slot].name;
    i->loc = lower_loc(l, c->decl);
    apply_annotation(l, i, c->function);
}
