/* chan.h - inside a channel: for chan.c, select.c and the timers that send ticks.
 *
 * The shape is that of Go's runtime/chan.go: one lock, a ring of elements, a queue of
 * waiting receivers and one of waiting senders, whose entries lie on the waiting tasks'
 * stacks. At least one queue is empty at any time, except for selects.
 */
#ifndef RT_CHAN_H
#define RT_CHAN_H

#include "task.h"
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
    _Atomic(struct rt_waiter *) first;
    struct rt_waiter           *last;
};

struct chan {
    struct rt_lock    lock;
    atomic_uint       refs;
    _Atomic size_t    count;        /* elements in the ring */
    atomic_bool       closed;
    bool              dying;        /* no reference left, but waiters */
    size_t            elem_size;
    size_t            capacity;
    size_t            head;
    size_t            pins;         /* waiters taken out whose select has yet to come by */
    struct rt_waiters receivers, senders;
    const char       *made;
    struct rt_timer  *timer;        /* chan_after's, in the same block */
    unsigned char    *ring;
};

enum rt_outcome { RT_WOULD_BLOCK, RT_DONE, RT_CLOSED };

/* The hand-over. Moves one element between value and a waiter or the ring; ch is
 * locked. *wake: the waiter's task, to be made ready after unlocking, or NULL. RT_CLOSED:
 * sending on a closed channel; receiving from a closed and drained one, *value untouched. */
enum rt_outcome rt_chan_move(struct chan *ch, enum chan_op op, void *value,
                             struct rt_task **wake);

void rt_waiters_add(struct rt_waiters *q, struct rt_waiter *w);
void rt_waiters_remove(struct rt_waiters *q, struct rt_waiter *w);

static inline struct rt_waiters *rt_chan_waiters(struct chan *ch, enum chan_op op)
{
    return op == CHAN_OP_SEND ? &ch->senders : &ch->receivers;
}

/* Frees a dying channel that nobody waits on any more. */
void rt_chan_unlock(struct chan *ch);

/* Without the lock: could the operation go ahead (or abort)? A true answer may have
 * become false; a false one was true at some moment during the call. */
static inline bool rt_chan_ready(struct chan *ch, enum chan_op op)
{
    if (atomic_load_explicit(&ch->closed, memory_order_acquire))
        return true;
    if (op == CHAN_OP_SEND)
        return atomic_load_explicit(&ch->count, memory_order_acquire) < ch->capacity ||
               atomic_load_explicit(&ch->receivers.first, memory_order_acquire);
    return atomic_load_explicit(&ch->count, memory_order_acquire) > 0 ||
           atomic_load_explicit(&ch->senders.first, memory_order_acquire);
}

/* A send needs something to send. */
void rt_chan_check_value(struct chan *ch, const void *value, const char *site);
_Noreturn void rt_send_on_closed(const char *made, size_t capacity, const char *site);

struct chan *rt_chan_create(size_t elem_size, size_t capacity, size_t extra, const char *site);
/* One more reference unless the last is gone. */
bool rt_chan_retain_live(struct chan *ch);

#endif
