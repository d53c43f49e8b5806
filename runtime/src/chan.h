/* chan.h - inside a channel: for chan.c, select.c and the timers that send ticks.
 *
 * The shape is that of Go's runtime/chan.go: one lock, a ring of elements, a queue of
 * waiting receivers and one of waiting senders, whose entries lie on the waiting tasks'
 * stacks. At least one queue is empty at any time, except for selects.
 */
#ifndef RT_CHAN_H
#define RT_CHAN_H

#include "bias.h"
#include "timer.h"

/* A parked select: whoever sets claimed decides which case it is. */
struct rt_select {
    atomic_uint claimed;
    int         fired;              /* index of the case, -1: the timeout */
};

struct rt_waiter {
    struct rt_waiter *next, *prev;
    struct rt_task   *task;
    void             *value;        /* copied to or from by the other side */
    struct rt_select *select;       /* NULL: a plain send or receive */
    int               index;        /* of the case in it */
    bool              queued;
    bool              ok;           /* woken by an element, not by a close */
};

struct rt_waiters {
    _Atomic(struct rt_waiter *) first;      /* read without the lock by rt_tick_is_awaited */
    struct rt_waiter           *last;
};

static inline struct rt_waiter *rt_waiters_first(struct rt_waiters *q)
{
    return atomic_load_explicit(&q->first, memory_order_relaxed);
}

static inline void rt_waiters_add(struct rt_waiters *q, struct rt_waiter *w)
{
    w->next = NULL;
    w->prev = q->last;
    w->queued = true;
    if (w->prev)
        w->prev->next = w;
    else
        atomic_store_explicit(&q->first, w, memory_order_release);
    q->last = w;
}

static inline void rt_waiters_remove(struct rt_waiters *q, struct rt_waiter *w)
{
    w->queued = false;
    if (w->prev)
        w->prev->next = w->next;
    else
        atomic_store_explicit(&q->first, w->next, memory_order_release);
    if (w->next)
        w->next->prev = w->prev;
    else
        q->last = w->prev;
}

/* What every operation touches lies together, in the first 128 bytes. */
struct chan {
    /* By enum chan_op: not 0 when the operation could go ahead, or abort, now. What
     * rt_chan_unlock saw last; the part of a channel that chanrt.h knows (see chan_poll). */
    _Atomic uint32_t    could[2];
    size_t              capacity;
    _Atomic size_t      count;      /* elements in the ring */
    size_t              elem_size;
    struct rt_waiters   receivers, senders;
    bool                closed;
    bool                dying;      /* no reference left, but waiters */
    struct rt_bias_lock lock;       /* its owner first */
    unsigned char      *put_at;     /* in the ring: where the next element goes, */
    unsigned char      *take_at;    /* and where the oldest is */
    unsigned char      *ring_end;
    unsigned char      *ring;
    const char         *made;
    size_t              pins;       /* waiters taken out whose select has yet to come by */
    atomic_uint         refs;
    struct rt_timer    *timer;      /* chan_after's, in the same block */
};

_Static_assert(offsetof(struct chan, could) == offsetof(struct chan_could_, could),
               "chanrt.h looks at it");

enum rt_outcome { RT_WOULD_BLOCK, RT_DONE, RT_CLOSED };

/* The hand-over. Moves one element between value and a waiter or the ring; ch is
 * locked. *wake: the waiter's task, to be made ready after unlocking, or NULL. RT_CLOSED:
 * sending on a closed channel; receiving from a closed and drained one, *value untouched. */
enum rt_outcome rt_chan_move(struct chan *ch, enum chan_op op, void *value,
                             struct rt_task **wake);

/* Unlocks; frees ch when nobody waits on it any more. */
void rt_chan_unlock_dying(struct chan *ch, struct rt_worker *w, unsigned slot);

static inline struct rt_waiters *rt_chan_waiters(struct chan *ch, enum chan_op op)
{
    return op == CHAN_OP_SEND ? &ch->senders : &ch->receivers;
}

/* w: the caller's worker or NULL. A task that holds channels may be switched out (but not
 * yield) before it unlocks them, from then on on another stack of the same worker. */
static inline void rt_chan_lock(struct chan *ch, struct rt_worker *w)
{
    rt_bias_lock(&ch->lock, w, 0);
}

/* Says in could what the locked ch can do now. */
static inline void rt_chan_tell(struct chan *ch)
{
    bool closed = ch->closed;
    size_t count = atomic_load_explicit(&ch->count, memory_order_relaxed);

    atomic_store_explicit(&ch->could[CHAN_OP_RECV],
                          closed || count > 0 || rt_waiters_first(&ch->senders),
                          memory_order_release);
    atomic_store_explicit(&ch->could[CHAN_OP_SEND],
                          closed || count < ch->capacity || rt_waiters_first(&ch->receivers),
                          memory_order_release);
}

/* The same when nothing has changed since the last time but that somebody waits with op. */
static inline void rt_chan_tell_waits(struct chan *ch, enum chan_op op)
{
    enum chan_op other = op == CHAN_OP_SEND ? CHAN_OP_RECV : CHAN_OP_SEND;

    atomic_store_explicit(&ch->could[other], 1, memory_order_release);
}

/* Requires that could is right. When several are locked, each has a slot of its own below
 * RT_INSIDE, or none: w NULL. */
static inline void rt_chan_unlock_told(struct chan *ch, struct rt_worker *w, unsigned slot)
{
    if (__builtin_expect(ch->dying, false))
        rt_chan_unlock_dying(ch, w, slot);
    else
        rt_bias_unlock(&ch->lock, w, slot);
}

static inline void rt_chan_unlock(struct chan *ch, struct rt_worker *w)
{
    rt_chan_tell(ch);
    rt_chan_unlock_told(ch, w, 0);
}

/* Without the lock: could the operation go ahead (or abort)? A true answer may have
 * become false; a false one was true at some moment during the call. */
static inline bool rt_chan_ready(struct chan *ch, enum chan_op op)
{
    return atomic_load_explicit(&ch->could[op], memory_order_acquire) != 0;
}

/* Requires ch locked: wait in its queue, which unlocks it. False when it was closed
 * meanwhile. _in_queue is for the code in switch.S. */
bool rt_chan_wait(struct chan *ch, enum chan_op op, void *value, const char *site,
                  struct rt_worker *w);
bool rt_chan_wait_in_queue(struct chan *ch, enum chan_op op, void *value, const char *site,
                           struct rt_worker *w);

/* The same for a select, with no channel locked: the index of the case, -1 when deadline
 * (0: none) has passed. */
int rt_select_wait(chan_case_t *cases, size_t n, int64_t deadline, const char *site);
int rt_select_wait_for_any(chan_case_t *cases, size_t n, int64_t deadline, const char *site);

/* A send needs something to send. */
void rt_chan_check_value(struct chan *ch, const void *value, const char *site);
_Noreturn void rt_send_on_closed(const char *made, size_t capacity, const char *site);

/* chan_close of a channel that there is, at which nobody else gets a turn. */
void rt_chan_close(struct chan *ch, const char *site);

struct chan *rt_chan_create(size_t elem_size, size_t capacity, size_t extra, const char *site);
/* One more reference unless the last is gone. */
bool rt_chan_retain_live(struct chan *ch);

#endif
