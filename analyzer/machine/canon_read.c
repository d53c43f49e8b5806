#include "canon_internal.h"

#include <string.h>

/* A state from its canonical bytes: what canon.c writes, in the same order. */

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

static void get_cell(struct loader *l, struct cell *c)
{
    uint64_t size;

    c->offset = (uint32_t)get_number(l);
    size = get_number(l);
    c->size = (uint32_t)(size >> 1);
    c->operated = size & 1;
    c->value = get_value(l);
}

static void get_cells(struct loader *l, struct object *o)
{
    bool row = l->m->apart && *l->at++ == ELEMENTS_ROW;
    uint32_t each = (uint32_t)get_number(l), elements = row ? o->length : 1;

    o->cell_count = o->cell_capacity = each * elements;
    o->cells = ARENA_ARRAY(l->m->arena, struct cell, o->cell_count);
    for (uint32_t i = 0; i < each; i++) {
        int64_t step;

        get_cell(l, &o->cells[i]);
        step = row ? get_apart(l) : 0;
        for (uint32_t e = 1; e < elements; e++) {
            struct cell *c = &o->cells[e * each + i];

            *c = o->cells[i];
            c->offset += e * element_stride(o);
            c->value.n += e * step;
        }
    }
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
    get_cells(l, o);
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

static void get_touched(struct loader *l, struct task *t)
{
    t->touched_at = (uint32_t)get_number(l);
    t->touched_by = get_place(l);
    t->touched_in = (uint32_t)get_number(l) - 1;
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
        if (t->touched != FLOW_NONE)
            get_touched(l, t);
    }
    t->frame_count = t->frame_capacity = (uint32_t)get_number(l);
    t->frames = ARENA_ARRAY(l->m->arena, struct frame, t->frame_count);
    for (uint32_t i = 0; i < t->frame_count; i++)
        get_frame(l, &t->frames[i], t->paused);
}

static void get_records(struct loader *l, uint32_t objects, uint32_t unknowns)
{
    struct machine *m = l->m;

    m->object_count = m->unknown_count = m->terms.indexed = 0;
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

void machine_load(struct machine *m, const uint8_t *bytes)
{
    struct loader l = { .m = m, .at = bytes + 8 };
    uint32_t header[2], g;

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
