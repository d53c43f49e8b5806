/* tick.c - channels that the clock sends on: chan_after and tickers. */
#include "chan.h"
#include "panic.h"
#include "seed.h"
#include "site.h"

#include <stdlib.h>

/* The current time into a buffer of one; dropped when the last is still there. */
static void send_time(struct chan *ch)
{
    int64_t now = rt_now();
    struct rt_worker *w = rt_this_worker();
    struct rt_task *wake;

    rt_chan_lock(ch, w);
    rt_chan_move(ch, CHAN_OP_SEND, &now, &wake);
    rt_chan_unlock(ch, w);
    if (wake)
        rt_ready(wake);
}

/* ---- once ---- */

/* Lies behind the channel, in its block. */
struct after {
    struct rt_timer timer;
    struct chan    *ch;
};

static bool after_pop(struct rt_timer *timer)
{
    return rt_chan_retain_live(((struct after *)timer)->ch);
}

static void after_fire(struct rt_timer *timer)
{
    struct chan *ch = ((struct after *)timer)->ch;

    send_time(ch);
    chan_release(ch);
}

chan_t *chan_after_at(int64_t duration, const char *site)
{
    struct chan *ch = rt_chan_create(sizeof(int64_t), 1, sizeof(struct after), site);
    struct after *a = (struct after *)(ch + 1);

    rt_step(site);
    *a = (struct after){ .timer = { .pop = after_pop, .fire = after_fire }, .ch = ch };
    if (duration <= 0) {
        send_time(ch);
        return ch;
    }
    a->timer.when = rt_deadline(duration);
    ch->timer = &a->timer;
    rt_timer_start(&a->timer);
    return ch;
}

/* ---- again and again ---- */

struct ticker {
    struct rt_timer timer;
    struct rt_lock  lock;           /* ticker_stop waits for a tick under way */
    bool            stopped;
    atomic_uint     refs;           /* the owner's, and one while a tick is sent */
    int64_t         period;
    struct chan    *ch;
};

static void ticker_drop(struct ticker *t)
{
    if (atomic_fetch_sub(&t->refs, 1) == 1)
        free(t);
}

static bool ticker_pop(struct rt_timer *timer)
{
    atomic_fetch_add(&((struct ticker *)timer)->refs, 1);
    return true;
}

/* The next tick keeps to the grid of the first; those already missed are dropped. */
static int64_t next_tick(const struct ticker *t)
{
    int64_t late = rt_now() - t->timer.when;
    int64_t skip = late > 0 ? late / t->period : 0;
    int64_t step;

    if (__builtin_mul_overflow(skip + 1, t->period, &step) ||
        __builtin_add_overflow(t->timer.when, step, &step))
        return INT64_MAX;
    return step;
}

static void ticker_fire(struct rt_timer *timer)
{
    struct ticker *t = (struct ticker *)timer;

    rt_lock(&t->lock);
    if (!t->stopped) {
        send_time(t->ch);
        t->timer.when = next_tick(t);
        rt_timer_start(&t->timer);
    }
    rt_unlock(&t->lock);
    ticker_drop(t);
}

/* Shorter periods would keep the timer thread busy for nothing. */
enum { PERIOD_LEAST = 1000 };

ticker_t *ticker_create_at(int64_t period, const char *site)
{
    struct ticker *t = calloc(1, sizeof *t);

    rt_step(site);
    if (!t)
        rt_out_of_memory();
    t->period = period > PERIOD_LEAST ? period : PERIOD_LEAST;
    t->ch = rt_chan_create(sizeof(int64_t), 1, 0, site);
    atomic_store(&t->refs, 1);
    t->timer = (struct rt_timer){ .when = rt_deadline(t->period), .idles = true,
                                  .pop = ticker_pop, .fire = ticker_fire };
    rt_timer_start(&t->timer);
    return t;
}

chan_t *ticker_chan(ticker_t *t)
{
    return t->ch;
}

void ticker_stop(ticker_t *t)
{
    rt_step(NULL);
    if (!t)
        return;
    rt_lock(&t->lock);
    t->stopped = true;
    rt_timer_stop(&t->timer);
    rt_unlock(&t->lock);
    chan_release(t->ch);
    ticker_drop(t);
}

bool rt_tick_is_awaited(struct rt_timer *timer)
{
    struct ticker *t = (struct ticker *)timer;

    return atomic_load_explicit(&t->ch->receivers.first, memory_order_acquire) != NULL;
}

bool rt_tick_is_kept(struct rt_timer *timer)
{
    struct ticker *t = (struct ticker *)timer;

    return atomic_load_explicit(&t->ch->count, memory_order_relaxed) == 0;
}

/* ---- the functions behind the macros ---- */

chan_t *chan_after(int64_t duration)
{
    return chan_after_at(duration, RT_CALLER);
}

ticker_t *ticker_create(int64_t period)
{
    return ticker_create_at(period, RT_CALLER);
}
