/* Initialisers: C11 6.7.9 over the list as it was written, with designators,
 * elided braces and GNU ranges. A static initialiser goes the same way in a
 * build of its own, and what would be stored is written down instead. */
#include "lower_internal.h"

#include <string.h>

enum { RANGE_MOST = 4096 };     /* elements of a [a ... b] that are written out */

struct items {                  /* the list under way */
    struct node *list;
    uint32_t     at;
    bool         alone;         /* of a designated item: those after it are not looked at */
};

static void init_object(struct lower *l, const struct place *to, struct node *n);
static void init_members(struct lower *l, const struct place *to, struct items *it, bool braced);
static void init_array(struct lower *l, const struct place *to, struct items *it, int64_t at, bool braced);
static void init_record(struct lower *l, const struct place *to, struct items *it, int64_t at, bool braced);

/* ---- static initialisers --------------------------------------------------------- */

/* The object and byte offset an address expression names. */
static bool constant_address(struct lower *l, uint32_t e, uint32_t *base, int64_t *offset)
{
    const struct expr *x = &l->f.function.exprs[e];
    int64_t n;

    *offset = 0;
    while (x->kind == EXPR_CAST || x->kind == EXPR_INDEX) {
        if (x->kind == EXPR_INDEX) {
            if (!ex_is_const(l, x->b, &n))
                return false;
            *offset = (int64_t)((uint64_t)*offset + (uint64_t)n * (uint64_t)x->number);
        }
        e = x->a;
        x = &l->f.function.exprs[e];
    }
    *base = e;
    return x->kind == EXPR_GLOBAL || x->kind == EXPR_STRING;
}

static void write_bits(struct lower *l, const struct place *to, struct init *init)
{
    uint64_t mask = to->width >= 64 ? UINT64_MAX : ((uint64_t)1 << to->width) - 1;

    init->type = place_unit(to);
    init->number = (int64_t)(((uint64_t)init->number & mask) << to->bit);
    for (uint32_t i = 0; i < l->f.init_count; i++) {
        struct init *other = &l->f.inits[i];

        if (other->offset == init->offset) {
            other->number |= init->number;
            init->type = SCALAR_FLOAT;  /* merged */
            return;
        }
    }
}

static void static_store(struct lower *l, const struct place *to, uint32_t value)
{
    struct init init = { .kind = EXPR_UNKNOWN, .type = type_scalar(to->type), .index = FLOW_NONE };
    const struct expr *x = &l->f.function.exprs[value];
    uint32_t base;
    int64_t offset;

    if (init.type == SCALAR_FLOAT || !constant_address(l, to->address, &base, &offset))
        return;
    init.offset = (uint32_t)offset;
    if (x->kind == EXPR_CONST) {
        init.kind = EXPR_CONST;
        init.number = x->number;
        init.index = scalar_size(init.type) > 1 ? to->key : FLOW_NONE;      /* characters count nothing */
    } else if (constant_address(l, value, &base, &offset)) {
        init.kind = l->f.function.exprs[base].kind;
        init.index = l->f.function.exprs[base].index;
        init.number = offset;
    }
    if (to->width)
        write_bits(l, to, &init);
    if (init.type == SCALAR_FLOAT || (init.kind == EXPR_CONST && !init.number && !to->width))
        return;
    ARENA_PUSH(l->arena, l->f.inits, l->f.init_count, l->f.init_capacity) = init;
}

void init_global(struct lower *l, uint32_t global, CXCursor init, CXType type)
{
    struct build function = l->f;
    uint32_t symbol = l->flow->globals[global].symbol;

    l->f = (struct build){ .constant = true, .current = FLOW_NONE };
    build_start(l, build_block(l));
    struct place to = place_of_symbol(l, symbol, type);
    init_object(l, &to, tree_of(l, init));
    l->flow->globals[global].inits = l->f.inits;
    l->flow->globals[global].init_count = l->f.init_count;
    l->f = function;
}

/* ---- leaves ------------------------------------------------------------------------ */

static struct node *string_in(struct node *n)
{
    n = tree_skip_parens(n);
    while (n->count == 1 && (n->kind == CXCursor_UnexposedExpr || n->kind == CXCursor_InitListExpr))
        n = tree_skip_parens(n->child[0]);
    return n->kind == CXCursor_StringLiteral ? n : NULL;
}

/* The string that initialises an array of characters. In an array of pointers it is an element, also when
 * it is the only one: const char *names[3] = { "a" }. */
static struct node *string_for(const struct place *to, struct node *n)
{
    bool numbers = type_class(to->type) == TYPE_ARRAY && type_class(type_pointee(to->type)) == TYPE_SCALAR &&
                   type_scalar(type_pointee(to->type)) != SCALAR_PTR;

    return numbers ? string_in(n) : NULL;
}

static void init_string(struct lower *l, const struct place *to, struct node *string)
{
    uint32_t text = place_string(l, string), size = l->flow->strings[text].size;
    uint32_t room = type_size(to->type);
    struct place byte;

    if (!l->f.constant && type_size(type_pointee(to->type)) == 1) {
        size = size + 1 < room ? size + 1 : room;
        if (size > 1 || l->flow->strings[text].size)
            build_copy(l, to->address, ex_string(l, text), size);
        return;
    }
    for (uint32_t i = 0; i < size && (i < room || !room) && i < RANGE_MOST; i++) {
        uint32_t c = ex_const(l, type_scalar(type_pointee(to->type)), l->flow->strings[text].bytes[i]);

        byte = place_element(l, to, ex_const(l, SCALAR_I64, i));
        if (l->f.constant)
            static_store(l, &byte, c);
        else
            place_store(l, &byte, c);
    }
}

static void init_leaf(struct lower *l, const struct place *to, struct node *n)
{
    if (!l->f.constant) {
        lower_assign(l, to, n);
        return;
    }
    if (type_class(to->type) == TYPE_SCALAR)
        static_store(l, to, lower_convert(l, lower_value(l, n), n->type, to->type));
}

static void init_object(struct lower *l, const struct place *to, struct node *n)
{
    struct node *bare = tree_skip_casts(n);
    bool literal = bare->kind == CXCursor_CompoundLiteralExpr && bare->count;

    if (string_for(to, n)) {
        init_string(l, to, string_for(to, n));
    } else if (type_class(to->type) == TYPE_SCALAR) {
        while (n->kind == CXCursor_InitListExpr && n->count)
            n = n->child[0];
        if (n->kind != CXCursor_InitListExpr)
            init_leaf(l, to, n);
    } else if (n->kind == CXCursor_InitListExpr) {
        struct items it = { .list = n };

        init_members(l, to, &it, true);
    } else if (literal && (l->f.constant || type_class(to->type) == TYPE_ARRAY)) {
        init_object(l, to, bare->child[bare->count - 1]);
    } else {
        init_leaf(l, to, n);
    }
}

/* ---- lists --------------------------------------------------------------------------- */

static bool is_designation(const struct node *n)
{
    return n->kind == CXCursor_UnexposedExpr && n->count >= 2 && type_class(n->type) == TYPE_VOID;
}

struct members {
    struct arena *arena;
    CXCursor     *list;
    uint32_t      count, capacity;
};

static enum CXVisitorResult add_member(CXCursor decl, CXClientData data)
{
    struct members *m = data;
    CXString name = clang_getCursorSpelling(decl);
    bool padding = clang_Cursor_isBitField(decl) && !*clang_getCString(name);

    clang_disposeString(name);
    if (!padding)
        ARENA_PUSH(m->arena, m->list, m->count, m->capacity) = decl;
    return CXVisit_Continue;
}

static struct members members_of(struct lower *l, CXType record)
{
    struct members m = { .arena = l->scratch };

    clang_Type_visitFields(type_value(record), add_member, &m);
    return m;
}

/* The next item initialises `to`, alone or, its braces left out, with those that follow. */
static void init_from(struct lower *l, const struct place *to, struct items *it)
{
    struct node *n = it->list->child[it->at];
    enum type_class class = type_class(to->type);
    bool whole = class == TYPE_SCALAR || n->kind == CXCursor_InitListExpr ||
                 string_for(to, n) ||
                 (class == TYPE_RECORD && type_class(n->type) == TYPE_RECORD &&
                  clang_equalTypes(type_value(n->type), type_value(to->type)));

    if (whole) {
        init_object(l, to, n);
        it->at++;
        return;
    }
    uint32_t before = it->at;
    init_members(l, to, it, false);
    if (it->at == before)
        it->at++;                       /* an empty record: never go round for ever */
}

static uint32_t name_field(struct lower *l, CXCursor field)
{
    CXString name = clang_getCursorSpelling(field);
    uint32_t string = pool_string(&l->pool, clang_getCString(name));

    clang_disposeString(name);
    return string;
}

static uint32_t member_index(const struct members *m, CXCursor field)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (clang_equalCursors(m->list[i], field))
            return i;
    return m->count;
}

/* [low], [low ... high] from child *d on, which goes past them. */
static void read_range(struct lower *l, const struct place *to, const struct node *item, uint32_t *d,
                       int64_t *low, int64_t *high)
{
    struct node *first = item->child[(*d)++];
    struct node *second = *d + 1 < item->count ? item->child[*d] : NULL;

    lower_constant(first->cursor, low);
    *high = *low;
    if (second && second->kind != CXCursor_MemberRef &&
        (type_class(type_pointee(to->type)) != TYPE_ARRAY ||
         source_is_range(l, first->cursor, second->cursor))) {
        lower_constant(second->cursor, high);
        (*d)++;
    }
}

/* Apply the designators of the next item from child `d` on to `to`, then its value;
 * *last becomes the index of the element or member the first one named. After
 * .a.b = 1 the list goes on with the sibling of .b (C11 6.7.9p17). */
static void init_designated(struct lower *l, const struct place *to, struct items *it, uint32_t d, int64_t *last)
{
    struct node *item = it->list->child[it->at];
    int64_t low = 0, high = 0, ignored;
    bool goes_on = d && !it->alone;

    if (d + 1 >= item->count) {
        init_object(l, to, item->child[item->count - 1]);
        it->at++;
        return;
    }
    if (item->child[d]->kind == CXCursor_MemberRef) {
        CXCursor field = clang_getCursorReferenced(item->child[d]->cursor);
        struct members m = members_of(l, to->type);
        struct place p = place_member(l, to, field);

        *last = member_index(&m, field);
        l->result_name = name_field(l, field);
        init_designated(l, &p, it, d + 1, &ignored);
        if (goes_on)
            init_record(l, to, it, *last + 1, false);
        return;
    }
    read_range(l, to, item, &d, &low, &high);
    *last = high;
    if (high - low >= RANGE_MOST)
        high = low + RANGE_MOST - 1;
    for (int64_t i = low; i < high; i++) {
        struct place p = place_element(l, to, ex_const(l, SCALAR_I64, i));
        struct items one = { it->list, it->at, true };

        init_designated(l, &p, &one, d, &ignored);
    }
    struct place p = place_element(l, to, ex_const(l, SCALAR_I64, high));
    init_designated(l, &p, it, d, &ignored);
    if (goes_on)
        init_array(l, to, it, *last + 1, false);
}

/* Elements from the one at `at` on. */
static void init_array(struct lower *l, const struct place *to, struct items *it, int64_t at, bool braced)
{
    uint32_t element = type_size(type_pointee(to->type)), name = l->result_name;
    int64_t length = element ? type_size(to->type) / element : 0;
    bool open = clang_getCanonicalType(to->type).kind == CXType_IncompleteArray;

    while (it->at < it->list->count) {
        struct node *item = it->list->child[it->at];

        l->result_name = name;
        if (is_designation(item)) {
            if (!braced)
                return;
            init_designated(l, to, it, 0, &at);
        } else if (open || at < length) {
            struct place p = place_element(l, to, ex_const(l, SCALAR_I64, at));

            init_from(l, &p, it);
        } else {
            return;
        }
        at++;
    }
}

/* Members from the one at `at` on. */
static void init_record(struct lower *l, const struct place *to, struct items *it, int64_t at, bool braced)
{
    struct members m = members_of(l, to->type);
    bool is_union = type_is_union(to->type);

    while (it->at < it->list->count) {
        struct node *item = it->list->child[it->at];

        if (is_designation(item)) {
            if (!braced)
                return;
            init_designated(l, to, it, 0, &at);
        } else if (at < m.count && !(is_union && at)) {
            struct place p = place_member(l, to, m.list[at]);

            l->result_name = name_field(l, m.list[at]);
            init_from(l, &p, it);
        } else {
            return;
        }
        at++;
    }
}

static void init_members(struct lower *l, const struct place *to, struct items *it, bool braced)
{
    if (type_class(to->type) == TYPE_ARRAY)
        init_array(l, to, it, 0, braced);
    else
        init_record(l, to, it, 0, braced);
}

/* ---- objects in a function -------------------------------------------------------------- */

/* { 0 }: nothing but zeros, however deep. */
static bool is_zero_list(struct node *n)
{
    int64_t number = 1;

    while (n->kind == CXCursor_InitListExpr && n->count == 1)
        n = n->child[0];
    if (n->kind == CXCursor_InitListExpr)
        return !n->count;
    n = tree_skip_casts(n);
    return n->kind == CXCursor_IntegerLiteral && lower_constant(n->cursor, &number) && !number;
}

void init_local(struct lower *l, const struct place *to, struct node *init)
{
    bool list = init->kind == CXCursor_InitListExpr;

    if (type_class(to->type) != TYPE_SCALAR && (list || string_in(init))) {
        build_zero(l, to->address, type_size(to->type));
        if (list && is_zero_list(init))
            return;
    }
    init_object(l, to, init);
    l->result_name = FLOW_NONE;
}

uint32_t init_literal(struct lower *l, struct node *n)
{
    struct node *init = n->count ? n->child[n->count - 1] : NULL;
    struct place to = { .kind = PLACE_MEMORY, .key = FLOW_NONE, .type = n->type };
    uint32_t symbol, slot;

    if (init && clang_getCanonicalType(n->type).kind == CXType_IncompleteArray)
        to.type = init->type;
    if (l->f.constant) {
        uint32_t name = pool_printf(&l->pool, ".literal.%u", l->literals++);
        uint32_t global = lower_hidden_global(l, name, to.type, lower_loc(l, n->cursor), &symbol);

        if (init)
            init_global(l, global, init->cursor, to.type);
        return ex_global(l, symbol);
    }
    to.key = type_element_key(l, to.type);
    slot = build_slot(l, pool_string(&l->pool, ""), type_size(to.type));
    build_decl(l, slot);
    to.address = ex_slot(l, slot);
    if (init)
        init_local(l, &to, init);
    return to.address;
}
