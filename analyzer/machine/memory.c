#include "machine.h"

#include <string.h>

/* A cell wider than a scalar is a run of zeros (INT 0) or of bytes never written (UNSET). */

uint32_t object_new(struct machine *m, enum store_kind store, struct place made)
{
    struct object *o = &ARENA_PUSH(m->arena, m->objects, m->object_count, m->object_capacity);

    *o = (struct object){ .store = (uint8_t)store, .kind = OBJECT_CHANNEL, .made = made, .symbol = FLOW_NONE,
                          .link = FLOW_NONE, .parent = FLOW_NONE, .lent = NO_PLACE };
    return m->object_count - 1;
}

uint32_t memory_new(struct machine *m, uint32_t size, enum fill fill, struct place made)
{
    uint32_t id = object_new(m, STORE_MEMORY, made);

    m->objects[id].size = size;
    m->objects[id].fill = (uint8_t)fill;
    return id;
}

struct value memory_address(uint32_t object, int64_t offset)
{
    return (struct value){ VALUE_ADDRESS, object, offset };
}

/* ---- globals and strings ---------------------------------------------------- */

uint32_t string_object(struct machine *m, uint32_t string)
{
    uint32_t id;

    for (uint32_t i = 0; i < m->object_count; i++)
        if (m->objects[i].store == STORE_MEMORY && m->objects[i].fill == FILL_STRING &&
            m->objects[i].symbol == string)
            return i;
    id = memory_new(m, m->flow->strings[string].size + 1, FILL_STRING, NO_PLACE);
    m->objects[id].symbol = string;
    return id;
}

static struct value init_value(struct machine *m, const struct init *init, int64_t number)
{
    switch ((enum expr_kind)init->kind) {
    case EXPR_CONST:
        return INT_VALUE(number);
    case EXPR_STRING:
        return memory_address(string_object(m, init->index), init->number);
    case EXPR_GLOBAL:
        if (m->flow->symbols[init->index].global == FLOW_NONE)
            return (struct value){ VALUE_FUNCTION, init->index, 0 };
        return memory_address(global_object(m, m->flow->symbols[init->index].global), init->number);
    default:
        return value_fresh(m, init->type);
    }
}

uint32_t global_object(struct machine *m, uint32_t global)
{
    const struct global *g = &m->flow->globals[global];
    uint32_t id = m->globals[global];

    if (id != FLOW_NONE)
        return id;
    bool unseen = g->is_extern || (m->is_library && !g->is_const);

    id = memory_new(m, g->size, unseen ? FILL_UNKNOWN : FILL_ZERO, NO_PLACE);
    m->objects[id].symbol = g->symbol;
    m->objects[id].external = unseen;
    m->globals[global] = id;
    if (unseen)
        return id;
    const int64_t *scaled = m->plan->global_scaled ? m->plan->global_scaled[global] : NULL;

    for (uint32_t i = 0; i < g->init_count; i++) {
        struct value v = init_value(m, &g->inits[i], scaled ? scaled[i] : g->inits[i].number);
        memory_store(m, memory_address(id, g->inits[i].offset), scalar_size(g->inits[i].type), v);
    }
    return id;
}

/* ---- cells ------------------------------------------------------------------ */

static uint32_t cell_at_or_after(const struct object *o, uint32_t offset)
{
    uint32_t low = 0, high = o->cell_count;

    while (low < high) {
        uint32_t mid = (low + high) / 2;

        if (o->cells[mid].offset + o->cells[mid].size <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void cell_insert(struct machine *m, struct object *o, uint32_t at, struct cell cell)
{
    ARENA_PUSH(m->arena, o->cells, o->cell_count, o->cell_capacity) = cell;
    memmove(&o->cells[at + 1], &o->cells[at], (o->cell_count - 1 - at) * sizeof cell);
    o->cells[at] = cell;
}

static void cells_remove(struct object *o, uint32_t at, uint32_t count)
{
    memmove(&o->cells[at], &o->cells[at + count], (o->cell_count - at - count) * sizeof *o->cells);
    o->cell_count -= count;
}

static bool is_run(const struct cell *c)
{
    return (c->value.kind == VALUE_INT && c->value.n == 0) || c->value.kind == VALUE_UNSET;
}

/* Make [from, from + size) free of cells. A run that sticks out keeps its ends;
 * the rest of a scalar that is half overwritten becomes unset. */
static uint32_t cells_cut(struct machine *m, struct object *o, uint32_t from, uint32_t size)
{
    uint32_t end = from + size < from ? UINT32_MAX : from + size;
    uint32_t at = cell_at_or_after(o, from);

    while (at < o->cell_count && o->cells[at].offset < end) {
        struct cell c = o->cells[at];
        uint32_t cend = c.offset + c.size;
        struct value rest = is_run(&c) ? c.value : (struct value){ 0 };

        cells_remove(o, at, 1);
        if (cend > end)
            cell_insert(m, o, at, (struct cell){ end, cend - end, rest, false });
        if (c.offset < from) {
            cell_insert(m, o, at, (struct cell){ c.offset, from - c.offset, rest, false });
            at++;
        }
        if (cend > end)
            break;
    }
    return at;
}

/* ---- addresses ---------------------------------------------------------------- */

bool memory_resolve(struct machine *m, struct value address, uint32_t *object, int64_t *offset, bool *somewhere)
{
    address = value_resolve(m, address);
    *somewhere = address.kind == VALUE_SOMEWHERE;
    if (address.kind == VALUE_UNKNOWN) {    /* followed for the first time: it points at something of its own */
        struct unknown *u = &m->unknowns[address.id];
        uint32_t id;

        if (address.n < 0 && u->high < INT64_MAX)
            return false;
        id = memory_new(m, UINT32_MAX, FILL_UNKNOWN, NO_PLACE);
        m->objects[id].external = true;
        m->unknowns[address.id].object = id;
        address = memory_address(id, address.n);
    }
    if (address.kind != VALUE_ADDRESS && address.kind != VALUE_SOMEWHERE)
        return false;
    *object = address.id;
    *offset = address.n;
    return m->objects[address.id].store == STORE_MEMORY;
}

/* ---- loads ---------------------------------------------------------------------- */

static struct value string_byte(const struct machine *m, const struct object *o, int64_t offset, uint32_t size)
{
    const struct text *text = &m->flow->strings[o->symbol];

    if (size == 1 && offset >= 0 && offset < (int64_t)text->size)
        return INT_VALUE((signed char)text->bytes[offset]);
    return INT_VALUE(0);
}

static bool is_constant(const struct machine *m, const struct object *o)
{
    return o->fill == FILL_ZERO && o->symbol != FLOW_NONE &&
           m->flow->globals[m->flow->symbols[o->symbol].global].is_const;
}

/* Part of a known number: little-endian, as on every machine we run on. */
static struct value cell_part(struct machine *m, const struct cell *c, uint32_t offset, uint32_t size)
{
    machine_note_sum(m, SUM_FIXED, 0, c->value.n, 0);
    uint64_t bits = (uint64_t)c->value.n >> (8 * (offset - c->offset));

    if (size < 8)
        bits &= ((uint64_t)1 << (8 * size)) - 1;
    return INT_VALUE((int64_t)bits);
}

static struct value load_at(struct machine *m, uint32_t object, uint32_t offset, enum scalar type)
{
    struct object *o = &m->objects[object];
    uint32_t size = scalar_size(type), at = cell_at_or_after(o, offset);
    struct value v;

    if (at < o->cell_count && o->cells[at].offset <= offset) {
        const struct cell *c = &o->cells[at];

        if (c->offset == offset && c->size == size && c->value.kind != VALUE_UNSET)
            return value_cast(m, type, c->value);
        if (c->value.kind == VALUE_INT && c->offset + c->size >= offset + size)
            return value_cast(m, type, c->value.n == 0 ? c->value : cell_part(m, c, offset, size));
    } else if ((at == o->cell_count || o->cells[at].offset >= offset + size) && o->fill == FILL_ZERO) {
        return INT_VALUE(0);
    }
    v = o->external ? value_from_caller(m, type) : value_fresh(m, type);     /* the same from now on */
    memory_store(m, memory_address(object, offset), size, v);
    return v;
}

struct value memory_load(struct machine *m, struct value address, enum scalar type)
{
    uint32_t object;
    int64_t offset;
    bool somewhere;

    if (!memory_resolve(m, address, &object, &offset, &somewhere)) {
        if (value_resolve(m, address).kind == VALUE_INT)
            machine_prune(m);       /* NULL is followed: the program crashes, nothing is left waiting */
        return value_fresh(m, type);
    }
    if (somewhere)
        return value_fresh(m, type);
    if (m->objects[object].fill == FILL_STRING)
        return string_byte(m, &m->objects[object], offset, scalar_size(type));
    if (offset < 0 || offset > UINT32_MAX / 2)
        return value_fresh(m, type);
    return load_at(m, object, (uint32_t)offset, type);
}

bool memory_byte(const struct machine *m, struct value address, int64_t offset, bool variable, int64_t *byte)
{
    const struct object *o;
    uint32_t at;

    if (address.kind != VALUE_ADDRESS || m->objects[address.id].store != STORE_MEMORY)
        return false;
    o = &m->objects[address.id];
    offset = number_plus(offset, address.n);
    if (offset < 0 || offset >= o->size)
        return false;
    if (o->fill == FILL_STRING) {
        *byte = (unsigned char)string_byte(m, o, offset, 1).n;
        return true;
    }
    if (!variable && !is_constant(m, o))
        return false;
    at = cell_at_or_after(o, (uint32_t)offset);
    if (at < o->cell_count && o->cells[at].offset == offset) {
        struct value v = value_resolve(m, o->cells[at].value);

        *byte = (unsigned char)v.n;
        return o->cells[at].size == 1 && v.kind == VALUE_INT;
    }
    *byte = 0;
    return o->fill == FILL_ZERO && !o->written && (at == o->cell_count || o->cells[at].offset > offset);
}

uint32_t memory_decided(struct machine *m, struct value address)
{
    uint32_t object, count = 0;
    int64_t offset;
    bool somewhere;

    if (!memory_resolve(m, address, &object, &offset, &somewhere))
        return 0;
    for (uint32_t i = 0; i < m->objects[object].cell_count; i++) {
        struct value v = m->objects[object].cells[i].value;

        count += v.kind == VALUE_UNKNOWN && unknown_is_narrowed(&m->unknowns[v.id]);
    }
    return count;
}

/* ---- stores ----------------------------------------------------------------------- */

static void set_unknown(struct object *o)
{
    if (o->fill != FILL_STRING)
        o->fill = o->external ? FILL_UNKNOWN : FILL_UNSET;
}

static void anything(struct object *o)
{
    o->cell_count = 0;
    set_unknown(o);
}

/* Nobody knows where in the object was written, but not over a lock in use. */
static void anything_else(struct object *o)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < o->cell_count; i++)
        if (o->cells[i].operated)
            o->cells[kept++] = o->cells[i];
    o->cell_count = kept;
    set_unknown(o);
}

static void put(struct machine *m, struct object *o, uint32_t offset, uint32_t size, struct value v)
{
    uint32_t at = cells_cut(m, o, offset, size);

    if (o->fill == FILL_ZERO && v.kind == VALUE_INT && v.n == 0)
        return;
    if (v.kind == VALUE_UNSET && o->fill == FILL_UNSET)
        return;
    cell_insert(m, o, at, (struct cell){ offset, size, v, false });
}

void memory_store(struct machine *m, struct value address, uint32_t size, struct value v)
{
    uint32_t object;
    int64_t offset;
    bool somewhere;

    if (!memory_resolve(m, address, &object, &offset, &somewhere)) {
        if (value_resolve(m, address).kind == VALUE_INT)
            machine_prune(m);
        return;
    }
    if (m->objects[object].fill == FILL_STRING)
        return;
    if (somewhere || offset < 0 || offset > UINT32_MAX / 2)
        anything_else(&m->objects[object]);
    else
        put(m, &m->objects[object], (uint32_t)offset, size, v);
    if (m->objects[object].external)
        memory_havoc(m, v);
}

void memory_zero(struct machine *m, struct value address, uint32_t size)
{
    uint32_t object;
    int64_t offset;
    bool somewhere;

    if (memory_resolve(m, address, &object, &offset, &somewhere) && !somewhere && offset == 0 &&
        size >= m->objects[object].size && m->objects[object].fill != FILL_STRING) {
        m->objects[object].cell_count = 0;
        m->objects[object].fill = FILL_ZERO;
        m->objects[object].written = false;
        return;
    }
    memory_store(m, address, size, INT_VALUE(0));
}

void memory_take(struct machine *m, uint32_t from_object, uint32_t from, uint32_t size, uint32_t to_object,
                 uint32_t to)
{
    struct object *source = &m->objects[from_object];
    uint32_t count = 0, first, end = from + size < from ? UINT32_MAX : from + size;
    struct value fill = source->fill == FILL_ZERO ? INT_VALUE(0) : (struct value){ 0 };
    struct cell *copied;

    if (size == 0)
        return;
    first = cell_at_or_after(source, from);
    while (first + count < source->cell_count && source->cells[first + count].offset < end)
        count++;
    copied = arena_grow(m->arena, source->cells + first, count * sizeof *copied, (count + 1) * sizeof *copied);
    put(m, &m->objects[to_object], to, size, fill);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t low = copied[i].offset < from ? from : copied[i].offset;
        uint32_t high = copied[i].offset + copied[i].size;

        high = high > end ? end : high;
        if (high - low == copied[i].size || is_run(&copied[i]))
            put(m, &m->objects[to_object], to + (low - from), high - low, copied[i].value);
    }
}

enum { COPIED_MAX = 4096 };     /* bytes of a text; longer ones are copied to where nothing is known */

static void copy_string(struct machine *m, uint32_t string, int64_t from, struct value to, uint32_t size)
{
    if (size > COPIED_MAX) {
        memory_unknown(m, to, size);
        return;
    }
    for (uint32_t i = 0; i < size; i++)
        memory_store(m, memory_address(to.id, number_plus(to.n, i)), 1,
                     string_byte(m, &m->objects[string], from + i, 1));
}

void memory_copy(struct machine *m, struct value to, struct value from, uint32_t size)
{
    uint32_t to_object, from_object;
    int64_t to_offset, from_offset;
    bool to_somewhere, from_somewhere;

    if (size == 0)
        return;
    if (!memory_resolve(m, to, &to_object, &to_offset, &to_somewhere) ||
        m->objects[to_object].fill == FILL_STRING)
        return;
    if (!memory_resolve(m, from, &from_object, &from_offset, &from_somewhere) || from_somewhere ||
        to_somewhere || from_offset < 0 || to_offset < 0) {
        memory_unknown(m, to, size);
        return;
    }
    if (m->objects[to_object].external)
        memory_hand_out(m, from, size);
    if (m->objects[from_object].fill == FILL_STRING)
        copy_string(m, from_object, from_offset, memory_address(to_object, to_offset), size);
    else
        memory_take(m, from_object, (uint32_t)from_offset, size, to_object, (uint32_t)to_offset);
}

/* ---- the unknown -------------------------------------------------------------------- */

static bool is_handle(struct value v)
{
    return v.kind == VALUE_ADDRESS || v.kind == VALUE_FUNCTION || v.kind == VALUE_SOMEWHERE;
}

void memory_operate(struct machine *m, struct value address, struct value v)
{
    uint32_t object, at;
    int64_t offset;
    bool somewhere;
    struct object *o;

    memory_store(m, address, 8, v);
    if (!memory_resolve(m, address, &object, &offset, &somewhere) || somewhere || offset < 0)
        return;
    o = &m->objects[object];
    at = cell_at_or_after(o, (uint32_t)offset);
    if (at < o->cell_count && o->cells[at].offset == (uint32_t)offset && (v.kind != VALUE_INT || v.n != 0))
        o->cells[at].operated = true;
}

/* What a cell holds is forgotten, as far as it lies in [from, end). One number becomes one
 * that nobody knows, so that copies of it stay equal; but where a lock may be that nobody
 * holds nothing is set: it is still free. */
static void forget_cell(struct machine *m, struct object *o, uint32_t from, uint32_t end, uint32_t at, bool exact)
{
    struct cell *c = &o->cells[at];
    uint32_t low = c->offset < from ? from : c->offset;
    uint32_t high = c->offset + c->size < end ? c->offset + c->size : end;

    if (c->operated || c->value.kind == VALUE_UNSET)
        return;
    if (high - low == c->size && c->size <= 8 && (exact || c->size < 8 || !is_run(c)))
        c->value = value_fresh(m, SCALAR_I64);
    else
        put(m, o, low, high - low, (struct value){ 0 });
}

static void forget(struct machine *m, struct object *o, uint32_t from, uint32_t end, bool exact)
{
    while (from < end) {
        uint32_t at = cell_at_or_after(o, from);

        if (at == o->cell_count || o->cells[at].offset > from) {    /* up to the next cell, if any */
            uint32_t next = at == o->cell_count || o->cells[at].offset > end ? end : o->cells[at].offset;

            if (o->fill == FILL_ZERO)
                put(m, o, from, next - from, (struct value){ 0 });
            from = next;
        } else {
            uint32_t next = o->cells[at].offset + o->cells[at].size;

            forget_cell(m, o, from, end, at, exact);
            from = next;
        }
    }
}

/* A library function fills a buffer: it does not forge pointers, so it stops at the
 * first one behind the address. Nor does it touch the locks beside it. */
void memory_unknown(struct machine *m, struct value address, uint32_t size)
{
    uint32_t object, from, end;
    int64_t offset;
    bool somewhere, exact = size != UINT32_MAX, operated = false;
    struct object *o;

    address = value_resolve(m, address);
    if (!memory_resolve(m, address, &object, &offset, &somewhere) ||
        m->objects[object].fill == FILL_STRING)
        return;
    o = &m->objects[object];
    from = somewhere || offset < 0 || offset > UINT32_MAX / 2 ? 0 : (uint32_t)offset;
    if (!exact || somewhere || offset < 0 || from + size < from || from + size > o->size)
        end = o->size;
    else
        end = from + size;
    for (uint32_t at = cell_at_or_after(o, from); at < o->cell_count && o->cells[at].offset < end; at++) {
        operated = operated || o->cells[at].operated;
        if (is_handle(o->cells[at].value))
            end = o->cells[at].offset;
    }
    if (!exact || end - from < size)
        o->written = true;
    if (from == 0 && end >= o->size && !operated)
        anything(o);
    else if (exact && !operated && end - from == size && (size == 1 || size == 2 || size == 4 || size == 8))
        put(m, o, from, size, value_fresh(m, SCALAR_I64));
    else
        forget(m, o, from, end, exact);
}

struct havoc {
    uint32_t *todo, count, capacity;    /* most values reach nothing, of very many objects */
};

static void havoc_reach(struct machine *m, struct havoc *h, struct value v)
{
    v = value_resolve(m, v);
    if ((v.kind == VALUE_ADDRESS || v.kind == VALUE_SOMEWHERE) && !m->objects[v.id].marked) {
        m->objects[v.id].marked = true;
        ARENA_PUSH(m->arena, h->todo, h->count, h->capacity) = v.id;
    }
}

static void havoc_object(struct machine *m, struct havoc *h, uint32_t id)
{
    struct object *o = &m->objects[id];

    for (uint32_t i = 0; i < o->cell_count; i++)
        havoc_reach(m, h, o->cells[i].value);
    if (o->link != FLOW_NONE)
        havoc_reach(m, h, memory_address(o->link, 0));
    o->external = true;
    if (o->store == STORE_MEMORY)
        anything(o);
}

void memory_hand_out(struct machine *m, struct value address, uint32_t size)
{
    uint32_t object, from, end;
    int64_t offset;
    bool somewhere;

    if (!memory_resolve(m, address, &object, &offset, &somewhere))
        return;
    from = somewhere || offset < 0 || offset > UINT32_MAX / 2 ? 0 : (uint32_t)offset;
    end = size == UINT32_MAX || somewhere ? UINT32_MAX : from + size;
    for (uint32_t i = 0; i < m->objects[object].cell_count; i++) {
        const struct cell *c = &m->objects[object].cells[i];

        if (c->offset >= from && c->offset < end)
            memory_havoc(m, c->value);
    }
}

void memory_havoc(struct machine *m, struct value v)
{
    struct havoc h = { 0 };

    havoc_reach(m, &h, v);
    for (uint32_t i = 0; i < h.count; i++)
        havoc_object(m, &h, h.todo[i]);
    for (uint32_t i = 0; i < h.count; i++)
        m->objects[h.todo[i]].marked = false;
}
