/* select.c - wait for one of several channel operations.
 *
 * First a look at what each channel says it can do, without a lock: most selects find
 * something there, and lock that one channel. One that must wait locks all its channels in
 * address order (so that two selects cannot wait for each other's locks), looks again, and
 * joins every queue before the first is unlocked. Whoever claims it tells which case it
 * was and has moved the element; the select then takes its other waiters out.
 */
#include "chan.h"
#include "panic.h"
#include "park.h"
#include "seed.h"
#include "site.h"
#include "turn.h"

#include <stdlib.h>
#include <string.h>

/* What a waiting select needs per case. For few cases it lies on the stack. */
struct entry {
    struct rt_waiter waiter;
    struct chan     *locked;        /* in address order, each channel once */
    const char      *made;          /* of a send: the channel's, which may be gone later */
    size_t           capacity;
};

enum { ON_STACK = 8 };

struct selecting {
    chan_case_t     *cases;
    size_t           n;
    struct entry    *entries;
    size_t           locked;        /* how many different channels */
    struct rt_select select;
    struct rt_timer  timer;
    struct rt_task  *task;
};

/* ---- which case ---- */

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

static inline bool ready(const chan_case_t *c)
{
    return c->ch && rt_chan_ready(c->ch, c->op);
}

/* The seed says which ready case it is. */
static __attribute__((noinline)) int pick_by_seed(const chan_case_t *cases, size_t n)
{
    unsigned few[ON_STACK], *found = n > ON_STACK ? malloc(n * sizeof *found) : few;
    size_t count = 0;
    int index = -1;

    if (!found)
        rt_out_of_memory();
    for (size_t i = 0; i < n; i++)
        if (ready(&cases[i]))
            found[count++] = (unsigned)i;
    if (count > 0)
        index = (int)found[rt_seed_case(found, count)];
    if (found != few)
        free(found);
    return index;
}

/* A case that could go ahead, each as likely as any other, or -1. One pass (Knuth, "The Art
 * of Computer Programming", volume 2, 3.4.2, algorithm R for a sample of one): the second
 * one found replaces the first with probability 1/2, the third with 1/3, and so on. */
static int pick(const chan_case_t *cases, size_t n)
{
    size_t found = 0;
    int index = -1;

    if (__builtin_expect(rt_seeded(), 0))
        return pick_by_seed(cases, n);
    for (size_t i = 0; i < n; i++)
        if (ready(&cases[i]) && (++found == 1 || below(found) == 0))
            index = (int)i;
    return index;
}

static void check_values(const chan_case_t *cases, size_t n, const char *site)
{
    for (size_t i = 0; i < n; i++)
        if (cases[i].op == CHAN_OP_SEND && !cases[i].value && cases[i].ch)
            rt_chan_check_value(cases[i].ch, NULL, site);
}

/* ---- taking a case ---- */

/* A case's receive is over: tell how. */
static void received(chan_case_t *c, bool ok)
{
    if (c->op == CHAN_OP_RECV && c->ok)
        *c->ok = ok;
}

/* c's channel is locked. *outcome is RT_WOULD_BLOCK when what it said no longer holds. */
static struct rt_task *move(chan_case_t *c, enum rt_outcome *outcome)
{
    struct rt_task *wake;

    *outcome = rt_chan_move(c->ch, c->op, c->value, &wake);
    if (*outcome == RT_CLOSED && c->op == CHAN_OP_RECV && c->value)
        memset(c->value, 0, c->ch->elem_size);
    return wake;
}

static void finish_case(chan_case_t *c, enum rt_outcome outcome, struct rt_task *wake,
                        const char *site)
{
    if (outcome == RT_CLOSED && c->op == CHAN_OP_SEND)
        rt_send_on_closed(c->ch->made, c->ch->capacity, site);
    received(c, outcome == RT_DONE);
    if (wake)
        rt_ready_by(rt_this_worker(), wake);
}

/* Without waiting: the index of the case done, or -1. A case that is not ready any more when
 * its channel is locked was taken by somebody else: somebody always makes progress. */
static int take(chan_case_t *cases, size_t n, const char *site)
{
    int index;

    while ((index = pick(cases, n)) >= 0) {
        struct rt_worker *w = rt_this_worker();
        chan_case_t *c = &cases[index];
        enum rt_outcome outcome;
        struct rt_task *wake;

        rt_chan_lock(c->ch, w);
        wake = move(c, &outcome);
        rt_chan_unlock(c->ch, w);
        if (outcome != RT_WOULD_BLOCK) {
            finish_case(c, outcome, wake, site);
            break;
        }
    }
    return index;
}

/* ---- all channels at once ---- */

/* Insertion sort by address, dropping doubles: selects are short. */
static inline void sort_channels(struct selecting *s)
{
    const chan_case_t *c = s->cases, *end = c + s->n;
    struct entry *first = s->entries, *behind = first, *e;

    for (; c < end; c++) {
        struct chan *ch = c->ch;

        for (e = behind; e > first && (uintptr_t)e[-1].locked > (uintptr_t)ch; e--)
            ;
        if (!ch || (e > first && e[-1].locked == ch))
            continue;
        for (struct entry *to = behind++; to > e; to--)
            to->locked = to[-1].locked;
        e->locked = ch;
    }
    s->locked = (size_t)(behind - first);
}

static struct rt_worker *in_slot(struct rt_worker *w, size_t slot)
{
    return slot < RT_INSIDE ? w : NULL;
}

static inline void lock_all(struct selecting *s)
{
    struct rt_worker *w = rt_this_worker();
    struct entry *e = s->entries;
    size_t n;

    sort_channels(s);
    n = s->locked;
    for (size_t i = 0; i < n; i++, e++)
        rt_bias_lock(&e->locked->lock, in_slot(w, i), (unsigned)i);
}

/* Requires that could is right everywhere. As rt_park's commit: the select can be claimed from
 * the first unlock on, but it must lock the channels not yet unlocked before it can return,
 * so that what is read before the last unlock is still there. */
static inline void unlock_all(void *arg)
{
    struct rt_worker *w = rt_this_worker();
    struct selecting *s = arg;
    struct entry *e = s->entries;
    size_t n = s->locked;

    for (size_t i = 0; i < n; i++, e++)
        rt_chan_unlock_told(e->locked, in_slot(w, i), (unsigned)i);
}

static inline void join_queues(struct selecting *s)
{
    chan_case_t *c = s->cases;
    struct entry *e = s->entries;
    struct rt_task *task = s->task;
    int n = (int)s->n;

    for (int i = 0; i < n; i++, c++, e++) {
        struct chan *ch = c->ch;
        enum chan_op op = c->op;

        if (!ch)
            continue;
        e->waiter.task = task;
        e->waiter.value = c->value;
        e->waiter.select = &s->select;
        e->waiter.index = i;
        e->waiter.ok = false;
        if (op == CHAN_OP_SEND) {
            e->made = ch->made;
            e->capacity = ch->capacity;
        }
        rt_waiters_add(rt_chan_waiters(ch, op), &e->waiter);
        rt_chan_tell_waits(ch, op);
    }
}

/* Take the waiters out that did not fire. Whoever skipped one has taken it out already
 * and pinned the channel for this visit. The channel of the case that fired may be gone. */
static inline void leave_queues(struct selecting *s)
{
    struct rt_worker *worker = rt_this_worker();
    chan_case_t *c = s->cases;
    struct entry *e = s->entries;
    int n = (int)s->n, fired = s->select.fired;

    for (int i = 0; i < n; i++, c++, e++) {
        struct chan *ch = c->ch;

        if (!ch || i == fired)
            continue;
        rt_chan_lock(ch, worker);
        if (e->waiter.queued) {
            rt_waiters_remove(rt_chan_waiters(ch, c->op), &e->waiter);
            rt_chan_tell(ch);
        } else {
            ch->pins--;
        }
        rt_chan_unlock_told(ch, worker, 0);
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
RT_INLINE struct rt_reason reason(const struct selecting *s, const char *site)
{
    bool one = s->locked == 1;
    bool timed = s->timer.when > 0;

    return (struct rt_reason){
        .state = s->n > 0 ? RT_SELECT : RT_SELECT_NONE,
        .site = site,
        .made = one ? s->entries[0].locked->made : NULL,
        .capacity = one ? s->entries[0].locked->capacity : 0,
        .object = timed ? NULL : s->cases,
        .cases = timed ? 0 : s->n,
    };
}

/* Woken: the index of the case that fired, -1 for the time. */
static int outcome(struct selecting *s, const char *site)
{
    int fired;

    if (s->timer.when > 0)
        rt_timer_stop(&s->timer);
    leave_queues(s);
    fired = s->select.fired;
    if (fired >= 0) {
        struct entry *e = &s->entries[fired];

        if (!e->waiter.ok && s->cases[fired].op == CHAN_OP_SEND)
            rt_send_on_closed(e->made, e->capacity, site);
        received(&s->cases[fired], e->waiter.ok);
    }
    return fired;
}

/* Requires every channel locked: the same as take, then unlocks them if there was one. */
static int take_locked(struct selecting *s, const char *site)
{
    int index;

    while ((index = pick(s->cases, s->n)) >= 0) {
        chan_case_t *c = &s->cases[index];
        enum rt_outcome outcome;
        struct rt_task *wake = move(c, &outcome);

        rt_chan_tell(c->ch);
        if (outcome != RT_WOULD_BLOCK) {
            unlock_all(s);
            finish_case(c, outcome, wake, site);
            break;
        }
    }
    return index;
}

int rt_select_wait_for_any(chan_case_t *cases, size_t n, int64_t deadline, const char *site)
{
    struct rt_worker *w = rt_this_worker();
    struct entry few[ON_STACK];
    struct selecting s;
    int index;

    s.cases = cases;
    s.n = n;
    s.entries = n > ON_STACK ? malloc(n * sizeof *s.entries) : few;
    if (!s.entries)
        rt_out_of_memory();
    atomic_init(&s.select.claimed, 0);
    s.timer = (struct rt_timer){ .when = deadline, .pop = time_is_over };
    s.task = w ? w->running : rt_self();
    lock_all(&s);
    index = take_locked(&s, site);
    if (index < 0) {
        join_queues(&s);
        if (w)
            rt_park_task(w, reason(&s, site), commit_wait, &s);
        else
            rt_park_thread(reason(&s, site), commit_wait, &s);
        index = outcome(&s, site);
    }
    if (s.entries != few)
        free(s.entries);
    return index;
}

/* ---- the functions ---- */

static int poll(chan_case_t *cases, size_t n, const char *site)
{
    int index;

    check_values(cases, n, site);
    index = take(cases, n, site);
    if (index < 0)
        rt_polled_in_vain();
    return index;
}

int chan_select_n_at(chan_case_t *cases, size_t n, const char *site)
{
    int index;

    rt_step(site);
    check_values(cases, n, site);
    index = take(cases, n, site);
    return index >= 0 ? index : rt_select_wait(cases, n, 0, site);
}

int chan_poll_some_n_at(chan_case_t *cases, size_t n, const char *site)
{
    rt_step(site);
    return poll(cases, n, site);
}

int chan_select_timeout_n_at(chan_case_t *cases, size_t n, int64_t timeout, const char *site)
{
    int index;

    rt_step(site);
    if (timeout <= 0)
        return poll(cases, n, site);
    check_values(cases, n, site);
    index = take(cases, n, site);
    return index >= 0 ? index : rt_select_wait(cases, n, rt_deadline(timeout), site);
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
