/* chan.c - channels: create, send, receive, close, and the one hand-over. */
#include "chan.h"
#include "panic.h"
#include "park.h"
#include "seed.h"
#include "site.h"
#include "turn.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL = 512 };

/* ---- waiters ---- */

/* A select belongs to the first who claims it; a plain waiter to whoever finds it. */
static bool claim(struct rt_waiter *w)
{
    unsigned unclaimed = 0;

    if (!w->select)
        return true;
    if (!atomic_compare_exchange_strong_explicit(&w->select->claimed, &unclaimed, 1,
                                                 memory_order_acq_rel, memory_order_relaxed))
        return false;
    w->select->fired = w->index;
    return true;
}

/* Take out the first waiter that can still be served. One whose select was claimed
 * elsewhere goes too, but its select will come to this channel to take it out, so
 * that the channel must stay until then. */
RT_INLINE struct rt_waiter *take_waiter(struct chan *ch, struct rt_waiters *q)
{
    struct rt_waiter *w;

    while ((w = rt_waiters_first(q)) != NULL) {
        rt_waiters_remove(q, w);
        if (claim(w))
            return w;
        ch->pins++;
    }
    return NULL;
}

/* ---- the hand-over ---- */

/* Most elements are a pointer or an int: those are moved without a call. False, and nothing
 * done, with those of any other size. */
RT_INLINE bool copy_small(void *to, const void *from, size_t size)
{
    if (__builtin_expect(size == sizeof(uint64_t), 1))
        memcpy(to, from, sizeof(uint64_t));
    else if (size == sizeof(uint32_t))
        memcpy(to, from, sizeof(uint32_t));
    else
        return false;
    return true;
}

RT_INLINE void copy(struct chan *ch, void *to, const void *from)
{
    if (to && !copy_small(to, from, ch->elem_size) && ch->elem_size > 0)
        memcpy(to, from, ch->elem_size);
}

static void set_count(struct chan *ch, size_t count)
{
    atomic_store_explicit(&ch->count, count, memory_order_relaxed);
}

RT_INLINE unsigned char *slot_behind(struct chan *ch, unsigned char *slot, size_t elem_size)
{
    slot += elem_size;
    return __builtin_expect(slot == ch->ring_end, 0) ? ch->ring : slot;
}

RT_INLINE void ring_put(struct chan *ch, const void *value)
{
    copy(ch, ch->put_at, value);
    ch->put_at = slot_behind(ch, ch->put_at, ch->elem_size);
    set_count(ch, ch->count + 1);
}

RT_INLINE void ring_get(struct chan *ch, void *value)
{
    copy(ch, value, ch->take_at);
    ch->take_at = slot_behind(ch, ch->take_at, ch->elem_size);
    set_count(ch, ch->count - 1);
}

static struct rt_task *served(struct rt_waiter *w)
{
    w->ok = true;
    return w->task;
}

RT_INLINE enum rt_outcome move_out(struct chan *ch, const void *value, struct rt_task **wake)
{
    struct rt_waiter *receiver;

    if (ch->closed)
        return RT_CLOSED;
    if ((receiver = take_waiter(ch, &ch->receivers)) != NULL) {
        copy(ch, receiver->value, value);
        *wake = served(receiver);
        return RT_DONE;
    }
    if (ch->count == ch->capacity)
        return RT_WOULD_BLOCK;
    ring_put(ch, value);
    return RT_DONE;
}

RT_INLINE enum rt_outcome move_in(struct chan *ch, void *value, struct rt_task **wake)
{
    struct rt_waiter *sender;

    if (ch->count > 0) {
        ring_get(ch, value);
        if ((sender = take_waiter(ch, &ch->senders)) != NULL) {
            ring_put(ch, sender->value);
            *wake = served(sender);
        }
        return RT_DONE;
    }
    if ((sender = take_waiter(ch, &ch->senders)) != NULL) {
        copy(ch, value, sender->value);
        *wake = served(sender);
        return RT_DONE;
    }
    return ch->closed ? RT_CLOSED : RT_WOULD_BLOCK;
}

enum rt_outcome rt_chan_move(struct chan *ch, enum chan_op op, void *value,
                             struct rt_task **wake)
{
    *wake = NULL;
    return op == CHAN_OP_SEND ? move_out(ch, value, wake) : move_in(ch, value, wake);
}

/* ---- life ---- */

/* calloc, which for small blocks is slower: it does not look into the thread's own cache. */
static void *zeroed(size_t bytes)
{
    void *block;

    if (bytes > SMALL)
        return calloc(1, bytes);
    block = malloc(bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

struct chan *rt_chan_create(size_t elem_size, size_t capacity, size_t extra, const char *site)
{
    size_t header = (sizeof(struct chan) + extra + 15) & ~(size_t)15;
    size_t bytes;
    struct chan *ch;

    if (__builtin_mul_overflow(elem_size, capacity, &bytes) ||
        __builtin_add_overflow(bytes, header, &bytes) || !(ch = zeroed(bytes)))
        rt_out_of_memory();
    rt_bias_init(&ch->lock, rt_this_worker());
    atomic_store_explicit(&ch->refs, 1, memory_order_relaxed);
    atomic_store_explicit(&ch->could[CHAN_OP_SEND], capacity > 0, memory_order_relaxed);
    ch->elem_size = elem_size;
    ch->capacity = capacity;
    ch->made = site;
    ch->put_at = ch->take_at = ch->ring = (unsigned char *)ch + header;
    ch->ring_end = ch->ring + elem_size * capacity;
    return ch;
}

chan_t *chan_create_at(size_t elem_size, size_t capacity, const char *site)
{
    return rt_chan_create(elem_size, capacity, 0, site);
}

chan_t *chan_retain(chan_t *ch)
{
    if (ch)
        atomic_fetch_add_explicit(&ch->refs, 1, memory_order_relaxed);
    return ch;
}

bool rt_chan_retain_live(struct chan *ch)
{
    unsigned refs = atomic_load_explicit(&ch->refs, memory_order_relaxed);

    while (refs > 0)
        if (atomic_compare_exchange_weak_explicit(&ch->refs, &refs, refs + 1,
                                                  memory_order_relaxed, memory_order_relaxed))
            return true;
    return false;
}

void rt_chan_unlock_dying(struct chan *ch, struct rt_worker *w, unsigned slot)
{
    bool last = ch->pins == 0 && !rt_waiters_first(&ch->receivers) &&
                !rt_waiters_first(&ch->senders);

    rt_bias_unlock(&ch->lock, w, slot);
    if (last)
        free(ch);
}

/* A waiter keeps its channel: then whoever takes the last one out frees it. */
void chan_release(chan_t *ch)
{
    struct rt_worker *w = rt_this_worker();

    if (!ch || atomic_fetch_sub_explicit(&ch->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (ch->timer)
        rt_timer_stop(ch->timer);
    rt_chan_lock(ch, w);
    ch->dying = true;
    rt_chan_unlock(ch, w);
}

size_t chan_len(const chan_t *ch)
{
    rt_polled_in_vain();
    return ch ? atomic_load_explicit(&ch->count, memory_order_relaxed) : 0;
}

size_t chan_cap(const chan_t *ch)
{
    return ch ? ch->capacity : 0;
}

/* ---- waiting ---- */

_Noreturn void rt_send_on_closed(const char *made, size_t capacity, const char *site)
{
    rt_panic_chan("send on closed channel", made, capacity, site);
}

void rt_chan_check_value(struct chan *ch, const void *value, const char *site)
{
    if (!value && ch->elem_size > 0)
        rt_panic_chan("send of a null value", ch->made, ch->capacity, site);
}

static __attribute__((cold)) _Noreturn void panic_closed(struct chan *ch, struct rt_worker *w,
                                                         const char *site)
{
    const char *made = ch->made;
    size_t capacity = ch->capacity;

    rt_chan_unlock(ch, w);
    rt_send_on_closed(made, capacity, site);
}

RT_INLINE void commit_unlock(void *ch)
{
    rt_chan_unlock_told(ch, rt_this_worker(), 0);
}

RT_INLINE struct rt_reason reason(struct chan *ch, enum chan_op op, const char *site)
{
    return (struct rt_reason){
        .state = op == CHAN_OP_SEND ? RT_SEND : RT_RECEIVE,
        .site = site, .made = ch->made, .capacity = ch->capacity, .object = ch,
    };
}

static __attribute__((noinline)) void wait_as_thread(struct chan *ch, enum chan_op op,
                                                     const char *site)
{
    rt_park_thread(reason(ch, op, site), commit_unlock, ch);
}

/* The channel may be gone; what it was is still in what the caller said it waits for. */
static __attribute__((cold, noinline)) _Noreturn void panic_closed_meanwhile(void)
{
    struct rt_wait *was = &rt_self()->wait;

    rt_send_on_closed(was->made, was->capacity, was->site);
}

/* Join the queue of a locked channel and sleep. False when it was closed meanwhile; the
 * channel may be gone then, as it may be whenever this returns. Both sides end in a tail
 * call of this: see park.h and, for rt_chan_wait, switch.S. What it keeps on the stack is
 * little, for that is what a switch to this task has to fetch. */
bool rt_chan_wait_in_queue(struct chan *ch, enum chan_op op, void *value, const char *site,
                           struct rt_worker *w)
{
    struct rt_waiter waiter;

    waiter.task = w ? w->running : rt_self();
    waiter.value = value;
    waiter.select = NULL;
    waiter.ok = false;
    rt_waiters_add(rt_chan_waiters(ch, op), &waiter);
    /* Looking for somebody to serve, the caller may have taken out the last on the other side. */
    atomic_store_explicit(&ch->could[op], 0, memory_order_release);
    rt_chan_tell_waits(ch, op);
    if (w)
        rt_park_task(w, reason(ch, op, site), commit_unlock, ch);
    else
        wait_as_thread(ch, op, site);
    if (!waiter.ok && op == CHAN_OP_SEND)
        panic_closed_meanwhile();
    return waiter.ok;
}

/* ---- the quick way ----
 *
 * The caller's worker owns the lock, and an element goes into the ring or out of it without
 * anybody being served: most operations on a buffered channel. Half of what they cost was the
 * registers saved for the rest, which is in functions of its own. A context of a seeded run
 * has no worker, and so takes its step. */

/* Both require ch locked by w, its owner, and unlock it unless they return false. */
RT_INLINE bool put_quickly(struct chan *ch, const void *value, struct rt_worker *w)
{
    size_t count = atomic_load_explicit(&ch->count, memory_order_relaxed);
    size_t capacity = ch->capacity, size = ch->elem_size;
    unsigned char *at = ch->put_at;

    if (count >= capacity || ch->closed || rt_waiters_first(&ch->receivers) ||
        !copy_small(at, value, size))
        return false;
    ch->put_at = slot_behind(ch, at, size);
    set_count(ch, count + 1);
    atomic_store_explicit(&ch->could[CHAN_OP_RECV], 1, memory_order_release);
    atomic_store_explicit(&ch->could[CHAN_OP_SEND], count + 1 < capacity, memory_order_release);
    rt_bias_leave(w, 0);
    return true;
}

RT_INLINE bool take_quickly(struct chan *ch, void *value, struct rt_worker *w)
{
    size_t count = atomic_load_explicit(&ch->count, memory_order_relaxed);
    size_t size = ch->elem_size;
    unsigned char *at = ch->take_at;

    if (count == 0 || ch->closed || rt_waiters_first(&ch->senders) || !value ||
        !copy_small(value, at, size))
        return false;
    ch->take_at = slot_behind(ch, at, size);
    set_count(ch, count - 1);
    atomic_store_explicit(&ch->could[CHAN_OP_SEND], 1, memory_order_release);
    atomic_store_explicit(&ch->could[CHAN_OP_RECV], count > 1, memory_order_release);
    rt_bias_leave(w, 0);
    return true;
}

/* ---- send and receive ---- */

static __attribute__((noinline)) void send_locked(chan_t *ch, const void *value,
                                                  const char *site, struct rt_worker *w)
{
    struct rt_task *wake = NULL;
    enum rt_outcome outcome = move_out(ch, value, &wake);

    if (outcome == RT_WOULD_BLOCK) {
        rt_chan_wait(ch, CHAN_OP_SEND, (void *)value, site, w);
        return;
    }
    if (outcome == RT_CLOSED)
        panic_closed(ch, w, site);
    rt_chan_unlock(ch, w);
    if (wake)
        rt_ready_by(w, wake);
}

static __attribute__((noinline)) void send_slowly(chan_t *ch, const void *value, const char *site)
{
    struct rt_worker *w;

    rt_step(site);
    if (!ch)
        rt_park_for_ever(RT_SEND_NIL, site);
    if (!value)
        rt_chan_check_value(ch, value, site);
    w = rt_this_worker();
    rt_chan_lock(ch, w);
    send_locked(ch, value, site, w);
}

RT_INLINE void send(chan_t *ch, const void *value, const char *site)
{
    struct rt_worker *w = rt_this_worker();

    if (!ch || !w || !value || !rt_bias_enter(&ch->lock, w, 0))
        send_slowly(ch, value, site);
    else if (!put_quickly(ch, value, w))
        send_locked(ch, value, site, w);
}

void chan_send_at(chan_t *ch, const void *value, const char *site)
{
    send(ch, value, site);
}

/* In a seeded run others get a turn before it, as before every other send. */
static __attribute__((cold, noinline)) _Noreturn void panic_size(struct chan *ch, const char *site)
{
    rt_step(site);
    rt_panic_chan("send of a value that has not the channel's element size", ch->made,
                  ch->capacity, site);
}

void chan_send_sized_at(chan_t *ch, const void *value, size_t size, const char *site)
{
    if (ch && size != ch->elem_size)
        panic_size(ch, site);
    send(ch, value, site);
}

static __attribute__((noinline)) bool receive_locked(chan_t *ch, void *value, const char *site,
                                                     struct rt_worker *w)
{
    struct rt_task *wake = NULL;
    enum rt_outcome outcome = move_in(ch, value, &wake);

    if (outcome == RT_WOULD_BLOCK)
        return rt_chan_wait(ch, CHAN_OP_RECV, value, site, w);
    if (outcome == RT_CLOSED && value)
        memset(value, 0, ch->elem_size);
    rt_chan_unlock(ch, w);
    if (wake)
        rt_ready_by(w, wake);
    return outcome == RT_DONE;
}

static __attribute__((noinline)) bool receive_slowly(chan_t *ch, void *value, const char *site)
{
    struct rt_worker *w;

    rt_step(site);
    if (!ch)
        rt_park_for_ever(RT_RECEIVE_NIL, site);
    w = rt_this_worker();
    rt_chan_lock(ch, w);
    return receive_locked(ch, value, site, w);
}

bool chan_recv_at(chan_t *ch, void *value, const char *site)
{
    struct rt_worker *w = rt_this_worker();

    if (!ch || !w || !rt_bias_enter(&ch->lock, w, 0))
        return receive_slowly(ch, value, site);
    return take_quickly(ch, value, w) || receive_locked(ch, value, site, w);
}

/* A poll that found nothing, or closed. */
static bool try_move(chan_t *ch, enum chan_op op, void *value, enum rt_outcome *outcome)
{
    struct rt_worker *w = rt_this_worker();
    struct rt_task *wake = NULL;

    *outcome = RT_WOULD_BLOCK;
    if (ch && rt_chan_ready(ch, op)) {
        rt_chan_lock(ch, w);
        *outcome = rt_chan_move(ch, op, value, &wake);
        rt_chan_unlock(ch, w);
    }
    if (wake)
        rt_ready_by(w, wake);
    if (*outcome != RT_DONE)
        rt_polled_in_vain();
    return *outcome == RT_DONE;
}

bool chan_try_send_at(chan_t *ch, const void *value, const char *site)
{
    enum rt_outcome outcome;

    rt_step(site);
    if (ch)
        rt_chan_check_value(ch, value, site);
    if (try_move(ch, CHAN_OP_SEND, (void *)value, &outcome))
        return true;
    if (outcome == RT_CLOSED)
        rt_send_on_closed(ch->made, ch->capacity, site);
    return false;
}

bool chan_try_recv_at(chan_t *ch, void *value, const char *site)
{
    enum rt_outcome outcome;

    rt_step(site);
    return try_move(ch, CHAN_OP_RECV, value, &outcome);
}

/* ---- close ---- */

/* Take out everybody; they must be woken after the channel is unlocked. */
static struct rt_waiter *take_all(struct chan *ch, struct rt_waiters *q, struct rt_waiter *list)
{
    struct rt_waiter *w;

    while ((w = take_waiter(ch, q)) != NULL) {
        if (q == &ch->receivers && w->value)
            memset(w->value, 0, ch->elem_size);
        w->prev = list;
        list = w;
    }
    return list;
}

void rt_chan_close(struct chan *ch, const char *site)
{
    struct rt_waiter *list, *w, *in_order = NULL;
    struct rt_worker *worker = rt_this_worker();

    rt_chan_lock(ch, worker);
    if (ch->closed) {
        rt_chan_unlock(ch, worker);
        rt_panic_chan("close of closed channel", ch->made, ch->capacity, site);
    }
    ch->closed = true;
    list = take_all(ch, &ch->receivers, NULL);
    list = take_all(ch, &ch->senders, list);
    rt_chan_unlock(ch, worker);
    while ((w = list) != NULL) {
        list = w->prev;
        w->next = in_order;
        in_order = w;
    }
    while ((w = in_order) != NULL) {
        in_order = w->next;         /* w is gone once its task is ready */
        rt_ready(w->task);
    }
}

void chan_close_at(chan_t *ch, const char *site)
{
    rt_step(site);
    if (!ch)
        rt_panic("close of nil channel", site);
    rt_chan_close(ch, site);
}

/* ---- the functions behind the macros ---- */

chan_t *chan_create(size_t elem_size, size_t capacity)
{
    return chan_create_at(elem_size, capacity, RT_CALLER);
}

void chan_send(chan_t *ch, const void *value)
{
    chan_send_at(ch, value, RT_CALLER);
}

void chan_send_sized(chan_t *ch, const void *value, size_t size)
{
    chan_send_sized_at(ch, value, size, RT_CALLER);
}

bool chan_recv(chan_t *ch, void *value)
{
    return chan_recv_at(ch, value, RT_CALLER);
}

void chan_close(chan_t *ch)
{
    chan_close_at(ch, RT_CALLER);
}

bool chan_try_send(chan_t *ch, const void *value)
{
    return chan_try_send_at(ch, value, RT_CALLER);
}

bool chan_try_recv(chan_t *ch, void *value)
{
    return chan_try_recv_at(ch, value, RT_CALLER);
}
