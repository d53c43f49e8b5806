#include "machine.h"
#include "symmetry.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Canonical bytes of a state: a walk from the tasks and the globals they can
 * still touch numbers what it meets; the rest is garbage. Numbers are written
 * in LEB128. */

enum { RECORD_END, RECORD_OBJECT, RECORD_UNKNOWN };

struct saver {
    struct machine *m;
    struct bytes   *out;
    uint32_t *objects, object_count;        /* by number */
    uint32_t *unknowns, unknown_count;
    uint32_t *unknown_number;               /* by index, +1; 0: not met */
};

/* ---- writing ----------------------------------------------------------------- */

static void put_byte(struct bytes *out, uint8_t byte)
{
    if (out->size == out->capacity) {
        out->capacity = out->capacity ? out->capacity * 2 : 1024;
        out->at = realloc(out->at, out->capacity);
        if (!out->at)
            abort();
    }
    out->at[out->size++] = byte;
}

static void put_number(struct bytes *out, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        put_byte(out, (uint8_t)(n | 0x80));
    put_byte(out, (uint8_t)n);
}

static void put_signed(struct bytes *out, int64_t n)
{
    put_number(out, ((uint64_t)n << 1) ^ (uint64_t)(n >> 63));
}

/* A number that may stand apart. */
static void put_apart(struct saver *s, int64_t n)
{
    struct numbers_apart *to = s->m->apart;

    if (!to) {
        put_signed(s->out, n);
        return;
    }
    if (to->count == to->capacity) {
        to->capacity = to->capacity ? to->capacity * 2 : 256;
        to->at = realloc(to->at, to->capacity * sizeof *to->at);
        if (!to->at)
            abort();
    }
    to->at[to->count++] = n;
}

static uint32_t object_number(struct saver *s, uint32_t object)
{
    struct object *o = &s->m->objects[object];

    if (!o->marked) {
        o->marked = true;
        o->number = s->object_count;
        s->objects[s->object_count++] = object;
    }
    return o->number;
}

static uint32_t unknown_number(struct saver *s, uint32_t unknown)
{
    if (s->unknown_number[unknown] == 0) {
        s->unknowns[s->unknown_count] = unknown;
        s->unknown_number[unknown] = ++s->unknown_count;
    }
    return s->unknown_number[unknown] - 1;
}

static void put_value(struct saver *s, struct value v)
{
    v = value_resolve(s->m, v);
    put_byte(s->out, v.kind);
    switch ((enum value_kind)v.kind) {
    case VALUE_UNSET:
        break;
    case VALUE_INT:
        put_apart(s, v.n);
        break;
    case VALUE_ADDRESS:
        put_number(s->out, object_number(s, v.id));
        put_signed(s->out, v.n);
        break;
    case VALUE_SOMEWHERE:
        put_number(s->out, object_number(s, v.id));
        break;
    case VALUE_FUNCTION:
        put_number(s->out, v.id);
        break;
    case VALUE_UNKNOWN:
        put_number(s->out, unknown_number(s, v.id));
        put_signed(s->out, v.n);
        break;
    }
}

static void put_optional(struct saver *s, uint32_t object)
{
    put_number(s->out, object == FLOW_NONE ? 0 : object_number(s, object) + 1u);
}

static void put_place(struct saver *s, struct place p)
{
    put_number(s->out, p.function + 1u);    /* NONE wraps to 0 */
    put_number(s->out, p.instr + 1u);
}

static void put_span(struct bytes *out, struct span span)
{
    put_number(out, span.from);
    put_number(out, span.to);
}

static void put_object(struct saver *s, const struct object *o)
{
    put_byte(s->out, RECORD_OBJECT);
    put_byte(s->out, o->store);
    put_byte(s->out, o->kind);
    put_byte(s->out, o->fill);
    put_byte(s->out, (uint8_t)(o->cancelled | (o->written && o->fill == FILL_ZERO) << 2));
    put_byte(s->out, (uint8_t)(o->closed | o->external << 1 | o->spent << 2 | o->has_timeout << 3 |
                               o->released << 4 | o->gone << 5 | o->local << 6 |
                               (o->lent.function != FLOW_NONE) << 7));
    if (o->lent.function != FLOW_NONE) {
        put_place(s, o->lent);
        put_number(s->out, (uint64_t)o->lent_at << 1 | o->late);
        put_span(s->out, o->changed);
        put_span(s->out, o->again);
    }
    put_place(s, o->made);
    put_number(s->out, o->symbol + 1u);
    put_number(s->out, o->size);
    put_apart(s, o->length);
    put_number(s->out, o->refs);
    put_optional(s, o->link);
    put_optional(s, o->parent);
    put_value(s, o->capacity);
    put_value(s, o->result);
    put_number(s->out, o->cell_count);
    for (uint32_t i = 0; i < o->cell_count; i++) {
        put_number(s->out, o->cells[i].offset);
        put_number(s->out, (uint64_t)o->cells[i].size << 1 | o->cells[i].operated);
        put_value(s, o->cells[i].value);
    }
}

/* A term's operands are written as they are: resolved, it would not be found again. */
static void put_unknown(struct saver *s, const struct unknown *u)
{
    put_byte(s->out, RECORD_UNKNOWN);
    put_byte(s->out, u->origin);
    put_byte(s->out, u->op);
    put_byte(s->out, u->type);
    put_byte(s->out, u->depth);
    put_value(s, u->a);
    put_value(s, u->b);
    put_signed(s->out, u->low);
    put_signed(s->out, u->high);
    put_byte(s->out, u->excluded_count);
    for (unsigned i = 0; i < u->excluded_count; i++)
        put_signed(s->out, u->excluded[i]);
    put_number(s->out, u->low == u->high ? 0 : u->splits);
}

/* ---- tasks -------------------------------------------------------------------- */

/* The turns of loops, of a task that pauses: it must not go round for ever by pausing. */
static void put_turns(struct saver *s, const struct frame *f)
{
    for (uint32_t b = 0; f->turns && b < s->m->flow->functions[f->function].block_count; b++)
        if (f->turns[b]) {
            put_number(s->out, b + 1u);
            put_number(s->out, f->turns[b]);
        }
    put_number(s->out, 0);
}

static void put_frame(struct saver *s, const struct frame *f, bool paused)
{
    const struct function *fn = &s->m->flow->functions[f->function];
    const bits_word *live = frame_live(s->m, f);

    put_byte(s->out, f->kind);
    put_number(s->out, f->function);
    put_number(s->out, f->block);
    put_number(s->out, f->instr);
    for (uint32_t r = 0; r < fn->reg_count; r++)
        if (!live || bit_test(live, r))
            put_value(s, f->regs[r]);
    for (uint32_t i = 0; i < fn->slot_count; i++)
        if (!live || bit_test(live, fn->reg_count + i))
            put_optional(s, f->slots[i]);
    if (f->kind == FRAME_ONCE)
        put_value(s, f->once);
    if (paused)
        put_turns(s, f);
}

/* Whether it has done anything yet is only asked of a task that adds to a wait group, or has
 * touched what it was lent: states are not to differ by it elsewhere. */
static bool freshness_matters(struct machine *m, const struct task *t)
{
    const struct instr *in = machine_instr(m, (uint32_t)(t - m->tasks));

    return t->fresh && (t->touched != FLOW_NONE || (in && in->kind == INSTR_OP && in->op == FLOW_WG_ADD));
}

static void put_task(struct saver *s, const struct task *t)
{
    put_number(s->out, t->entry);
    put_place(s, t->spawned);
    put_byte(s->out, t->phase);
    put_optional(s, t->group);
    put_number(s->out, t->epoch);
    put_byte(s->out, (uint8_t)(t->caller_gone | t->paused << 1 | freshness_matters(s->m, t) << 2 |
                               (t->mark != 0) << 3));
    if (t->mark)
        put_byte(s->out, t->mark);
    if (s->m->plan->lends) {
        put_optional(s, t->touched);
        put_number(s->out, t->touched == FLOW_NONE ? 0 : t->touched_at);
    }
    put_number(s->out, t->frame_count);
    for (uint32_t i = 0; i < t->frame_count; i++)
        put_frame(s, &t->frames[i], t->paused);
}

/* ---- the whole ------------------------------------------------------------------- */

static void put_globals(struct saver *s)
{
    struct machine *m = s->m;
    bits_word touched[m->plan->global_words];

    memset(touched, 0, sizeof touched);
    for (uint32_t t = 0; t < m->task_count; t++)
        for (uint32_t i = 0; i < m->tasks[t].frame_count; i++)
            for (uint32_t w = 0; w < m->plan->global_words; w++)
                touched[w] |= m->plan->functions[m->tasks[t].frames[i].function].globals[w];
    for (uint32_t g = 0; g < m->flow->global_count; g++)
        if (m->globals[g] != FLOW_NONE && bit_test(touched, g)) {
            put_number(s->out, g + 1u);
            put_number(s->out, object_number(s, m->globals[g]));
        }
    put_number(s->out, 0);
}

/* Can the value still be met: is it in the state, a text of the program, or computed from such? */
static bool is_at_hand(const struct saver *s, struct value v, bool *about)
{
    const struct unknown *u;

    v = value_resolve(s->m, v);
    if (v.kind == VALUE_ADDRESS || v.kind == VALUE_SOMEWHERE)
        return s->m->objects[v.id].marked || s->m->objects[v.id].fill == FILL_STRING;
    if (v.kind != VALUE_UNKNOWN)
        return true;
    u = &s->m->unknowns[v.id];
    if (s->unknown_number[v.id]) {
        *about = true;
        return true;
    }
    return u->origin != UNKNOWN_FRESH && u->origin != UNKNOWN_COUNTER && is_at_hand(s, u->a, about) &&
           is_at_hand(s, u->b, about);
}

/* A condition that was decided stays decided while what it is about is still known. */
static bool is_remembered(const struct saver *s, uint32_t unknown)
{
    const struct unknown *u = &s->m->unknowns[unknown];
    bool about = false;

    if (u->origin == UNKNOWN_FRESH || !unknown_is_narrowed(u))
        return false;
    if (!is_at_hand(s, u->a, &about) || !is_at_hand(s, u->b, &about))
        return false;
    return about || (u->a.kind == VALUE_ADDRESS && u->b.kind == VALUE_ADDRESS);
}

static void put_reached(struct saver *s)
{
    uint32_t object = 0, unknown = 0;
    bool more = true;

    while (more) {
        while (object < s->object_count || unknown < s->unknown_count) {
            if (object < s->object_count)
                put_object(s, &s->m->objects[s->objects[object++]]);
            else
                put_unknown(s, &s->m->unknowns[s->unknowns[unknown++]]);
        }
        more = false;
        for (uint32_t i = 0; i < s->m->unknown_count; i++)
            if (s->unknown_number[i] == 0 && is_remembered(s, i)) {
                unknown_number(s, i);
                more = true;
            }
    }
    put_byte(s->out, RECORD_END);
}

static void find_lost(struct machine *m)
{
    for (uint32_t i = 0; i < m->object_count; i++) {
        const struct object *o = &m->objects[i];
        bool context = o->store == STORE_CONTEXT && o->link != FLOW_NONE && !o->cancelled && !o->released;
        bool ticker = o->store == STORE_CHANNEL && o->kind == OBJECT_TICKER && !o->spent;

        if (!o->marked && !o->external && (context || ticker))
            ARENA_PUSH(m->arena, m->lost, m->lost_count, m->lost_capacity) =
                (struct lost){ .made = o->made, .has_timeout = o->has_timeout, .is_ticker = ticker };
    }
}

void machine_save(struct machine *m, struct bytes *out, uint32_t *order)
{
    struct saver s = { .m = m, .out = out };
    uint32_t n, header[2];

    s.objects = ARENA_ARRAY(m->arena, uint32_t, m->object_count + 1);
    s.unknowns = ARENA_ARRAY(m->arena, uint32_t, m->unknown_count + 1);
    s.unknown_number = ARENA_ARRAY(m->arena, uint32_t, m->unknown_count + 1);
    for (uint32_t i = 0; i < m->object_count; i++)
        m->objects[i].marked = false;
    out->size = 0;
    for (size_t i = 0; i < sizeof header; i++)
        put_byte(out, 0);
    n = symmetry_order(m, order);
    put_number(out, n);
    put_number(out, m->epoch);
    put_byte(out, m->widened);
    put_globals(&s);
    for (uint32_t i = 0; i < n; i++)
        put_task(&s, &m->tasks[order[i]]);
    put_reached(&s);
    m->kept = s.objects;
    m->kept_count = s.object_count;
    header[0] = s.object_count;
    header[1] = s.unknown_count;
    memcpy(out->at, header, sizeof header);
    find_lost(m);
    for (uint32_t i = 0; i < m->object_count; i++)
        m->objects[i].marked = false;
}

/* ---- reading --------------------------------------------------------------------- */

struct loader {
    struct machine *m;
    const uint8_t  *at;
};

static uint64_t get_number(struct loader *l)
{
    uint64_t n = 0;

    for (unsigned shift = 0;; shift += 7) {
        n |= (uint64_t)(*l->at & 0x7f) << shift;
        if (!(*l->at++ & 0x80))
            return n;
    }
}

static int64_t get_signed(struct loader *l)
{
    uint64_t n = get_number(l);

    return (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
}

static uint32_t get_index(struct loader *l)
{
    return (uint32_t)get_number(l) - 1u;
}

static int64_t get_apart(struct loader *l)
{
    struct numbers_apart *from = l->m->apart;

    return from ? from->at[from->next++] : get_signed(l);
}

static struct value get_value(struct loader *l)
{
    struct value v = { .kind = *l->at++ };

    switch ((enum value_kind)v.kind) {
    case VALUE_UNSET:
        break;
    case VALUE_INT:
        v.n = get_apart(l);
        break;
    case VALUE_ADDRESS:
    case VALUE_UNKNOWN:
        v.id = (uint32_t)get_number(l);
        v.n = get_signed(l);
        break;
    case VALUE_SOMEWHERE:
    case VALUE_FUNCTION:
        v.id = (uint32_t)get_number(l);
        break;
    }
    return v;
}

static struct place get_place(struct loader *l)
{
    struct place p;

    p.function = get_index(l);
    p.instr = get_index(l);
    return p;
}

static struct span get_span(struct loader *l)
{
    struct span span;

    span.from = (uint32_t)get_number(l);
    span.to = (uint32_t)get_number(l);
    return span;
}

static void get_object(struct loader *l, struct object *o)
{
    uint8_t flags;

    *o = (struct object){ .store = l->at[0], .kind = l->at[1], .fill = l->at[2], .cancelled = l->at[3] & 3,
                          .written = l->at[3] >> 2 };
    flags = l->at[4];
    l->at += 5;
    o->closed = flags & 1;
    o->external = flags >> 1 & 1;
    o->spent = flags >> 2 & 1;
    o->has_timeout = flags >> 3 & 1;
    o->released = flags >> 4 & 1;
    o->gone = flags >> 5 & 1;
    o->local = flags >> 6 & 1;
    o->lent = NO_PLACE;
    if (flags >> 7 & 1) {
        o->lent = get_place(l);
        uint64_t at = get_number(l);

        o->lent_at = (uint32_t)(at >> 1);
        o->late = at & 1;
        o->changed = get_span(l);
        o->again = get_span(l);
    }
    o->made = get_place(l);
    o->symbol = get_index(l);
    o->size = (uint32_t)get_number(l);
    o->length = (uint32_t)get_apart(l);
    o->refs = (uint32_t)get_number(l);
    o->link = get_index(l);
    o->parent = get_index(l);
    o->capacity = get_value(l);
    o->result = get_value(l);
    o->cell_count = o->cell_capacity = (uint32_t)get_number(l);
    o->cells = ARENA_ARRAY(l->m->arena, struct cell, o->cell_count);
    for (uint32_t i = 0; i < o->cell_count; i++) {
        o->cells[i].offset = (uint32_t)get_number(l);
        uint64_t size = get_number(l);

        o->cells[i].size = (uint32_t)(size >> 1);
        o->cells[i].operated = size & 1;
        o->cells[i].value = get_value(l);
    }
}

static void get_unknown(struct loader *l, struct unknown *u)
{
    *u = (struct unknown){ .origin = l->at[0], .op = l->at[1], .type = l->at[2], .depth = l->at[3],
                           .object = FLOW_NONE };
    l->at += 4;
    u->a = get_value(l);
    u->b = get_value(l);
    u->low = get_signed(l);
    u->high = get_signed(l);
    u->excluded_count = *l->at++;
    for (unsigned i = 0; i < u->excluded_count; i++)
        u->excluded[i] = get_signed(l);
    u->splits = (uint32_t)get_number(l);
}

static void get_turns(struct loader *l, struct frame *f)
{
    uint32_t block, blocks = l->m->flow->functions[f->function].block_count;

    while ((block = (uint32_t)get_number(l)) != 0) {
        if (!f->turns) {
            f->turns = ARENA_ARRAY(l->m->arena, uint16_t, blocks);
            f->turn_choice = ARENA_ARRAY(l->m->arena, uint16_t, blocks);
        }
        f->turns[block - 1] = (uint16_t)get_number(l);
    }
}

static void get_frame(struct loader *l, struct frame *f, bool paused)
{
    struct arena *arena = l->m->arena;
    const struct function *fn;
    const bits_word *live;

    f->kind = *l->at++;
    f->function = (uint32_t)get_number(l);
    f->block = (uint32_t)get_number(l);
    f->instr = (uint32_t)get_number(l);
    fn = &l->m->flow->functions[f->function];
    live = frame_live(l->m, f);
    f->regs = ARENA_ARRAY(arena, struct value, fn->reg_count);
    f->slots = ARENA_ARRAY(arena, uint32_t, fn->slot_count);
    for (uint32_t r = 0; r < fn->reg_count; r++)
        if (!live || bit_test(live, r))
            f->regs[r] = get_value(l);
    for (uint32_t i = 0; i < fn->slot_count; i++)
        f->slots[i] = !live || bit_test(live, fn->reg_count + i) ? get_index(l) : FLOW_NONE;
    if (f->kind == FRAME_ONCE)
        f->once = get_value(l);
    if (paused)
        get_turns(l, f);
}

static void get_task(struct loader *l, struct task *t)
{
    *t = (struct task){ .entry = (uint32_t)get_number(l) };
    t->spawned = get_place(l);
    t->phase = *l->at++;
    t->group = get_index(l);
    t->epoch = (uint32_t)get_number(l);
    t->caller_gone = *l->at & 1;
    t->paused = *l->at >> 1 & 1;
    t->fresh = *l->at >> 2 & 1;
    if (*l->at++ >> 3 & 1)
        t->mark = *l->at++;
    t->touched = FLOW_NONE;
    if (l->m->plan->lends) {
        t->touched = get_index(l);
        t->touched_at = (uint32_t)get_number(l);
    }
    t->frame_count = t->frame_capacity = (uint32_t)get_number(l);
    t->frames = ARENA_ARRAY(l->m->arena, struct frame, t->frame_count);
    for (uint32_t i = 0; i < t->frame_count; i++)
        get_frame(l, &t->frames[i], t->paused);
}

static void get_records(struct loader *l, uint32_t objects, uint32_t unknowns)
{
    struct machine *m = l->m;

    m->object_count = m->unknown_count = 0;
    m->object_capacity = objects + 16;
    m->unknown_capacity = unknowns + 16;
    m->objects = ARENA_ARRAY(m->arena, struct object, m->object_capacity);
    m->unknowns = ARENA_ARRAY(m->arena, struct unknown, m->unknown_capacity);
    for (;;) {
        switch (*l->at++) {
        case RECORD_OBJECT:
            get_object(l, &m->objects[m->object_count++]);
            break;
        case RECORD_UNKNOWN:
            get_unknown(l, &m->unknowns[m->unknown_count++]);
            break;
        default:
            return;
        }
    }
}

void machine_load(struct machine *m, const uint8_t *bytes, size_t size)
{
    struct loader l = { .m = m, .at = bytes + 8 };
    uint32_t header[2], g;

    (void)size;
    memcpy(header, bytes, sizeof header);
    machine_reset(m);
    m->task_count = (uint32_t)get_number(&l);
    m->epoch = (uint32_t)get_number(&l);
    m->widened = *l.at++;
    while ((g = (uint32_t)get_number(&l)) != 0)
        m->globals[g - 1] = (uint32_t)get_number(&l);
    m->task_capacity = m->task_count + 4;
    m->tasks = ARENA_ARRAY(m->arena, struct task, m->task_capacity);
    for (uint32_t i = 0; i < m->task_count; i++)
        get_task(&l, &m->tasks[i]);
    get_records(&l, header[0], header[1]);
}
