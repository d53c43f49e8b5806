/* Types: sizes, scalars, fields, and the alias classes of memory. */
#include "lower_internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- classes and sizes --------------------------------------------------- */

CXType type_value(CXType type)
{
    CXType t = clang_getCanonicalType(type);

    while (t.kind == CXType_Atomic)
        t = clang_getCanonicalType(clang_Type_getValueType(t));
    return t.kind == CXType_Invalid ? t : clang_getUnqualifiedType(t);
}

bool type_is_atomic(CXType type)
{
    return clang_getCanonicalType(type).kind == CXType_Atomic;
}

enum type_class type_class(CXType type)
{
    switch (type_value(type).kind) {
    case CXType_Void: case CXType_Invalid:
        return TYPE_VOID;
    case CXType_Record:
        return TYPE_RECORD;
    case CXType_ConstantArray: case CXType_IncompleteArray: case CXType_VariableArray:
    case CXType_DependentSizedArray:
        return TYPE_ARRAY;
    case CXType_FunctionProto: case CXType_FunctionNoProto:
        return TYPE_FUNCTION;
    default:
        return TYPE_SCALAR;
    }
}

static enum scalar integer_scalar(long long size, bool is_signed)
{
    switch (size) {
    case 1: return is_signed ? SCALAR_I8 : SCALAR_U8;
    case 2: return is_signed ? SCALAR_I16 : SCALAR_U16;
    case 4: return is_signed ? SCALAR_I32 : SCALAR_U32;
    default: return is_signed ? SCALAR_I64 : SCALAR_U64;
    }
}

enum scalar type_scalar(CXType type)
{
    CXType t = type_value(type);

    switch (t.kind) {
    case CXType_Bool:
        return SCALAR_BOOL;
    case CXType_Char_U: case CXType_UChar: case CXType_Char16: case CXType_Char32:
    case CXType_UShort: case CXType_UInt: case CXType_ULong: case CXType_ULongLong:
    case CXType_UInt128:
        return integer_scalar(clang_Type_getSizeOf(t), false);
    case CXType_Char_S: case CXType_SChar: case CXType_WChar: case CXType_Short:
    case CXType_Int: case CXType_Long: case CXType_LongLong: case CXType_Int128:
        return integer_scalar(clang_Type_getSizeOf(t), true);
    case CXType_Enum:
        return type_scalar(clang_getEnumDeclIntegerType(clang_getTypeDeclaration(t)));
    case CXType_Half: case CXType_Float16: case CXType_Float: case CXType_Double:
    case CXType_LongDouble: case CXType_Float128: case CXType_Ibm128: case CXType_BFloat16:
    case CXType_Complex: case CXType_Vector: case CXType_ExtVector:
        return SCALAR_FLOAT;
    case CXType_Void: case CXType_Invalid:
        return SCALAR_I32;
    default:
        return SCALAR_PTR;
    }
}

static bool type_is_vla(CXType type)
{
    CXType t = type_value(type);

    while (t.kind == CXType_ConstantArray || t.kind == CXType_IncompleteArray)
        t = type_value(clang_getArrayElementType(t));
    return t.kind == CXType_VariableArray;
}

uint32_t type_size(CXType type)
{
    CXType t = type_value(type);
    long long size;

    if (t.kind == CXType_Void || type_class(t) == TYPE_FUNCTION)
        return 1;                   /* GNU C: void * counts bytes */
    size = clang_Type_getSizeOf(t);
    if (size < 0)
        return type_is_vla(t) ? VLA_SIZE : 0;
    return size > INT32_MAX ? INT32_MAX : (uint32_t)size;
}

CXType type_pointee(CXType type)
{
    CXType t = type_value(type);

    if (type_class(t) == TYPE_ARRAY)
        return clang_getArrayElementType(t);
    return clang_getPointeeType(t);
}

bool type_is_union(CXType type)
{
    CXType t = type_value(type);

    return t.kind == CXType_Record && clang_getTypeDeclaration(t).kind == CXCursor_UnionDecl;
}

/* ---- alias classes -------------------------------------------------------- */

/* "const char *const *" says the same memory as "char **". */
static void drop_qualifiers(char *s)
{
    static const char *const words[] = { "const", "volatile", "restrict", "__restrict" };
    char *out = s;

    while (*s) {
        size_t word = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
        bool drop = false;

        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            drop |= word == strlen(words[i]) && !memcmp(s, words[i], word);
        if (!drop) {
            memmove(out, s, word ? word : 1);
            out += word ? word : 1;
        }
        s += word ? word : 1;
        if (drop && *s == ' ')
            s++;
    }
    while (out[-1] == ' ')
        out--;
    *out = 0;
}

static uint32_t spelled(struct lower *l, const char *before, CXType type)
{
    CXString spelling = clang_getTypeSpelling(type_value(type));
    char *text = arena_printf(l->scratch, "%s%s", before, clang_getCString(spelling));

    clang_disposeString(spelling);
    drop_qualifiers(text);
    return pool_string(&l->pool, text);
}

uint32_t type_key(struct lower *l, CXType type)
{
    CXType t = type_value(type);

    switch (t.kind) {               /* the common ones, without spelling them */
    case CXType_Int:    return pool_string(&l->pool, "*int");
    case CXType_Char_S: return pool_string(&l->pool, "*char");
    case CXType_Bool:   return pool_string(&l->pool, "*_Bool");
    case CXType_ULong:  return pool_string(&l->pool, "*unsigned long");
    default:            return spelled(l, "*", t);
    }
}

uint32_t type_element_key(struct lower *l, CXType type)
{
    while (type_class(type) == TYPE_ARRAY)
        type = type_pointee(type);
    return type_class(type) == TYPE_SCALAR ? type_key(l, type) : FLOW_NONE;
}

/* ---- fields ---------------------------------------------------------------- */

struct field_names {
    struct arena *arena;
    const char   *text;
};

static enum CXVisitorResult add_field_name(CXCursor decl, CXClientData data)
{
    struct field_names *n = data;
    CXString name = clang_getCursorSpelling(decl);

    bool named = !strchr(clang_getCString(name), '(');     /* not (anonymous at ..) */

    n->text = arena_printf(n->arena, "%s%s;", n->text, named ? clang_getCString(name) : "");
    clang_disposeString(name);
    return CXVisit_Continue;
}

/* A record without a name is known by its fields: what one declaration of it writes, another may read, of
 * the same look in a task that was handed a void pointer. */
static const char *key_of_unnamed(struct lower *l, CXType record)
{
    struct field_names n = { l->scratch, "{" };

    clang_Type_visitFields(record, add_field_name, &n);
    return n.text;
}

static const char *key_of_record(struct lower *l, CXCursor record)
{
    CXType type = clang_getCursorType(record);
    bool is_union = record.kind == CXCursor_UnionDecl;
    CXCursor parent = clang_getCursorSemanticParent(record);

    bool inside = parent.kind == CXCursor_StructDecl || parent.kind == CXCursor_UnionDecl;

    if (inside && is_union && clang_Cursor_isAnonymous(record))
        return arena_printf(l->scratch, "%s.(union)", key_of_record(l, parent));
    if (inside && !is_union && clang_Cursor_isAnonymousRecordDecl(record))
        return key_of_record(l, parent);
    if (clang_Cursor_isAnonymous(record))
        return key_of_unnamed(l, type);
    return flow_string(l->flow, spelled(l, "", type));
}

/* The memory bit-fields are read and written through: the smallest aligned units
 * that hold them, such that two units are the same or have no byte in common. Flags
 * are bytes then, and whoever stores one keeps its neighbours. */
struct unit_of_bits {
    CXCursor decl;
    uint64_t start;             /* bytes */
    unsigned size;
};

struct bit_units {
    struct arena        *arena;
    struct unit_of_bits *list;
    uint32_t             count, capacity;
};

static void widen_unit(struct unit_of_bits *u, uint64_t first, uint64_t last)
{
    while (u->size < 8 && (first < u->start || last >= u->start + u->size)) {
        u->size *= 2;
        u->start -= u->start % u->size;
    }
}

static enum CXVisitorResult add_bit_unit(CXCursor decl, CXClientData data)
{
    struct bit_units *units = data;
    long long bit = clang_Cursor_getOffsetOfField(decl);
    int width = clang_Cursor_isBitField(decl) ? clang_getFieldDeclBitWidth(decl) : 0;
    struct unit_of_bits u = { .decl = decl, .size = 1 };

    if (bit < 0 || width <= 0)
        return CXVisit_Continue;
    u.start = (uint64_t)bit / 8;
    widen_unit(&u, u.start, ((uint64_t)bit + (unsigned)width - 1) / 8);
    ARENA_PUSH(units->arena, units->list, units->count, units->capacity) = u;
    return CXVisit_Continue;
}

/* Make a and b the same when they overlap; whether that changed one. */
static bool merge_units(struct unit_of_bits *a, struct unit_of_bits *b)
{
    if (a->start + a->size <= b->start || b->start + b->size <= a->start ||
        (a->start == b->start && a->size == b->size))
        return false;
    struct unit_of_bits before = *a, other = *b;
    widen_unit(a, other.start, other.start + other.size - 1);
    widen_unit(b, before.start, before.start + before.size - 1);
    return a->size != before.size || b->size != other.size;
}

static void find_bit_unit(struct lower *l, CXCursor record, struct field *f)
{
    struct bit_units units = { .arena = l->scratch };
    bool changed = true;

    clang_Type_visitFields(clang_getCursorType(record), add_bit_unit, &units);
    while (changed) {
        changed = false;
        for (uint32_t i = 0; i < units.count; i++)
            for (uint32_t k = 0; k < i; k++)
                changed |= merge_units(&units.list[k], &units.list[i]);
    }
    for (uint32_t i = 0; i < units.count; i++)
        if (clang_equalCursors(units.list[i].decl, f->decl)) {
            f->unit = units.list[i].start;
            f->unit_size = units.list[i].size;
        }
}

struct anonymous {
    CXCursor record, field;
};

static enum CXVisitorResult find_anonymous(CXCursor decl, CXClientData data)
{
    struct anonymous *a = data;
    CXCursor record = clang_getTypeDeclaration(type_value(clang_getCursorType(decl)));

    if (!clang_equalCursors(record, a->record))
        return CXVisit_Continue;
    a->field = decl;
    return CXVisit_Break;
}

CXCursor type_anonymous_in(CXType record, CXCursor field)
{
    CXCursor parent = clang_getCursorSemanticParent(field);
    struct anonymous a = { parent, clang_getNullCursor() };

    if (clang_Cursor_isAnonymousRecordDecl(parent) &&
        !clang_equalCursors(parent, clang_getTypeDeclaration(type_value(record))))
        clang_Type_visitFields(clang_getCursorType(clang_getCursorSemanticParent(parent)), find_anonymous, &a);
    return a.field;
}

/* The outermost anonymous union that a record is, or is in: its memory has one key. Null: none. */
static CXCursor union_around(CXCursor record)
{
    CXCursor found = record.kind == CXCursor_UnionDecl ? record : clang_getNullCursor();

    while (clang_Cursor_isAnonymousRecordDecl(record)) {
        record = clang_getCursorSemanticParent(record);
        if (record.kind == CXCursor_UnionDecl)
            found = record;
    }
    return found;
}

static struct field field_new(struct lower *l, CXCursor decl)
{
    CXCursor record = clang_getCursorSemanticParent(decl);
    struct field f = { .decl = decl };
    long long bit = clang_Cursor_getOffsetOfField(decl);
    CXCursor overlaid = union_around(record);
    const char *owner = key_of_record(l, clang_Cursor_isNull(overlaid) ? record : overlaid);

    f.bit = bit < 0 ? 0 : (uint64_t)bit;
    f.in_union = !clang_Cursor_isNull(overlaid);
    if (clang_Cursor_isBitField(decl))
        f.width = (unsigned)clang_getFieldDeclBitWidth(decl);
    if (f.width)
        find_bit_unit(l, record, &f);
    if (f.in_union) {
        f.key = pool_string(&l->pool, owner);
    } else if (f.width) {
        f.key = pool_printf(&l->pool, "%s.(bits)", owner);
    } else {
        CXString name = clang_getCursorSpelling(decl);

        f.key = pool_printf(&l->pool, "%s.%s", owner, clang_getCString(name));
        clang_disposeString(name);
    }
    return f;
}

static void fields_widen(struct lower *l)
{
    struct field *old = l->fields;
    uint32_t size = l->field_size;

    l->field_size = size ? size * 2 : 64;
    l->fields = ARENA_ARRAY(l->work, struct field, l->field_size);
    for (uint32_t i = 0; i < size; i++) {
        uint32_t at;

        if (clang_Cursor_isNull(old[i].decl) || !old[i].decl.data[0])
            continue;
        for (at = clang_hashCursor(old[i].decl); l->fields[at & (l->field_size - 1)].decl.data[0]; at++)
            ;
        l->fields[at & (l->field_size - 1)] = old[i];
    }
}

const struct field *type_field(struct lower *l, CXCursor decl)
{
    if (l->field_count * 2 >= l->field_size)
        fields_widen(l);
    for (uint32_t at = clang_hashCursor(decl);; at++) {
        struct field *f = &l->fields[at & (l->field_size - 1)];

        if (!f->decl.data[0]) {
            *f = field_new(l, decl);
            l->field_count++;
            return f;
        }
        if (clang_equalCursors(f->decl, decl))
            return f;
    }
}

/* ---- classes that overlap ---------------------------------------------------- */

/* Whether the pair is new. */
static bool pair_insert(struct lower *l, uint64_t pair)
{
    struct index_table *t = &l->alias_of;

    if (t->count * 2 >= t->size) {
        struct index_table old = *t;

        t->size = old.size ? old.size * 2 : 64;
        t->keys = ARENA_ARRAY(l->work, uint64_t, t->size);
        t->count = 0;
        for (uint32_t i = 0; i < old.size; i++)
            if (old.keys[i])
                pair_insert(l, old.keys[i]);
    }
    for (uint64_t at = pair * 0x9e3779b97f4a7c15u >> 32;; at++) {
        uint64_t *key = &t->keys[at & (t->size - 1)];

        if (*key == pair)
            return false;
        if (!*key) {
            *key = pair;
            t->count++;
            return true;
        }
    }
}

static void alias_pair(struct lower *l, uint32_t a, uint32_t b)
{
    struct flow *flow = l->flow;

    if (a == b || a == FLOW_NONE || b == FLOW_NONE)
        return;
    uint32_t low = a < b ? a : b, high = a < b ? b : a;
    if (pair_insert(l, (uint64_t)low << 32 | high))
        ARENA_PUSH(l->arena, flow->aliases, flow->alias_count, l->aliases) =
            (struct alias){ low, high };
}

struct alias_fields {
    struct lower *lower;
    uint32_t      key;
};

static enum CXVisitorResult alias_field(CXCursor decl, CXClientData data)
{
    struct alias_fields *a = data;
    CXType type = clang_getCursorType(decl);

    alias_pair(a->lower, a->key, type_field(a->lower, decl)->key);
    alias_type(a->lower, a->key, type);
    return CXVisit_Continue;
}

static enum CXVisitorResult alias_member(CXCursor decl, CXClientData data)
{
    struct alias_fields *a = data;

    alias_pair(a->lower, a->key, type_field(a->lower, decl)->key);
    return CXVisit_Continue;
}

void alias_members(struct lower *l, uint32_t key, CXType record)
{
    CXType t = type_value(record);
    struct alias_fields a = { l, key };

    if (type_class(t) == TYPE_RECORD)
        clang_Type_visitFields(t, alias_member, &a);
}

void alias_type(struct lower *l, uint32_t key, CXType type)
{
    CXType t = type_value(type);

    while (type_class(t) == TYPE_ARRAY)
        t = type_value(clang_getArrayElementType(t));
    if (type_class(t) == TYPE_SCALAR) {
        alias_pair(l, key, type_key(l, t));
    } else if (type_class(t) == TYPE_RECORD) {
        struct alias_fields a = { l, key };

        clang_Type_visitFields(t, alias_field, &a);
    }
}

struct twins {
    struct lower *lower;
    CXType        other;
    CXCursor      field;        /* null: look for the twins of each */
};

static enum CXVisitorResult alias_twin(CXCursor decl, CXClientData data)
{
    struct twins *t = data, of = { t->lower, t->other, decl };

    if (clang_Cursor_isNull(t->field))
        clang_Type_visitFields(t->other, alias_twin, &of);
    else if (clang_Cursor_getOffsetOfField(decl) == clang_Cursor_getOffsetOfField(t->field))
        alias_pair(t->lower, type_field(t->lower, decl)->key, type_field(t->lower, t->field)->key);
    return CXVisit_Continue;
}

/* A record seen as another, whose first fields are the same: those that lie in the same place. */
static void alias_records(struct lower *l, CXType a, CXType b)
{
    struct twins t = { l, b, clang_getNullCursor() };

    clang_Type_visitFields(a, alias_twin, &t);
}

/* A pointer that is handed on by its own address may be taken for another one there: a message of a void *
 * channel is sent from a struct job *. */
static void alias_pointer(struct lower *l, CXType type)
{
    if (type.kind == CXType_Pointer)
        alias_pair(l, type_key(l, type), pool_string(&l->pool, "*void *"));
}

void alias_convert(struct lower *l, CXType from, CXType to)
{
    CXType a = type_value(type_pointee(from)), b = type_value(type_pointee(to));
    enum type_class of_a = type_class(a), of_b = type_class(b);

    if (of_a == TYPE_VOID || of_b == TYPE_VOID) {
        alias_pointer(l, of_a == TYPE_VOID ? b : a);
        return;
    }
    if (clang_equalTypes(a, b) || of_a == TYPE_FUNCTION || of_b == TYPE_FUNCTION)
        return;
    if (of_b == TYPE_SCALAR)
        alias_type(l, type_key(l, b), a);
    else if (of_a == TYPE_SCALAR)
        alias_type(l, type_key(l, a), b);
    else if (of_a == TYPE_RECORD && of_b == TYPE_RECORD)
        alias_records(l, a, b);
}
