#include "canon_internal.h"
#include "symmetry.h"

#include <stdlib.h>
#include <string.h>

/* Canonical bytes of a state: a walk from the tasks and the globals they can
 * still touch numbers what it meets; the rest is garbage. Numbers are written
 * in LEB128. */

struct saver {
    struct machine *m;
    struct bytes   *out;
    uint32_t *objects, object_count;        /* by number */
    uint32_t *unknowns, unknown_count;
    uint32_t *unknown_number;               /* by index, +1; 0: not met */
};

/* ---- writing ----------------------------------------------------------------- */

enum { NUMBER_BYTES = 10 };     /* of a number, at most */

/* Room for a number. */
static void make_room(struct bytes *out)
{
    if (out->size + NUMBER_BYTES <= out->capacity)
        return;
    out->capacity = out->capacity ? out->capacity * 2 : 1024;
    out->at = realloc(out->at, out->capacity);
    if (!out->at)
        abort();
}

static void put_byte(struct bytes *out, uint8_t byte)
{
    make_room(out);
    out->at[out->size++] = byte;
}

static void put_number(struct bytes *out, uint64_t n)
{
    make_room(out);
    for (; n >= 0x80; n >>= 7)
        out->at[out->size++] = (uint8_t)(n | 0x80);
    out->at[out->size++] = (uint8_t)n;
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

/* The value of cell i of element e of a channel whose elements have `each` cells. */
static struct value element_value(const struct saver *s, const struct object *ch, uint32_t each, uint32_t e,
                                  uint32_t i)
{
    return value_resolve(s->m, ch->cells[e * each + i].value);
}

/* Do the elements differ in numbers only that grow evenly? */
static bool is_row(const struct saver *s, const struct object *ch, uint32_t each)
{
    for (uint32_t e = 0; e < ch->length; e++)
        for (uint32_t i = 0; i < each; i++) {
            const struct cell *c = &ch->cells[e * each + i], *first = &ch->cells[i];
            struct value v = element_value(s, ch, each, e, i), v0 = element_value(s, ch, each, 0, i);
            int64_t step = e ? element_value(s, ch, each, 1, i).n - v0.n : 0;

            if (c->offset != first->offset + e * element_stride(ch) || c->size != first->size ||
                c->operated != first->operated || v.kind != v0.kind || v.id != v0.id || v.n != v0.n + e * step ||
                (step && v.kind != VALUE_INT))
                return false;
        }
    return true;
}

static void put_cell(struct saver *s, const struct cell *c)
{
    put_number(s->out, c->offset);
    put_number(s->out, (uint64_t)c->size << 1 | c->operated);
    put_value(s, c->value);
}

static void put_cells(struct saver *s, const struct object *o)
{
    bool elements = s->m->apart && o->store == STORE_CHANNEL && o->length && o->cell_count % o->length == 0;
    uint32_t each = elements ? o->cell_count / o->length : 0;
    bool row = elements && is_row(s, o, each);

    if (s->m->apart)
        put_byte(s->out, row ? ELEMENTS_ROW : ELEMENTS_EACH);
    put_number(s->out, row ? each : o->cell_count);
    for (uint32_t i = 0; i < (row ? each : o->cell_count); i++) {
        put_cell(s, &o->cells[i]);
        if (row)
            put_apart(s, o->length > 1 ? element_value(s, o, each, 1, i).n - element_value(s, o, each, 0, i).n : 0);
    }
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
    put_cells(s, o);
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

/* Which byte it was is only asked of a task that is still fresh. */
static void put_touched(struct saver *s, const struct task *t)
{
    put_number(s->out, t->fresh ? t->touched_at : 0);
    put_place(s, t->touched_by);
    put_number(s->out, t->touched_in + 1u);
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
        if (t->touched != FLOW_NONE)
            put_touched(s, t);
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
