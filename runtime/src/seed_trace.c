/* seed_trace.c - the chooser that follows a trace.
 *
 * A trace says less than a run does: its writer has left out what does not matter to it. So
 * a step is a goal. Its task moves, call by call, until it is about to make the call at the
 * step's place, and once more. Nobody else moves meanwhile, so that nobody gets ahead of the
 * trace; only when the task cannot go on do others help it: its peer, tasks that the trace
 * does not know, timers. A step that cannot be reached so is left out: the trace has been
 * left, and goes on with the next, which may still come.
 *
 * Where tasks meet, who comes first parks, and the other completes both calls. The peer
 * comes first where the step's task selects, so that there is the case it takes; elsewhere
 * it comes second, so that it goes no further than it must. Whoever was woken by the step
 * has its own call behind it, and is not asked to make it again.
 */
#define _GNU_SOURCE
#include "seed_trace.h"
#include "panic.h"
#include "seed_trace_file.h"
#include "site.h"

#include <stdlib.h>

enum { EFFORT_MOST = 20000 };       /* moves for one step */

enum stand {
    NEW,                            /* has not run yet */
    ABOUT,                          /* about to make the call at site */
    PARKED,                         /* in it */
    WOKEN,                          /* out of it soon */
    GONE,                           /* has finished; main: waits for the others to */
};

/* A task of the trace. */
struct part {
    bool        bound;              /* it is known which one it is */
    uint64_t    id;                 /* of the task; 0: main */
    enum stand  stand;
    const char *site;
    bool        past;               /* a step has told of this call already */
};

struct trace {
    struct rt_chooser    chooser;
    struct rt_chooser   *otherwise;
    struct rt_trace_file file;
    size_t               at;        /* the step to be reached; file.count: done */
    size_t               left;      /* 1 + the first step not reached; 0: none */
    size_t               missed;    /* 1 + the last one not reached */
    size_t               rounds;    /* of the present round, those behind */
    bool                 acted;     /* the step's task has made its move */
    bool                 fired;     /* its timer has */
    unsigned             effort;
    struct part         *moved;     /* the part that moved last, or NULL */
    uint64_t             mover;     /* the id of who did */
    const char          *mover_site;
    bool                 yielding;  /* it gives way within a call */
    bool                 told;
    struct part          parts[RT_TRACE_TASKS];
};

/* What there is to choose from. */
struct choice {
    struct rt_mover **movers;
    size_t            contexts, n;
};

enum { NOBODY = -1 };

static struct trace *following;

/* ---- who is who ---- */

static const struct rt_trace_step *step_of(const struct trace *t)
{
    return t->at < t->file.count ? &t->file.steps[t->at] : NULL;
}

static struct part *part_with(struct trace *t, uint64_t id)
{
    for (size_t i = 0; i < RT_TRACE_TASKS; i++)
        if (t->parts[i].bound && t->parts[i].id == id)
            return &t->parts[i];
    return NULL;
}

static void bind(struct trace *t, int number, uint64_t id)
{
    if (number != RT_TRACE_NONE)
        t->parts[number] = (struct part){ .bound = true, .id = id, .stand = NEW };
}

static long index_of(const struct choice *c, uint64_t id)
{
    for (size_t i = 0; i < c->contexts; i++)
        if (c->movers[i]->task->id == id)
            return (long)i;
    return NOBODY;
}

static bool is_at(const struct part *p, const struct rt_trace_step *s)
{
    if (p->past || p->stand == NEW || p->stand == GONE)
        return false;
    if (s->kind == RT_TRACE_CANCEL && !p->site)
        return true;
    if ((uintptr_t)p->site & RT_SITE_IS_PC)
        return s->kind != RT_TRACE_START;
    return rt_trace_place_is(&s->place, p->site);
}

/* Task 0 is whoever comes to the place where it does its first step. */
static void find_root(struct trace *t, uint64_t id, const char *site)
{
    const struct rt_trace_step *s = step_of(t);

    if (!t->parts[0].bound && s && s->task == 0 && rt_trace_place_is(&s->place, site)) {
        bind(t, 0, id);
        t->parts[0].site = site;
        t->parts[0].stand = ABOUT;
    }
}

/* ---- what happens ---- */

static void rests(struct rt_chooser *chooser, struct rt_mover *m, bool for_good)
{
    struct trace *t = (struct trace *)chooser;
    struct part *p = part_with(t, m->task->id);

    t->moved = NULL;
    if (!p)
        return;
    p->stand = for_good ? GONE : PARKED;
    p->site = m->site;
    p->past = false;
}

/* Who moved last and can go on has come to its next call. */
static void note_last(struct trace *t, const struct choice *c, struct rt_mover *last)
{
    struct part *p = t->moved;
    bool yields = t->yielding;

    t->yielding = false;
    t->moved = NULL;
    if (p) {
        p->stand = ABOUT;
        p->site = last->site;
        p->past = yields;
    } else if (last->task && (last->task->id || last->task->is_thread) && !yields &&
               index_of(c, last->task->id) != NOBODY) {
        find_root(t, last->task->id, last->site);
    }
}

/* Others may have been woken by that; by this step, if they are its. */
static void note_woken(struct trace *t, const struct choice *c)
{
    const struct rt_trace_step *s = step_of(t);

    for (size_t i = 0; i < c->contexts; i++) {
        struct part *p = part_with(t, c->movers[i]->task->id);

        if (!p || (p->stand != PARKED && p->stand != GONE))
            continue;
        p->past = p->stand == GONE ||
                  (s && (p == &t->parts[s->task] ||
                         (s->peer != RT_TRACE_NONE && p == &t->parts[s->peer])));
        p->stand = WOKEN;
    }
}

/* The next task that the mover is to start at this place. */
static void note_start(struct trace *t, struct rt_task *task)
{
    for (size_t i = t->at; i < t->file.count; i++) {
        struct rt_trace_step *s = &t->file.steps[i];
        const struct part *p = &t->parts[s->task];

        if (s->kind != RT_TRACE_START || s->started || !rt_trace_place_is(&s->place, task->spawn_site))
            continue;
        if (!p->bound && s->task == 0 && i == t->at)
            bind(t, 0, t->mover);
        if (!p->bound || p->id != t->mover)
            continue;
        s->started = true;
        bind(t, s->peer, task->id);
        return;
    }
}

static void arrives(struct rt_chooser *chooser, struct rt_mover *m, bool again)
{
    struct trace *t = (struct trace *)chooser;

    t->otherwise->arrives(t->otherwise, m, again);
    if (m->task) {
        note_start(t, m->task);
    } else if (!again) {
        m->owner = t->mover;
        m->site = t->mover_site;
    }
}

static void gives_way(struct rt_chooser *chooser, struct rt_mover *m, enum rt_way way)
{
    struct trace *t = (struct trace *)chooser;

    t->otherwise->gives_way(t->otherwise, m, way);
    t->yielding = true;
}

static size_t ready_case(struct rt_chooser *chooser, struct rt_mover *m, const unsigned *ready,
                         size_t n)
{
    struct trace *t = (struct trace *)chooser;
    const struct rt_trace_step *s = step_of(t);

    for (size_t i = 0; s && m->task && i < n; i++)
        if (&t->parts[s->task] == part_with(t, m->task->id) && (int)ready[i] == s->number)
            return i;
    return t->otherwise->ready_case(t->otherwise, m, ready, n);
}

/* ---- help ---- */

static bool has_steps(const struct trace *t, const struct part *p)
{
    for (size_t i = t->at < t->file.count ? t->file.steps[t->at].first : t->at; i < t->file.count; i++)
        if (&t->parts[t->file.steps[i].task] == p)
            return true;
    return false;
}

static long timer_of(const struct choice *c, const struct part *p, const struct rt_trace_place *made)
{
    for (size_t i = c->contexts; i < c->n; i++) {
        const struct rt_mover *m = c->movers[i];

        if (made->file ? rt_trace_place_is(made, m->site) : m->owner == p->id && m->site == p->site)
            return (long)i;
    }
    return NOBODY;
}

/* Somebody of whom the trace says nothing any more; else the time. */
static long stranger(struct trace *t, const struct choice *c)
{
    for (size_t i = 0; i < c->contexts; i++) {
        size_t k = (i + t->effort) % c->contexts;
        struct part *p = part_with(t, c->movers[k]->task->id);

        if (!p || !has_steps(t, p))
            return (long)k;
    }
    return c->n > c->contexts ? (long)c->contexts : NOBODY;
}

static long help(struct trace *t, const struct choice *c, const struct part *p)
{
    static const struct rt_trace_place here;
    const struct rt_trace_step *s = step_of(t);
    long index = timer_of(c, p, &here);

    if (index == NOBODY && s->peer != RT_TRACE_NONE && s->kind != RT_TRACE_START &&
        t->parts[s->peer].bound)
        index = index_of(c, t->parts[s->peer].id);
    return index == NOBODY ? stranger(t, c) : index;
}

/* ---- one step ---- */

static long move(const struct choice *c, const struct part *p)
{
    return p->stand == PARKED || p->stand == GONE ? NOBODY : index_of(c, p->id);
}

static bool parks(const struct rt_trace_step *s)
{
    return s->kind == RT_TRACE_WAIT || s->kind == RT_TRACE_QUEUE || s->kind == RT_TRACE_BLOCK;
}

/* What a task does by itself after its call belongs to the step: who of its two was woken
 * goes on to its next call. */
static const struct part *woken_of(const struct trace *t, const struct rt_trace_step *s)
{
    const struct part *p = &t->parts[s->task], *peer = s->peer < 0 ? p : &t->parts[s->peer];

    return p->stand == WOKEN ? p : peer->bound && peer->stand == WOKEN ? peer : NULL;
}

static bool is_over(const struct trace *t, const struct rt_trace_step *s, const struct part *p)
{
    switch (s->kind) {
    case RT_TRACE_START:
        return s->started;
    case RT_TRACE_RETURN:
        return p->stand == GONE;
    case RT_TRACE_EXIT:                 /* and with it the run */
        return true;
    case RT_TRACE_WAIT:
    case RT_TRACE_QUEUE:
    case RT_TRACE_BLOCK:
        return p->stand == PARKED && is_at(p, s);
    case RT_TRACE_ABORT:
        return t->acted;
    case RT_TRACE_PASS:
    case RT_TRACE_TIMEOUT:
    case RT_TRACE_CANCEL:
    case RT_TRACE_SELECT:
        return t->acted && p->stand != PARKED && !woken_of(t, s);
    }
    return true;
}

/* A select takes what is ready: its peer is to be there first. */
static long peer_first(struct trace *t, const struct choice *c, const struct rt_trace_step *s)
{
    const struct part *peer = s->peer == RT_TRACE_NONE ? NULL : &t->parts[s->peer];

    return s->kind == RT_TRACE_SELECT && peer && peer->bound && t->effort < EFFORT_MOST / 2 ? move(c, peer) : NOBODY;
}

/* Its task is about to make the call. */
static long act(struct trace *t, const struct choice *c, const struct rt_trace_step *s, struct part *p)
{
    long index = peer_first(t, c, s);

    if (index != NOBODY)
        return index;
    if (s->kind == RT_TRACE_TIMEOUT && s->made.file && !t->fired &&
        (index = timer_of(c, p, &s->made)) != NOBODY) {
        t->fired = true;
        return index;
    }
    t->acted = true;
    return move(c, p);
}

/* Who moves now for the step's sake, or NOBODY when nobody can. */
static long pursue(struct trace *t, const struct choice *c, const struct rt_trace_step *s)
{
    struct part *p = &t->parts[s->task];
    bool to_a_place = s->kind != RT_TRACE_START && s->kind != RT_TRACE_RETURN;

    if (!p->bound)
        return s->task == 0 ? stranger(t, c) : NOBODY;
    if (p->stand == GONE || ++t->effort > EFFORT_MOST || (t->acted && parks(s)))
        return NOBODY;
    if (to_a_place && !t->acted && is_at(p, s)) {
        if (p->stand != PARKED)
            return act(t, c, s, p);
        t->acted = true;
    }
    if (t->acted && p->stand != PARKED)
        return woken_of(t, s) ? move(c, woken_of(t, s)) : NOBODY;
    if (p->stand == PARKED) {
        long index = s->kind == RT_TRACE_TIMEOUT ? timer_of(c, p, &s->made) : NOBODY;

        return index == NOBODY ? help(t, c, p) : index;
    }
    return move(c, p);
}

/* A round that the run was not seen to go through is not begun again. */
static bool comes_again(const struct trace *t, const struct rt_trace_step *s)
{
    return t->rounds < s->again && t->missed <= s->first;
}

static void next_step(struct trace *t)
{
    const struct rt_trace_step *s = step_of(t);

    if (comes_again(t, s)) {
        t->rounds++;
        t->at = s->first;
        for (struct rt_trace_step *r = &t->file.steps[s->first]; r <= s; r++)
            r->started = false;
    } else {
        t->rounds = s->again ? 0 : t->rounds;
        t->at++;
    }
    t->acted = t->fired = false;
    t->effort = 0;
}

static size_t next(struct rt_chooser *chooser, struct rt_mover **movers, size_t contexts, size_t n,
                   struct rt_mover *last)
{
    struct trace *t = (struct trace *)chooser;
    struct choice c = { movers, contexts, n };
    const struct rt_trace_step *s;
    long index = NOBODY;

    note_last(t, &c, last);
    note_woken(t, &c);
    while (index == NOBODY && (s = step_of(t)) != NULL) {
        bool over = is_over(t, s, &t->parts[s->task]);

        index = over ? NOBODY : pursue(t, &c, s);
        if (!over && index == NOBODY) {
            t->left = t->left ? t->left : t->at + 1;
            t->missed = t->at + 1;
        }
        if (index == NOBODY || (s->kind == RT_TRACE_ABORT && t->acted))
            next_step(t);
    }
    if (!s)
        rt_trace_tell();
    if (index == NOBODY)
        index = (long)t->otherwise->next(t->otherwise, movers, contexts, n, last);
    if ((size_t)index < contexts) {
        t->mover = movers[index]->task->id;
        t->mover_site = movers[index]->site;
        t->moved = part_with(t, t->mover);
    }
    return (size_t)index;
}

/* ---- all of it ---- */

struct rt_chooser *rt_trace_follow(const char *path, struct rt_chooser *otherwise)
{
    struct trace *t = calloc(1, sizeof *t);

    if (!t)
        rt_out_of_memory();
    t->chooser = (struct rt_chooser){ arrives, gives_way, next, ready_case, rests, true };
    t->otherwise = otherwise;
    rt_trace_read(path, &t->file);
    if (t->file.from_main) {
        bind(t, 0, 0);
        t->moved = &t->parts[0];
    }
    following = t;
    return &t->chooser;
}

void rt_trace_tell(void)
{
    struct trace *t = following;
    const struct rt_trace_step *s;
    size_t step;

    if (!t || t->told)
        return;
    t->told = true;
    while ((s = step_of(t)) != NULL && is_over(t, s, &t->parts[s->task]))
        next_step(t);               /* nobody could move after it, so that nobody asked */
    step = t->left ? t->left : t->at + 1;
    if (step > t->file.count)
        fprintf(stderr, "chanrt: trace followed, %zu steps\n", t->file.count);
    else
        fprintf(stderr, "chanrt: trace left at step %zu of %zu\n", step, t->file.count);
}
