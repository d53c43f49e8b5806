/* Where the object of an lvalue is, and how it is read and written. */
#include "lower_internal.h"

#include <string.h>

/* ---- variables ------------------------------------------------------------- */

static uint32_t local_key(struct lower *l, CXCursor decl)
{
    CXString name = clang_getCursorSpelling(decl);
    uint32_t key = pool_printf(&l->pool, "$%s:%s", flow_string(l->flow, l->name),
                               clang_getCString(name));

    clang_disposeString(name);
    return key;
}

static uint32_t symbol_key(struct lower *l, uint32_t symbol)
{
    return pool_printf(&l->pool, "@%s", flow_string(l->flow, l->flow->symbols[symbol].name));
}

/* A parameter whose type is written as an array or function. */
static bool is_adjusted(CXCursor decl, CXType type)
{
    enum type_class class = type_class(type);

    return decl.kind == CXCursor_ParmDecl && (class == TYPE_ARRAY || class == TYPE_FUNCTION);
}

/* A local met before its declaration was lowered: a jump went past it. */
static void place_unseen(struct lower *l, struct local *local)
{
    CXType type = clang_getCursorType(local->decl);
    CXString name = clang_getCursorSpelling(local->decl);
    uint32_t text = pool_string(&l->pool, clang_getCString(name));

    clang_disposeString(name);
    local->placed = true;
    local->key = local_key(l, local->decl);
    bool pointer = is_adjusted(local->decl, type);
    if ((pointer || type_class(type) == TYPE_SCALAR) && !local->addressed && !type_is_atomic(type)) {
        local->where = LOCAL_REG;
        local->index = build_reg(l, text);
    } else {
        local->where = LOCAL_SLOT;
        local->index = build_slot(l, text, pointer ? scalar_size(SCALAR_PTR) : type_size(type));
    }
}

static struct place place_in_memory(uint32_t address, uint32_t key, CXType type)
{
    return (struct place){
        .kind = PLACE_MEMORY, .address = address, .key = key, .type = type,
        .atomic = type_is_atomic(type), .array_key = type_class(type) == TYPE_ARRAY,
    };
}

struct place place_of_symbol(struct lower *l, uint32_t symbol, CXType type)
{
    return place_in_memory(ex_global(l, symbol), symbol_key(l, symbol), type);
}

struct place place_of_local(struct lower *l, CXCursor decl)
{
    CXType type = clang_getCursorType(decl);

    if (decl.kind == CXCursor_VarDecl && clang_Cursor_hasVarDeclGlobalStorage(decl) == 1) {
        struct local *local = local_of(l, decl);

        if (local->placed)
            return place_of_symbol(l, local->index, type);
        return place_of_symbol(l, lower_symbol(l, decl), type);
    }
    struct local *local = local_of(l, decl);
    if (!local->placed)
        place_unseen(l, local);
    struct place p = { .kind = PLACE_REG, .reg = local->index, .key = local->key, .type = type };
    if (local->where == LOCAL_SLOT)
        p = place_in_memory(ex_slot(l, local->index), local->key, type);
    p.pointer = is_adjusted(decl, type);
    return p;
}

/* ---- members and elements ----------------------------------------------------- */

/* A member that the record itself declares. */
static struct place place_field(struct lower *l, const struct place *base, CXCursor decl)
{
    const struct field *f = type_field(l, decl);
    CXType type = clang_getCursorType(decl);
    struct place p = place_in_memory(base->address, base->key, type);
    int64_t offset = (int64_t)(f->bit / 8);

    p.key_fixed = base->key_fixed || f->in_union;
    if (!base->key_fixed)
        p.key = f->key;
    if (f->width) {
        offset = (int64_t)f->unit;
        p.bit = (unsigned)(f->bit - f->unit * 8);
        p.width = f->width;
        p.unit_size = f->unit_size;
    }
    p.address = ex_offset(l, base->address, offset);
    return p;
}

/* A member of an anonymous record is one of the record around it too (C11 6.7.2.1p13), and
 * clang leaves the levels between out of the tree: go through them, from the outermost. */
struct place place_member(struct lower *l, const struct place *base, CXCursor decl)
{
    CXCursor around = type_anonymous_in(base->type, decl);

    if (clang_Cursor_isNull(around))
        return place_field(l, base, decl);
    struct place p = place_member(l, base, around);
    return place_field(l, &p, decl);
}

/* 0: not known. One element or none at the end of a record stands for as many as were allocated. */
static uint32_t elements_of(CXType array)
{
    long long elements = clang_getArraySize(clang_getCanonicalType(array));

    return elements > 1 && elements < UINT32_MAX ? (uint32_t)elements : 0;
}

struct place place_element(struct lower *l, const struct place *base, uint32_t index)
{
    CXType type = type_pointee(base->type);
    uint32_t size = type_size(type);
    struct place p = place_in_memory(ex_element(l, size, elements_of(base->type), base->address, index), base->key, type);

    p.key_fixed = base->key_fixed;
    return p;
}

/* What a pointer points at. */
static struct place place_behind(struct lower *l, uint32_t pointer, CXType type)
{
    return place_in_memory(pointer, type_element_key(l, type), type);
}

struct place place_pointed(struct lower *l, struct node *pointer)
{
    struct node *n = tree_skip_casts(pointer);

    if (n->kind == CXCursor_UnaryOperator &&
        clang_getCursorUnaryOperatorKind(n->cursor) == CXUnaryOperator_AddrOf)
        return place_of(l, n->child[0]);
    return place_behind(l, lower_value(l, pointer), type_value(type_pointee(pointer->type)));
}

static struct place place_of_member(struct lower *l, struct node *n)
{
    struct node *base = n->child[0];
    CXCursor field = clang_getCursorReferenced(n->cursor);
    struct place p;

    if (type_class(base->type) == TYPE_RECORD)
        p = place_of(l, base);
    else
        p = place_behind(l, lower_value(l, base), type_pointee(base->type));
    return place_member(l, &p, field);
}

/* The array itself when a pointer is one that just decayed, else NULL. */
static struct node *decayed_array(struct node *n)
{
    n = tree_skip_parens(n);
    if (n->kind != CXCursor_UnexposedExpr || n->count != 1)
        return NULL;
    n = tree_skip_parens(n->child[0]);
    if (n->kind == CXCursor_DeclRefExpr && is_adjusted(clang_getCursorReferenced(n->cursor), n->type))
        return NULL;
    return type_class(n->type) == TYPE_ARRAY ? n : NULL;
}

static struct place place_indexed(struct lower *l, struct node *pointer, uint32_t index)
{
    struct node *array = decayed_array(pointer);

    if (array) {
        struct place p = place_of(l, array);

        return place_element(l, &p, index);
    }
    CXType type = type_pointee(pointer->type);
    uint32_t address = ex_index(l, type_size(type), lower_value(l, pointer), index);
    return place_behind(l, address, type);
}

/* An element of a vector: what is in it is never known. */
static struct place place_in_vector(struct lower *l, struct node *n)
{
    struct place p = { .kind = PLACE_REG, .key = FLOW_NONE, .type = n->type };

    lower_effect(l, n->child[0]);
    lower_effect(l, n->child[1]);
    p.reg = build_reg(l, pool_string(&l->pool, ""));
    build_set(l, p.reg, ex_unknown(l, type_scalar(n->type)));
    return p;
}

static struct place place_of_subscript(struct lower *l, struct node *n)
{
    struct node *pointer = n->child[0], *index = n->child[1];

    if (type_scalar(pointer->type) != SCALAR_PTR && type_scalar(index->type) != SCALAR_PTR)
        return place_in_vector(l, n);
    if (type_scalar(pointer->type) != SCALAR_PTR) {     /* 3[array] */
        struct node *swap = pointer;

        pointer = index;
        index = swap;
    }
    return place_indexed(l, pointer, lower_value(l, index));
}

/* ---- lvalues ---------------------------------------------------------------------- */

static struct place place_of_unary(struct lower *l, struct node *n)
{
    if (clang_getCursorUnaryOperatorKind(n->cursor) == CXUnaryOperator_Deref)
        return place_indexed(l, n->child[0], ex_const(l, SCALAR_I64, 0));
    if (clang_getCursorUnaryOperatorKind(n->cursor) == CXUnaryOperator_Extension)
        return place_of(l, n->child[0]);
    return place_behind(l, lower_value(l, n), n->type);
}

struct place place_of(struct lower *l, struct node *n)
{
    n = tree_skip_parens(n);
    switch (n->kind) {
    case CXCursor_DeclRefExpr:
        return place_of_local(l, clang_getCursorReferenced(n->cursor));
    case CXCursor_MemberRefExpr:
        if (n->count)
            return place_of_member(l, n);
        break;
    case CXCursor_ArraySubscriptExpr:
        if (n->count == 2)
            return place_of_subscript(l, n);
        break;
    case CXCursor_UnaryOperator:
        return place_of_unary(l, n);
    case CXCursor_CompoundLiteralExpr:
        return place_behind(l, init_literal(l, n), n->type);
    case CXCursor_StringLiteral:
        return place_behind(l, ex_string(l, place_string(l, n)), n->type);
    case CXCursor_UnexposedExpr:
        if (n->count == 1 && type_class(n->child[0]->type) == type_class(n->type))
            return place_of(l, n->child[0]);
        break;
    default:
        break;
    }
    /* an rvalue record: its address */
    return place_behind(l, lower_value(l, n), n->type);
}

/* ---- reading and writing ------------------------------------------------------------ */

enum scalar place_unit(const struct place *p)
{
    return p->unit_size == 1 ? SCALAR_U8 : p->unit_size == 2 ? SCALAR_U16
         : p->unit_size == 4 ? SCALAR_U32 : SCALAR_U64;
}

static int64_t low_bits(unsigned width)
{
    return width >= 64 ? -1 : (int64_t)(((uint64_t)1 << width) - 1);
}

static uint32_t load_bits(struct lower *l, const struct place *p)
{
    enum scalar unit = place_unit(p), type = type_scalar(p->type);
    uint32_t v = ex_load(l, unit, p->key, p->address);
    unsigned bits = scalar_size(type) * 8;

    if (type <= SCALAR_I64 && p->width <= bits) {
        enum scalar wide = unit == SCALAR_U64 || type == SCALAR_I64 ? SCALAR_I64 : SCALAR_I32;
        unsigned up = scalar_size(wide) * 8 - p->width;

        v = ex_binary(l, OP_SHR, wide == SCALAR_I64 ? SCALAR_U64 : SCALAR_U32,
                      ex_cast(l, wide == SCALAR_I64 ? SCALAR_U64 : SCALAR_U32, v),
                      ex_const(l, SCALAR_I32, p->bit));
        v = ex_binary(l, OP_SHL, wide, ex_cast(l, wide, v), ex_const(l, SCALAR_I32, up));
        v = ex_binary(l, OP_SHR, wide, v, ex_const(l, SCALAR_I32, up));
        return ex_cast(l, type, v);
    }
    if (p->bit)
        v = ex_binary(l, OP_SHR, unit, v, ex_const(l, SCALAR_I32, p->bit));
    v = ex_binary(l, OP_AND, unit, v, ex_const(l, unit, low_bits(p->width)));
    return ex_cast(l, type, v);
}

static void store_bits(struct lower *l, const struct place *p, uint32_t value)
{
    enum scalar unit = place_unit(p);
    int64_t mask = low_bits(p->width);
    uint32_t old = ex_binary(l, OP_AND, unit, ex_load(l, unit, p->key, p->address),
                             ex_const(l, unit, ~(int64_t)((uint64_t)mask << p->bit)));
    uint32_t v = ex_binary(l, OP_AND, unit, ex_cast(l, unit, value), ex_const(l, unit, mask));

    if (p->bit)
        v = ex_binary(l, OP_SHL, unit, v, ex_const(l, SCALAR_I32, p->bit));
    build_store(l, unit, p->key, p->address, ex_binary(l, OP_OR, unit, old, v));
}

/* Elements that are records have classes of their own, by their fields. */
static bool holds_records(CXType type)
{
    while (type_class(type) == TYPE_ARRAY)
        type = type_pointee(type);
    return type_class(type) == TYPE_RECORD;
}

void place_hand_out(struct lower *l, const struct place *p, CXType type)
{
    if (p->key != FLOW_NONE && (p->key_fixed || type_class(p->type) != TYPE_RECORD))
        alias_type(l, p->key, type);
}

uint32_t place_load(struct lower *l, const struct place *p)
{
    switch (p->pointer ? TYPE_SCALAR : type_class(p->type)) {
    case TYPE_ARRAY:
        if (p->key != FLOW_NONE && (p->key_fixed || (p->array_key && !holds_records(p->type))))
            alias_type(l, p->key, p->type);
        return p->address;
    case TYPE_RECORD:
    case TYPE_FUNCTION:
        return p->address;
    case TYPE_VOID:
        return ex_const(l, SCALAR_I32, 0);
    case TYPE_SCALAR:
        break;
    }
    if (p->kind == PLACE_REG)
        return ex_reg(l, p->reg, type_scalar(p->type));
    if (p->width)
        return load_bits(l, p);
    enum scalar type = type_scalar(p->type);
    if (!p->atomic)
        return ex_load(l, type, p->key, p->address);
    lower_atomic_point(l);
    return build_temp(l, type, ex_load(l, type, p->key, p->address));
}

void place_store(struct lower *l, const struct place *p, uint32_t value)
{
    if (p->kind == PLACE_REG) {
        build_set(l, p->reg, value);
    } else if (p->width) {
        store_bits(l, p, value);
    } else {
        if (p->atomic) {
            value = ex_stable(l, type_scalar(p->type), value);
            lower_atomic_point(l);
        }
        build_store(l, type_scalar(p->type), p->key, p->address, value);
    }
}

/* ---- string literals ------------------------------------------------------------------ */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One character of the printer's escapes; *s goes past it. */
static char unescape(const char **s)
{
    static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
    char c = *(*s)++;
    const char *at;

    if (c != '\\')
        return c;
    c = *(*s)++;
    if (c >= '0' && c <= '7') {
        int n = c - '0';

        for (int i = 0; i < 2 && **s >= '0' && **s <= '7'; i++)
            n = n * 8 + *(*s)++ - '0';
        return (char)n;
    }
    if (c == 'x') {
        int n = 0;

        while (hex_digit(**s) >= 0)
            n = (n * 16 + hex_digit(*(*s)++)) & 0xff;
        return (char)n;
    }
    at = strchr(from, c);
    return c && at ? to[at - from] : c;
}

uint32_t place_string(struct lower *l, struct node *n)
{
    CXString spelling = clang_getCursorSpelling(n->cursor);
    const char *s = clang_getCString(spelling);
    char *bytes = arena_alloc(l->scratch, strlen(s) + 1), *out = bytes;

    while (*s && *s != '"')             /* a prefix L, u8, ... */
        s++;
    if (*s)
        s++;
    while (*s && *s != '"')
        *out++ = unescape(&s);
    clang_disposeString(spelling);
    return pool_text(&l->pool, bytes, (size_t)(out - bytes));
}
