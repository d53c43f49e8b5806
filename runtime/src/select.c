/* select.c - wait for one of several channel operations.
 *
 * First one pass over the cases in random order, each channel locked by itself: most
 * selects find something there. One that must wait locks all its channels in address
 * order (so that two selects cannot wait for each other's locks), looks again, and
 * joins every queue before the first is unlocked. Whoever claims it tells which case it
 * was and has moved the element; the select then takes its other waiters out.
 */
#include "chan.h"
#include "panic.h"
#include "seed.h"
#include "site.h"

#include <stdlib.h>
#include <string.h>

/* What a select needs per case. For few cases it lies on the stack. */
struct entry {
    struct rt_waiter waiter;
    const char      *made;          /* the case's channel's; it may be gone later */
    size_t           capacity;
    struct chan     *locked;        /* in address order, each channel once */
    unsigned         order;         /* random order of looking */
};

enum { ON_STACK = 8 };

struct selecting {
    chan_case_t     *cases;
    size_t           n;
    struct entry    *entries;
    size_t           locked;        /* how many different channels */
    const char      *site;
    struct rt_select select;
    struct rt_timer  timer;
    struct rt_task  *task;
};

static uint32_t dice(void)
{
    static __thread uint32_t state;     /* xorshift32: Marsaglia, "Xorshift RNGs", 2003 */

    if (state == 0)
        state = (uint32_t)((uintptr_t)&state >> 4) * 2654435761u | 1;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static __attribute__((noinline)) unsigned below(size_t n)
{
    return (unsigned)(((uint64_t)dice() * n) >> 32);
}

/* The seed says which ready case comes first. */
static void order_by_seed(struct selecting *s)
{
    unsigned few[ON_STACK], *ready = s->n > ON_STACK ? malloc(s->n * sizeof *ready) : few;
    unsigned first = 0;
    size_t n = 0;

    if (!ready)
        rt_out_of_memory();
    for (size_t i = 0; i < s->n; i++) {
        s->entries[i].order = (unsigned)i;
        if (s->cases[i].ch && rt_chan_ready(s->cases[i].ch, s->cases[i].op))
            ready[n++] = (unsigned)i;
    }
    if (n > 0)
        first = ready[rt_seed_case(ready, n)];
    if (s->n > 0) {
        s->entries[first].order = 0;
        s->entries[0].order = first;
    }
    if (ready != few)
        free(ready);
}

/* A random permutation (Fisher and Yates, inside out), so that every ready case is as
 * likely as any other. */
static void shuffle(struct selecting *s)
{
    if (rt_seeded()) {
        order_by_seed(s);
        return;
    }
    for (size_t i = 0; i < s->n; i++) {
        unsigned j = below(i + 1);

        s->entries[i].order = s->entries[j].order;
        s->entries[j].order = (unsigned)i;
    }
}

static void check_values(struct selecting *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->cases[i].op == CHAN_OP_SEND && s->cases[i].ch)
            rt_chan_check_value(s->cases[i].ch, s->cases[i].value, s->site);
}

/* ---- taking a case ---- */

/* A case's receive is over: tell how. */
static void received(chan_case_t *c, bool ok)
{
    if (c->op == CHAN_OP_RECV && c->ok)
        *c->ok = ok;
}

/* c's channel is locked and has something for it (or is closed). True when done. */
static bool try_case(chan_case_t *c, struct rt_task **wake, enum rt_outcome *outcome)
{
    *outcome = rt_chan_move(c->ch, c->op, c->value, wake);
    if (*outcome == RT_WOULD_BLOCK)
        return false;
    if (*outcome == RT_CLOSED && c->op == CHAN_OP_RECV && c->value)
        memset(c->value, 0, c->ch->elem_size);
    return true;
}

static void finish_case(struct selecting *s, chan_case_t *c, enum rt_outcome outcome,
                        struct rt_task *wake)
{
    if (outcome == RT_CLOSED && c->op == CHAN_OP_SEND)
        rt_send_on_closed(c->ch->made, c->ch->capacity, s->site);
    received(c, outcome == RT_DONE);
    if (wake)
        rt_ready(wake);
}

/* One pass without waiting: the index of the case done, or -1. */
static int pass(struct selecting *s)
{
    struct rt_worker *w = rt_this_worker();

    for (size_t i = 0; i < s->n; i++) {
        unsigned index = s->entries[i].order;
        chan_case_t *c = &s->cases[index];
        struct rt_task *wake;
        enum rt_outcome outcome;
        bool done;

        if (!c->ch || !rt_chan_ready(c->ch, c->op))
            continue;
        rt_chan_lock(c->ch, w);
        done = try_case(c, &wake, &outcome);
        rt_chan_unlock(c->ch, w);
        if (done) {
            finish_case(s, c, outcome, wake);
            return (int)index;
        }
    }
    return -1;
}

static bool any_ready(const chan_case_t *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (cases[i].ch && rt_chan_ready(cases[i].ch, cases[i].op))
            return true;
    return false;
}

/* ---- all channels at once ---- */

/* Insertion sort by address, dropping doubles: selects are short. */
static void sort_channels(struct selecting *s)
{
    s->locked = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct chan *ch = s->cases[i].ch;
        size_t at = s->locked;

        while (at > 0 && (uintptr_t)s->entries[at - 1].locked > (uintptr_t)ch)
            at--;
        if (!ch || (at > 0 && s->entries[at - 1].locked == ch))
            continue;
        for (size_t j = s->locked++; j > at; j--)
            s->entries[j].locked = s->entries[j - 1].locked;
        s->entries[at].locked = ch;
    }
}

static struct rt_worker *in_slot(struct rt_worker *w, size_t slot)
{
    return slot < RT_INSIDE ? w : NULL;
}

static void lock_all(struct selecting *s)
{
    struct rt_worker *w = rt_this_worker();

    sort_channels(s);
    for (size_t i = 0; i < s->locked; i++)
        rt_bias_lock(&s->entries[i].locked->lock, in_slot(w, i), (unsigned)i);
}

/* As rt_park's commit: the select can be claimed from the first unlock on, but it must
 * lock the channels not yet unlocked before it can return, so that what is read before the
 * last unlock is still there. */
static void unlock_all(void *arg)
{
    struct rt_worker *w = rt_this_worker();
    struct selecting *s = arg;
    struct entry *e = s->entries;
    size_t n = s->locked;

    for (size_t i = 0; i < n; i++, e++)
        rt_chan_unlock_slot(e->locked, in_slot(w, i), (unsigned)i);
}

static void join_queues(struct selecting *s)
{
    for (size_t i = 0; i < s->n; i++) {
        chan_case_t *c = &s->cases[i];
        struct rt_waiter *w = &s->entries[i].waiter;

        if (!c->ch)
            continue;
        *w = (struct rt_waiter){ .task = s->task, .value = c->value,
                                 .select = &s->select, .index = (int)i };
        s->entries[i].made = c->ch->made;
        s->entries[i].capacity = c->ch->capacity;
        rt_waiters_add(rt_chan_waiters(c->ch, c->op), w);
    }
}

/* Take the waiters out that did not fire. Whoever skipped one has taken it out already
 * and pinned the channel for this visit. The channel of the case that fired may be gone. */
static void leave_queues(struct selecting *s)
{
    struct rt_worker *worker = rt_this_worker();

    for (size_t i = 0; i < s->n; i++) {
        chan_case_t *c = &s->cases[i];
        struct rt_waiter *w = &s->entries[i].waiter;

        if (!c->ch || (int)i == s->select.fired)
            continue;
        rt_chan_lock(c->ch, worker);
        if (w->queued)
            rt_waiters_remove(rt_chan_waiters(c->ch, c->op), w);
        else
            c->ch->pins--;
        rt_chan_unlock(c->ch, worker);
    }
}

/* ---- waiting ---- */

static bool time_is_over(struct rt_timer *timer)
{
    struct selecting *s =
        (struct selecting *)((char *)timer - offsetof(struct selecting, timer));
    unsigned unclaimed = 0;

    if (atomic_compare_exchange_strong_explicit(&s->select.claimed, &unclaimed, 1,
                                                memory_order_acq_rel, memory_order_relaxed)) {
        s->select.fired = -1;
        rt_ready(s->task);
    }
    return false;
}

static void commit_wait(void *arg)
{
    struct selecting *s = arg;
    size_t locked = s->locked;

    if (s->timer.when > 0)
        rt_timer_start(&s->timer);
    if (locked > 0)             /* else nothing holds the select back: s may be gone */
        unlock_all(s);
}

/* What a report says about the one channel, if it is one. */
static struct rt_reason reason(struct selecting *s)
{
    struct rt_reason why = { .state = s->n > 0 ? RT_SELECT : RT_SELECT_NONE, .site = s->site };

    if (s->locked == 1) {
        why.made = s->entries[0].locked->made;
        why.capacity = s->entries[0].locked->capacity;
    }
    if (s->timer.when == 0) {
        why.object = s->cases;
        why.cases = s->n;
    }
    return why;
}

/* Requires every channel locked. */
static int park(struct selecting *s)
{
    chan_case_t *c;
    struct entry *e;

    join_queues(s);
    rt_park(reason(s), commit_wait, s);
    if (s->timer.when > 0)
        rt_timer_stop(&s->timer);
    leave_queues(s);
    if (s->select.fired < 0)
        return -1;
    c = &s->cases[s->select.fired];
    e = &s->entries[s->select.fired];
    if (!e->waiter.ok && c->op == CHAN_OP_SEND)
        rt_send_on_closed(e->made, e->capacity, s->site);
    received(c, e->waiter.ok);
    return s->select.fired;
}

/* Look once more with everything locked, then wait. */
static int wait_for_any(struct selecting *s)
{
    lock_all(s);
    for (size_t i = 0; i < s->n; i++) {
        unsigned index = s->entries[i].order;
        chan_case_t *c = &s->cases[index];
        struct rt_task *wake;
        enum rt_outcome outcome;

        if (c->ch && try_case(c, &wake, &outcome)) {
            unlock_all(s);
            finish_case(s, c, outcome, wake);
            return (int)index;
        }
    }
    return park(s);
}

/* deadline: 0 for none, -1: do not wait. */
static int choose(chan_case_t *cases, size_t n, int64_t deadline, const char *site)
{
    struct entry few[ON_STACK];
    struct selecting s = { .cases = cases, .n = n, .entries = few, .site = site,
                           .timer = { .when = deadline, .pop = time_is_over } };
    int index;

    if (n > ON_STACK && !(s.entries = malloc(n * sizeof *s.entries)))
        rt_out_of_memory();
    check_values(&s);
    shuffle(&s);
    index = pass(&s);
    if (index < 0 && deadline >= 0) {
        s.task = rt_self();
        index = wait_for_any(&s);
    }
    if (s.entries != few)
        free(s.entries);
    return index;
}

static int poll(chan_case_t *cases, size_t n, const char *site)
{
    int index = any_ready(cases, n) ? choose(cases, n, -1, site) : -1;

    if (index < 0)
        rt_polled_in_vain();
    return index;
}

int chan_select_n_at(chan_case_t *cases, size_t n, const char *site)
{
    rt_step(site);
    return choose(cases, n, 0, site);
}

int chan_poll_n_at(chan_case_t *cases, size_t n, const char *site)
{
    rt_step(site);
    return poll(cases, n, site);
}

int chan_select_timeout_n_at(chan_case_t *cases, size_t n, int64_t timeout, const char *site)
{
    rt_step(site);
    if (timeout <= 0)
        return poll(cases, n, site);
    return choose(cases, n, rt_deadline(timeout), site);
}

int chan_select_n(chan_case_t *cases, size_t n)
{
    return chan_select_n_at(cases, n, RT_CALLER);
}

int chan_poll_n(chan_case_t *cases, size_t n)
{
    return chan_poll_n_at(cases, n, RT_CALLER);
}

int chan_select_timeout_n(chan_case_t *cases, size_t n, int64_t timeout)
{
    return chan_select_timeout_n_at(cases, n, timeout, RT_CALLER);
}
