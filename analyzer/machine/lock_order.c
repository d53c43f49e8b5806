#include "lock_order.h"

#include <string.h>

enum {
    LOCKS_MAX = 64,             /* told apart; those beyond are as they are */
    PASSES_MAX = 4096,          /* in one step: beyond, the task goes round for ever */
};

struct lock {
    struct place made;
    uint32_t     symbol;
    int64_t      offset;
};

/* `lock` is taken while `held` is. */
struct taken {
    uint32_t     held, lock;
    struct place at;
};

struct lock_order {
    struct lock locks[LOCKS_MAX];
    uint32_t    count;
    uint64_t    inside[LOCKS_MAX];  /* per lock: those taken while it was held, a bit each */
    struct taken taken[TAKEN_MAX];  /* and where */
    uint32_t    taken_count;
    uint64_t    passed;             /* those passed over so far */
    uint64_t    real;               /* those as they are */
    bool        refuted;
    uint64_t    held;               /* of this step: by the task that runs, */
    uint32_t    passes;             /* how many were taken, */
    uint32_t    chosen[LOCKS_MAX];  /* and per lock the choices made when it was taken, +1; 0: it was not */
};

struct lock_order *lock_order_new(struct arena *arena)
{
    return ARENA_NEW(arena, struct lock_order);
}

bool lock_order_is_refuted(const struct lock_order *o)
{
    return o->refuted;
}

bool lock_order_has_passed(const struct lock_order *o)
{
    return o->passed != 0;
}

void lock_order_again(struct lock_order *o)
{
    o->passed = 0;
    o->refuted = false;
    memset(o->inside, 0, sizeof o->inside);
    o->taken_count = 0;
    lock_order_step(o);
}

void lock_order_step(struct lock_order *o)
{
    o->held = 0;
    o->passes = 0;
    memset(o->chosen, 0, sizeof o->chosen);
}

/* ---- which lock ------------------------------------------------------------------- */

static bool is_taken_by(enum flow_op op)
{
    return op == FLOW_LOCK || op == FLOW_RDLOCK || op == FLOW_WRLOCK;
}

static bool is_given_back_by(enum flow_op op)
{
    return op == FLOW_UNLOCK || op == FLOW_RDUNLOCK || op == FLOW_WRUNLOCK;
}

/* LOCKS_MAX: none that can be told from others. */
static uint32_t lock_of(struct machine *m, uint32_t task, const struct instr *in)
{
    struct lock_order *o = m->lock_order;
    struct value v = op_arg(m, task, in, 0);
    const struct object *object;

    if (v.kind != VALUE_ADDRESS || m->objects[v.id].external)
        return LOCKS_MAX;
    object = &m->objects[v.id];
    for (uint32_t i = 0; i < o->count; i++) {
        const struct lock *l = &o->locks[i];

        if (l->made.function == object->made.function && l->made.instr == object->made.instr &&
            l->symbol == object->symbol && l->offset == v.n)
            return i;
    }
    if (o->count < LOCKS_MAX)
        o->locks[o->count++] = (struct lock){ object->made, object->symbol, v.n };
    return o->count < LOCKS_MAX ? o->count - 1 : LOCKS_MAX;
}

/* What might have been proves nothing. */
static void keep(struct machine *m, uint64_t locks)
{
    if (m->forced != FLOW_NONE)
        return;
    m->lock_order->real |= locks;
    m->lock_order->refuted |= (m->lock_order->passed & locks) != 0;
}

/* ---- the order --------------------------------------------------------------------- */

/* All that may be taken, somewhere, while the lock is held. */
static uint64_t all_inside(const struct lock_order *o, uint32_t lock)
{
    uint64_t all = 0, todo = o->inside[lock];

    while (todo) {
        uint32_t next = (uint32_t)__builtin_ctzll(todo);

        all |= (uint64_t)1 << next;
        todo = (todo | o->inside[next]) & ~all;
    }
    return all;
}

static bool is_in_circle(const struct lock_order *o, uint32_t lock)
{
    return all_inside(o, lock) >> lock & 1;
}

static bool is_known(const struct lock_order *o, const struct taken *t)
{
    for (uint32_t i = 0; i < o->taken_count; i++)
        if (o->taken[i].held == t->held && o->taken[i].lock == t->lock && o->taken[i].at.function == t->at.function &&
            o->taken[i].at.instr == t->at.instr)
            return true;
    return false;
}

/* The lock is taken while others are held. */
static void take_inside(struct machine *m, uint32_t task, uint32_t lock)
{
    struct lock_order *o = m->lock_order;

    for (uint64_t left = o->held; left && m->forced == FLOW_NONE; left &= left - 1) {
        struct taken t = { (uint32_t)__builtin_ctzll(left), lock, machine_here(m, task) };

        if (is_known(o, &t))
            continue;
        if (t.held == lock || o->taken_count == TAKEN_MAX) {
            keep(m, o->held | (uint64_t)1 << lock);
            return;
        }
        o->taken[o->taken_count++] = t;
        o->inside[t.held] |= (uint64_t)1 << lock;
    }
}

uint32_t lock_order_circles(const struct lock_order *o, struct place *places)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < o->taken_count; i++) {
        const struct taken *t = &o->taken[i];
        bool known = false;

        for (uint32_t k = 0; k < count; k++)
            known |= places[k].function == t->at.function && places[k].instr == t->at.instr;
        if (!known && (all_inside(o, t->lock) >> t->held & 1))
            places[count++] = t->at;
    }
    return count;
}

struct lock_order *lock_order_with_circles(const struct lock_order *o, struct arena *arena)
{
    struct lock_order *copy = ARENA_NEW(arena, struct lock_order);

    *copy = *o;
    for (uint32_t i = 0; i < o->count; i++)
        if (is_in_circle(o, i))
            copy->real |= (uint64_t)1 << i;
    return copy;
}

/* A loop that comes back to a lock because of what is not known is told apart by the states between its turns. */
static bool comes_back(struct machine *m, uint32_t lock)
{
    struct lock_order *o = m->lock_order;
    bool back = o->chosen[lock] && m->choice_at + 1 > o->chosen[lock];

    o->chosen[lock] = m->choice_at + 1;
    return back || ++o->passes > PASSES_MAX;
}

/* Was it taken although nobody is seen to: copied, say, while another was? */
static bool is_found_taken(struct machine *m, uint32_t task, const struct instr *in)
{
    struct instr writer = *in;
    struct value readers = op_count(m, task, in), writers = INT_VALUE(0);

    writer.op = FLOW_WRUNLOCK;
    if (in->op != FLOW_LOCK)
        writers = op_count(m, task, &writer);
    return readers.kind != VALUE_INT || readers.n || writers.kind != VALUE_INT || writers.n;
}

/* ---- operations --------------------------------------------------------------------- */

bool lock_order_passes(struct machine *m, uint32_t task, const struct instr *in)
{
    uint32_t lock;

    if (in->kind != INSTR_OP || (!is_taken_by(in->op) && !is_given_back_by(in->op)))
        return false;
    lock = lock_of(m, task, in);
    return lock < LOCKS_MAX && !(m->lock_order->real >> lock & 1);
}

void lock_order_pass(struct machine *m, uint32_t task, const struct instr *in)
{
    struct lock_order *o = m->lock_order;
    uint32_t lock = lock_of(m, task, in);
    uint64_t bit = (uint64_t)1 << lock;

    o->passed |= bit;
    if (is_taken_by(in->op) ? is_found_taken(m, task, in) || comes_back(m, lock) : !(o->held & bit)) {
        keep(m, bit);
        machine_prune(m);
    }
    if (is_taken_by(in->op))
        take_inside(m, task, lock);
    o->held = is_taken_by(in->op) ? o->held | bit : o->held & ~bit;
}

void lock_order_looked_at(struct machine *m, uint32_t task, const struct instr *in)
{
    uint32_t lock = lock_of(m, task, in);

    if (lock < LOCKS_MAX)
        keep(m, (uint64_t)1 << lock);
}

void lock_order_noticed(struct machine *m)
{
    if (m->lock_order->held && m->end == RUN_ON)
        keep(m, m->lock_order->held);
    m->lock_order->held = 0;
}

bool lock_order_minds(const struct instr *in)
{
    switch ((enum instr_kind)in->kind) {
    case INSTR_SET: case INSTR_DECL: case INSTR_ZERO: case INSTR_CALL:
        return false;
    case INSTR_STORE: case INSTR_COPY: case INSTR_HAVOC:
        return true;
    case INSTR_OP:
        break;
    }
    return !is_taken_by(in->op) && !is_given_back_by(in->op) && in->op != FLOW_PURE && in->op != FLOW_FUNCTION &&
           in->op != FLOW_COMPARE && in->op != FLOW_COMPARE_TEXT && in->op != FLOW_COMPARE_FOLDED &&
           in->op != FLOW_TEXT_LENGTH && in->op != FLOW_ASSUME && in->op != FLOW_ALLOC && in->op != FLOW_ZALLOC &&
           in->op != FLOW_FREE && in->op != FLOW_SLEEP && in->op != FLOW_YIELD;
}
