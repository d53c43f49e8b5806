/* brief.c - rounds of many short-lived channels, each used by one task for a while and then
 * by others at the same moment.
 *
 * What a channel learns from its use, such as who owns its lock, is unlearnt at its first
 * use by another worker or thread; here that happens in the middle of an operation as often as
 * not. Whatever is sent is received once: the sums say so. */
#include "stress.h"

#include <sched.h>
#include <stdlib.h>

enum { STALLS = 4, OWNERS = 4, INTRUDERS = 4 };

/* One channel in use. */
struct stall {
    atomic_flag      lock;              /* around finding the channel and counting in */
    bool             open;
    chan_t          *ch;
    atomic_int       inside;            /* intruders */
    _Atomic uint64_t sent, received;    /* sums of the elements */
};

struct fair {
    struct stall     stalls[STALLS];
    unsigned         owners, intruders;
    unsigned         channels;          /* that each owner makes */
    atomic_int       owning, left;
    wait_group_t     running;
    _Atomic uint64_t ops;
};

struct visitor {
    struct fair *fair;
    unsigned     number;
    struct dice  dice;
};

static void stall_lock(struct stall *s)
{
    while (atomic_flag_test_and_set_explicit(&s->lock, memory_order_acquire))
        sched_yield();
}

static void stall_unlock(struct stall *s)
{
    atomic_flag_clear_explicit(&s->lock, memory_order_release);
}

/* ---- operations that never wait ---- */

static bool put(struct stall *s, struct dice *d)
{
    uint64_t value = dice_next(d) >> 16;
    bool done = dice_one_in(d, 2) ? chan_try_send(s->ch, &value)
                                  : chan_poll(CHAN_SEND(s->ch, &value)) == 0;

    if (done)
        atomic_fetch_add_explicit(&s->sent, value, memory_order_relaxed);
    return done;
}

static bool take(struct stall *s, struct dice *d)
{
    uint64_t value = 0;
    bool ok = true;
    bool done = dice_one_in(d, 2) ? chan_try_recv(s->ch, &value)
                                  : chan_poll(CHAN_RECV_OK(s->ch, &value, &ok)) == 0;

    if (done)
        atomic_fetch_add_explicit(&s->received, value, memory_order_relaxed);
    return done;
}

/* ---- owners ---- */

static void close_stall(struct stall *s, struct dice *d)
{
    stall_lock(s);
    s->open = false;
    stall_unlock(s);
    while (atomic_load_explicit(&s->inside, memory_order_acquire) > 0)
        task_yield();
    while (take(s, d))
        ;
    if (s->sent != s->received)
        stress_fail("brief channel: the sum of what was sent is %llx, of what was received %llx",
                    (unsigned long long)s->sent, (unsigned long long)s->received);
    chan_release(s->ch);
}

static void own(void *arg)
{
    struct visitor *v = arg;
    struct fair *f = v->fair;
    struct stall *s = &f->stalls[v->number % STALLS];
    uint64_t ops = 0;

    for (unsigned i = 0; i < f->channels; i++) {
        unsigned uses = 60 + dice_below(&v->dice, 300);

        s->sent = s->received = 0;
        s->ch = chan_make(uint64_t, 1 + dice_below(&v->dice, 3));
        stall_lock(s);
        s->open = true;
        stall_unlock(s);
        for (unsigned use = 0; use < uses; use++)
            ops += dice_one_in(&v->dice, 2) ? put(s, &v->dice) : take(s, &v->dice);
        close_stall(s, &v->dice);
        stress_moved(v->number);
    }
    atomic_fetch_add(&f->ops, ops);
    atomic_fetch_sub(&f->owning, 1);
    atomic_fetch_sub(&f->left, 1);
    wait_group_done(&f->running);
}

/* ---- intruders ---- */

static bool enter(struct stall *s)
{
    bool open;

    stall_lock(s);
    open = s->open;
    if (open)
        atomic_fetch_add_explicit(&s->inside, 1, memory_order_relaxed);
    stall_unlock(s);
    return open;
}

static void intrude(void *arg)
{
    struct visitor *v = arg;
    struct fair *f = v->fair;

    while (atomic_load(&f->owning) > 0) {
        struct stall *s = &f->stalls[dice_below(&v->dice, f->owners)];

        /* Between two intrusions the owner comes to own the lock again. */
        for (unsigned pause = dice_below(&v->dice, 3000); pause > 0; pause--)
            __asm__ volatile("");
        if (enter(s)) {
            for (unsigned use = 1 + dice_below(&v->dice, 3); use > 0; use--)
                (void)(dice_one_in(&v->dice, 2) ? put(s, &v->dice) : take(s, &v->dice));
            atomic_fetch_sub_explicit(&s->inside, 1, memory_order_release);
        }
        task_yield();
    }
    atomic_fetch_sub(&f->left, 1);
    wait_group_done(&f->running);
}

/* ---- a round ---- */

uint64_t brief_round(struct dice dice, const struct options *options)
{
    struct fair *f = calloc(1, sizeof *f);
    struct visitor visitors[OWNERS + INTRUDERS];
    uint64_t ops;

    if (!f)
        stress_fail("out of memory");
    f->owners = 1 + dice_below(&dice, OWNERS);
    f->intruders = 1 + dice_below(&dice, INTRUDERS);
    f->channels = 1 + dice_below(&dice, 100);
    f->owning = (int)f->owners;
    f->left = (int)(f->owners + f->intruders);
    wait_group_add(&f->running, f->left);
    for (unsigned i = 0; i < f->owners + f->intruders; i++) {
        bool owner = i < f->owners;

        visitors[i] = (struct visitor){ f, i, { dice_next(&dice) } };
        stress_start(owner ? own : intrude, &visitors[i],
                     !owner && options->threads && dice_one_in(&dice, 2));
    }
    stress_wait(&f->running, &f->left, options->busy);
    ops = f->ops;
    free(f);
    return ops;
}
