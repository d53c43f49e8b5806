#include "reduce.h"

#include "minds.h"
#include "op_channel.h"

enum { TASKS = 64 };

struct reducer {
    struct machine  *m;
    uint32_t         words;         /* of a set of objects */
    bits_word       *reach[TASKS];  /* objects each task can get at */
    struct token_set *ahead;        /* per task, like this: */
    struct pending   *pending;
};

/* ---- what a task can get at -------------------------------------------------------- */

struct walk {
    struct reducer *r;
    bits_word        *set;
    uint32_t         *todo, count;
};

static void reach_object(struct walk *w, uint32_t object)
{
    if (object == FLOW_NONE || bit_test(w->set, object))
        return;
    bit_set(w->set, object);
    w->todo[w->count++] = object;
}

static void reach_value(struct walk *w, struct value v)
{
    v = value_resolve(w->r->m, v);
    if (v.kind == VALUE_ADDRESS || v.kind == VALUE_SOMEWHERE)
        reach_object(w, v.id);
}

static void reach_frame(struct walk *w, const struct frame *f)
{
    const struct machine *m = w->r->m;
    const struct function *fn = &m->flow->functions[f->function];
    const struct function_plan *p = &m->plan->functions[f->function];

    for (uint32_t i = 0; i < fn->reg_count; i++)
        reach_value(w, f->regs[i]);
    for (uint32_t i = 0; i < fn->slot_count; i++)
        reach_object(w, f->slots[i]);
    if (f->kind == FRAME_ONCE)
        reach_value(w, f->once);
    for (uint32_t g = 0; g < m->flow->global_count; g++)
        if (m->globals[g] != FLOW_NONE && bit_test(p->globals, g))
            reach_object(w, m->globals[g]);
}

/* A context is also ended by those who hold one above it. */
static void reach_children(struct walk *w, uint32_t context)
{
    const struct machine *m = w->r->m;

    for (uint32_t i = 0; i < m->object_count; i++)
        if (m->objects[i].store == STORE_CONTEXT && m->objects[i].parent == context)
            reach_object(w, i);
}

static void reach_task(struct reducer *r, uint32_t task)
{
    struct machine *m = r->m;
    const struct task *t = &m->tasks[task];
    struct walk w = { .r = r, .set = r->reach[task],
                      .todo = ARENA_ARRAY(m->arena, uint32_t, m->object_count + 1) };

    for (uint32_t i = 0; i < t->frame_count; i++)
        reach_frame(&w, &t->frames[i]);
    reach_object(&w, t->group);
    for (uint32_t i = 0; i < w.count; i++) {
        const struct object *o = &m->objects[w.todo[i]];

        for (uint32_t c = 0; c < o->cell_count; c++)
            reach_value(&w, o->cells[c].value);
        reach_object(&w, o->link);
        reach_object(&w, o->parent);
        if (o->store == STORE_CONTEXT)
            reach_children(&w, w.todo[i]);
    }
}

/* ---- what it is about to do, and may do later ------------------------------------------ */

static void find_ahead(struct reducer *r, uint32_t task)
{
    const struct task *t = &r->m->tasks[task];

    for (uint32_t i = 0; i < t->frame_count; i++) {
        const struct frame *f = &t->frames[i];
        const struct token_set *more = &r->m->plan->functions[f->function].ahead[f->block];

        for (unsigned a = 0; a < ASPECTS; a++)
            for (unsigned k = 0; k < TOKENS / 64; k++)
                r->ahead[task].bits[a][k] |= more->bits[a][k];
    }
}

static bool has_token(const struct token_set *set, uint32_t token, unsigned aspects)
{
    for (unsigned a = 0; a < ASPECTS; a++)
        if ((aspects >> a & 1) && (set->bits[a][token / 64] >> (token % 64) & 1))
            return true;
    return false;
}

static bool may_do(const struct token_set *ahead, uint32_t token, unsigned aspects)
{
    if (token == TOKEN_CONDITION)       /* and the mutex that goes with it */
        return has_token(ahead, TOKEN_CONDITION, aspects) || has_token(ahead, TOKEN_MUTEX, aspects);
    if (token < TOKEN_CHANNEL)
        return has_token(ahead, token, aspects);
    if (token > TOKEN_CHANNEL)
        return has_token(ahead, token, aspects) || has_token(ahead, TOKEN_CHANNEL, aspects);
    for (uint32_t i = TOKEN_CHANNEL; i < TOKENS; i++)
        if (has_token(ahead, i, aspects))
            return true;
    return false;
}

/* May `other` still do something that task minds? */
static bool concerns(const struct reducer *r, uint32_t task, uint32_t other)
{
    const struct pending *p = &r->pending[task];
    const struct task *t = &r->m->tasks[other];

    if (p->everything)
        return true;
    for (uint32_t i = 0; i < p->count; i++)
        if (bit_test(r->reach[other], p->of[i].object) &&
            (t->group != FLOW_NONE || may_do(&r->ahead[other], p->of[i].token, p->of[i].aspects)))
            return true;
    return false;
}

static uint64_t close_set(const struct reducer *r, uint64_t alive, uint32_t start)
{
    uint64_t set = (uint64_t)1 << start, todo = set;

    while (todo) {
        uint32_t t = (uint32_t)__builtin_ctzll(todo);

        todo &= todo - 1;
        for (uint64_t left = alive & ~set; left; left &= left - 1) {
            uint32_t u = (uint32_t)__builtin_ctzll(left);

            if (concerns(r, t, u)) {
                set |= (uint64_t)1 << u;
                todo |= (uint64_t)1 << u;
            }
        }
    }
    return set;
}

/* Tasks that have touched what they were lent: whoever lent it should go first, then it shows whether it waits. */
static uint64_t find_late(const struct machine *m, uint64_t alive)
{
    uint64_t late = 0;

    for (uint64_t left = alive; left; left &= left - 1)
        if (m->tasks[__builtin_ctzll(left)].touched != FLOW_NONE)
            late |= left & -left;
    return late;
}

/* Keep sets sorted by size, each once; of one size, those with fewer late tasks first. */
static uint32_t add_set(uint64_t *sets, uint32_t count, uint64_t set, uint64_t late)
{
    enum { TASKS_MORE = 64 };
    int weight = __builtin_popcountll(set) * TASKS_MORE + __builtin_popcountll(set & late);
    uint32_t at = count;

    for (uint32_t i = 0; i < count; i++)
        if (sets[i] == set)
            return count;
    for (; at && __builtin_popcountll(sets[at - 1]) * TASKS_MORE + __builtin_popcountll(sets[at - 1] & late) > weight; at--)
        sets[at] = sets[at - 1];
    sets[at] = set;
    return count + 1;
}

uint32_t persistent_sets(struct machine *m, uint64_t alive, uint64_t *sets)
{
    struct reducer r = { .m = m };
    uint64_t late = m->plan->lends ? find_late(m, alive) : 0;
    uint32_t count = 0;

    r.ahead = ARENA_ARRAY(m->arena, struct token_set, m->task_count);
    r.pending = ARENA_ARRAY(m->arena, struct pending, m->task_count);
    for (uint64_t left = alive; left; left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left);

        minds_of(m, t, &r.pending[t]);
        find_ahead(&r, t);
    }
    r.words = m->object_count / 64 + 1;         /* finding what is pending may have met new objects */
    for (uint64_t left = alive; left; left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left);

        r.reach[t] = ARENA_ARRAY(m->arena, bits_word, r.words);
        reach_task(&r, t);
    }
    for (uint64_t left = alive; left; left &= left - 1)
        count = add_set(sets, count, close_set(&r, alive, (uint32_t)__builtin_ctzll(left)), late);
    if (sets[count - 1] != alive) {             /* otherwise it is there, and the largest */
        if (count == TASKS)
            count--;
        sets[count++] = alive;
    }
    return count;
}

/* ---- who is out of reach ------------------------------------------------------------- */

/* Does the task wait for plain channels of the program, none of them ready? */
static bool waits_in_vain(struct machine *m, uint32_t task, struct wishes *w)
{
    const struct instr *in = machine_instr(m, task);
    struct ways ways;

    if (!in || in->kind != INSTR_OP || m->tasks[task].paused ||
        (in->op != FLOW_SEND && in->op != FLOW_SEND_SIZED && in->op != FLOW_RECV && in->op != FLOW_SELECT))
        return false;
    wishes_of(m, task, in, w);
    for (uint32_t i = 0; i < w->count; i++) {
        struct value h = w->wish[i].handle;
        const struct object *o;

        if (h.kind == VALUE_INT)
            continue;
        if (h.kind != VALUE_ADDRESS)
            return false;
        o = &m->objects[h.id];
        if (o->store != STORE_CHANNEL || o->kind != OBJECT_CHANNEL || o->external)
            return false;
    }
    ways_find(m, task, w, true, &ways);
    return ways.count == 0 && m->end == RUN_ON;
}

static void reach_external(struct reducer *r, bits_word *set)
{
    struct machine *m = r->m;
    struct walk w = { .r = r, .set = set, .todo = ARENA_ARRAY(m->arena, uint32_t, m->object_count + 1) };

    for (uint32_t i = 0; i < m->object_count; i++)
        if (m->objects[i].external)
            reach_object(&w, i);
    for (uint32_t i = 0; i < w.count; i++)
        for (uint32_t c = 0; c < m->objects[w.todo[i]].cell_count; c++)
            reach_value(&w, m->objects[w.todo[i]].cells[c].value);
}

static bool leads_to(const struct wishes *w, const bits_word *set)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (w->wish[i].handle.kind == VALUE_ADDRESS && bit_test(set, w->wish[i].handle.id))
            return true;
    return false;
}

uint64_t unreachable_tasks(struct machine *m, uint64_t alive)
{
    struct reducer r = { .m = m };
    struct wishes *wishes = ARENA_ARRAY(m->arena, struct wishes, m->task_count);
    uint64_t waiting = 0;
    bits_word *set;

    machine_first_choice(m);
    for (uint64_t left = alive; left; left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left);

        if (waits_in_vain(m, t, &wishes[t]))
            waiting |= (uint64_t)1 << t;
    }
    if (!waiting || m->choice_at)           /* what was assumed to get here need not hold */
        return 0;
    r.words = m->object_count / 64 + 1;
    set = ARENA_ARRAY(m->arena, bits_word, r.words);
    reach_external(&r, set);
    for (uint64_t living = alive & ~waiting; living;) {
        for (uint64_t left = living; left; left &= left - 1) {
            r.reach[__builtin_ctzll(left)] = set;
            reach_task(&r, (uint32_t)__builtin_ctzll(left));
        }
        living = 0;
        for (uint64_t left = waiting; left; left &= left - 1)
            if (leads_to(&wishes[__builtin_ctzll(left)], set))
                living |= left & -left;
        waiting &= ~living;
    }
    return waiting;
}
