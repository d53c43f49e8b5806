/* channels.c - rounds of senders, receivers, selects and closers over random channels.
 *
 * Every channel always has somebody who goes on receiving from it, so that every send
 * ends; everything else is left to chance. In some rounds all that happened is recorded
 * and checked in the end, which is slow and disturbs; in the others each receiver checks
 * what it can while it goes: whole, never seen before, in its sender's order.
 */
#include "element.h"
#include "history.h"

#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 6, ACTORS = 16, CASES = 8, ELEMENT = 1024, CANARY = 0xa5, CANARY_BYTES = 32 };

enum way { PLAIN, TRY, SELECT, POLL, TIMEOUT, WAYS };

enum role {
    SENDER,
    LISTENER,           /* receives until all its channels are closed */
    VISITOR,            /* leaves after a while */
    MIXER,              /* sends and receives, in one select too */
};

struct round;

struct actor {
    struct round  *round;
    unsigned       number;
    enum role      role;
    bool           as_thread;
    struct dice    dice;
    unsigned       menu;                /* 1 << way for what it may use */
    unsigned       sends, receives;     /* sets of channels */
    uint64_t       to_send, to_receive; /* how many still */
    uint64_t       next[CHANNELS];      /* the count of its next element */
    int64_t        last[CHANNELS][ACTORS];
    uint64_t       got[CHANNELS];
    uint64_t       ops;
    struct history history;
    size_t         n;
    chan_case_t    cases[CASES];
    unsigned char  which[CASES];        /* the case's channel; CHANNELS: none */
    bool           ok[CASES];
    _Alignas(16) unsigned char buffer[CASES][ELEMENT];
};

struct round {
    unsigned        channels, actors;
    chan_t         *channel[CHANNELS];
    size_t          size[CHANNELS], capacity[CHANNELS];
    bool            record, late_close;     /* closed by one task, or by the last sender */
    uint64_t        quota;
    atomic_int      senders[CHANNELS];
    atomic_int      left;
    wait_group_t    sending, running;
    struct history  closing;
    _Atomic unsigned char *seen[CHANNELS][ACTORS];
    struct actor   *actor[ACTORS];
};

/* ---- elements ---- */

/* One more element for a: whole, wanted, new, and in order. Returns its stamp. */
static uint64_t element_take(struct actor *a, unsigned channel, const unsigned char *element)
{
    struct round *r = a->round;
    uint64_t stamp, count;
    unsigned producer;

    a->got[channel]++;
    if (r->size[channel] == 0)
        return 0;
    if (!element_is_whole(element, r->size[channel], &stamp))
        stress_fail("channel %u: element %llx of %zu bytes is torn", channel,
                    (unsigned long long)stamp, r->size[channel]);
    producer = (unsigned)(stamp >> 48);
    count = stamp & 0xffffffffffff;
    if (producer >= r->actors || count >= r->quota)
        stress_fail("channel %u: element %llx was never sent", channel,
                    (unsigned long long)stamp);
    if (atomic_exchange_explicit(&r->seen[channel][producer][count], 1, memory_order_relaxed))
        stress_fail("channel %u: element %llx came twice", channel, (unsigned long long)stamp);
    if ((int64_t)count <= a->last[channel][producer])
        stress_fail("channel %u: element %llx after %llx", channel, (unsigned long long)stamp,
                    (unsigned long long)element_stamp(producer, (uint64_t)a->last[channel][producer]));
    a->last[channel][producer] = (int64_t)count;
    return stamp;
}

static void check_bytes(struct actor *a, size_t i, unsigned char byte, size_t size, const char *what)
{
    for (size_t j = 0; j < size; j++)
        if (a->buffer[i][j] != byte)
            stress_fail("channel %u: %s: byte %zu is %02x", a->which[i], what, j, a->buffer[i][j]);
}

/* ---- one operation ---- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static unsigned pick_from(struct dice *d, unsigned set)
{
    unsigned skip = dice_below(d, (unsigned)__builtin_popcount(set));

    while (skip-- > 0)
        set &= set - 1;
    return (unsigned)__builtin_ctz(set);
}

static void add_send(struct actor *a, unsigned channel)
{
    size_t i = a->n++;
    size_t size = a->round->size[channel];

    element_fill(a->buffer[i], size, a->number, a->next[channel]);
    a->which[i] = (unsigned char)channel;
    a->cases[i] = (chan_case_t)CHAN_SEND(a->round->channel[channel], size ? a->buffer[i] : NULL);
}

static void add_receive(struct actor *a, unsigned channel)
{
    size_t i = a->n++;
    size_t size = a->round->size[channel];

    memset(a->buffer[i], CANARY, least(size, CANARY_BYTES));
    a->which[i] = (unsigned char)channel;
    a->cases[i] = (chan_case_t)CHAN_RECV_OK(a->round->channel[channel],
                                            size ? a->buffer[i] : NULL, &a->ok[i]);
}

static void add_other(struct actor *a, chan_t *ch)
{
    size_t i = a->n++;

    a->which[i] = CHANNELS;
    a->cases[i] = (chan_case_t)CHAN_RECV_OK(ch, a->buffer[i], &a->ok[i]);
}

static int64_t some_time(struct dice *d)
{
    static const int64_t most[] = { 1, 2000, 20000, 200000 };

    return dice_below(d, (unsigned)most[dice_below(d, 4)]);
}

/* The time was over, which says nothing about the cases: it was one of those ready. */
enum { TIME_IS_OVER = -2 };

/* Select with a timeout, or with a channel that becomes ready after a time. */
static int select_for_a_time(struct actor *a)
{
    int64_t time = some_time(&a->dice);
    chan_t *after;
    int index;

    if (a->n == CASES || dice_one_in(&a->dice, 2))
        return chan_select_timeout_n(a->cases, a->n, time);
    after = chan_after(time);
    add_other(a, after);
    index = chan_select_n(a->cases, a->n);
    chan_release(after);
    return --a->n == (size_t)index ? TIME_IS_OVER : index;
}

static int plain(struct actor *a)
{
    chan_case_t *c = &a->cases[0];
    uint64_t value;

    if (c->op == CHAN_OP_RECV) {
        a->ok[0] = chan_recv(c->ch, c->value);
    } else if (a->round->size[a->which[0]] == 8 && dice_one_in(&a->dice, 2)) {
        memcpy(&value, c->value, sizeof value);
        chan_send_value(c->ch, value);
    } else {
        chan_send(c->ch, c->value);
    }
    return 0;
}

static int try(struct actor *a)
{
    chan_case_t *c = &a->cases[0];

    if (c->op == CHAN_OP_SEND)
        return chan_try_send(c->ch, c->value) ? 0 : -1;
    a->ok[0] = chan_try_recv(c->ch, c->value);
    return a->ok[0] ? 0 : -1;
}

static int perform(struct actor *a, enum way way)
{
    switch (way) {
    case PLAIN:   return plain(a);
    case TRY:     return try(a);
    case SELECT:  return chan_select_n(a->cases, a->n);
    case POLL:    return chan_poll_n(a->cases, a->n);
    case TIMEOUT: return select_for_a_time(a);
    case WAYS:    break;
    }
    return -1;
}

/* ---- what came of it ---- */

static void record(struct actor *a, size_t i, enum happened what, uint64_t stamp,
                   const int64_t when[2])
{
    struct round *r = a->round;

    if (r->record && a->which[i] < CHANNELS && r->size[a->which[i]] > 0)
        history_add(&a->history, (struct event){ when[0], when[1], stamp, a->which[i], what });
}

static void case_done(struct actor *a, size_t i, const int64_t when[2])
{
    unsigned channel = a->which[i];

    if (a->cases[i].op == CHAN_OP_SEND) {
        record(a, i, SENT, element_stamp(a->number, a->next[channel]++), when);
        a->to_send--;
    } else if (a->ok[i]) {
        record(a, i, RECEIVED, element_take(a, channel, a->buffer[i]), when);
        if (a->to_receive > 0)
            a->to_receive--;
    } else {
        check_bytes(a, i, 0, a->round->size[channel], "received from a closed channel");
        record(a, i, FOUND_CLOSED, 0, when);
        a->receives &= ~(1u << channel);
    }
}

static void case_not_done(struct actor *a, size_t i, bool none, const int64_t when[2])
{
    bool is_send = a->cases[i].op == CHAN_OP_SEND;

    if (a->which[i] == CHANNELS)
        return;
    if (!is_send)
        check_bytes(a, i, CANARY, least(a->round->size[a->which[i]], CANARY_BYTES),
                    "written to by a receive that did not take place");
    if (none)
        record(a, i, is_send ? FOUND_FULL : FOUND_NOTHING, 0, when);
}

static void operate(struct actor *a, enum way way)
{
    int64_t when[2] = { 0, 0 };
    int index;

    if (a->round->record)
        when[0] = history_moment();
    index = perform(a, way);
    if (a->round->record)
        when[1] = history_moment();
    if (index >= (int)a->n)
        stress_fail("select gave %d of %zu cases", index, a->n);
    for (size_t i = 0; i < a->n; i++) {
        if ((int)i == index)
            case_done(a, i, when);
        else
            case_not_done(a, i, index == -1, when);
    }
    if (index < 0)                      /* looking in vain is no movement */
        return;
    a->ops++;
    stress_moved(a->number);
}

/* ---- what to do next ---- */

static enum way pick_way(struct actor *a, unsigned allowed)
{
    unsigned menu = a->menu & allowed;

    return (enum way)pick_from(&a->dice, menu ? menu : allowed & (1u << POLL | 1u << SELECT));
}

/* Every open channel once, from a random one on, so that a blocking select cannot miss one. */
static void add_all_receives(struct actor *a)
{
    unsigned first = dice_below(&a->dice, CHANNELS);

    for (unsigned i = 0; i < CHANNELS; i++) {
        unsigned channel = (first + i) % CHANNELS;

        if (a->receives & 1u << channel)
            add_receive(a, channel);
    }
}

static void listen(struct actor *a)
{
    bool one = __builtin_popcount(a->receives) == 1;
    unsigned allowed = 1u << TRY | 1u << SELECT | 1u << POLL | 1u << TIMEOUT;
    enum way way = pick_way(a, one ? allowed | 1u << PLAIN : allowed);

    a->n = 0;
    if (way == TRY || way == PLAIN)
        add_receive(a, pick_from(&a->dice, a->receives));
    else if (way == SELECT || dice_one_in(&a->dice, 2))
        add_all_receives(a);
    else
        for (unsigned i = 1 + dice_below(&a->dice, 4); i > 0; i--)
            add_receive(a, pick_from(&a->dice, a->receives));
    if (way > TRY && dice_one_in(&a->dice, 16))
        add_other(a, NULL);
    operate(a, way);
}

static void send(struct actor *a)
{
    enum way way = pick_way(a, (1u << WAYS) - 1);
    unsigned cases = way <= TRY ? 1 : 1 + dice_below(&a->dice, 4);

    a->n = 0;
    while (cases-- > 0)
        add_send(a, pick_from(&a->dice, a->sends));
    operate(a, way);
}

/* A select that waits needs a send, which always ends. */
static void mix(struct actor *a)
{
    enum way way = pick_way(a, 1u << SELECT | 1u << POLL | 1u << TIMEOUT);
    unsigned cases = 1 + dice_below(&a->dice, 5);

    a->n = 0;
    if (way == SELECT)
        add_send(a, pick_from(&a->dice, a->sends));
    while (cases-- > 0) {
        if (!a->receives || dice_one_in(&a->dice, 2))
            add_send(a, pick_from(&a->dice, a->sends));
        else
            add_receive(a, pick_from(&a->dice, a->receives));
    }
    operate(a, way);
}

/* ---- the life of an actor ---- */

static void close_channel(struct round *r, unsigned channel, struct history *history)
{
    int64_t called = history_moment();

    chan_close(r->channel[channel]);
    if (r->record)
        history_add(history, (struct event){ called, history_moment(), 0,
                                             (unsigned char)channel, CLOSED });
}

static void finish_sending(struct actor *a)
{
    struct round *r = a->round;

    for (unsigned c = 0; c < r->channels; c++)
        if ((a->sends & 1u << c) && atomic_fetch_sub(&r->senders[c], 1) == 1 && !r->late_close)
            close_channel(r, c, &a->history);
    if (a->sends)
        wait_group_done(&r->sending);
}

static void act(void *arg)
{
    struct actor *a = arg;
    struct round *r = a->round;

    while (a->to_send > 0) {
        if (a->role == MIXER)
            mix(a);
        else
            send(a);
    }
    finish_sending(a);
    while (a->receives && (a->role == LISTENER || a->to_receive > 0))
        listen(a);
    for (unsigned c = 0; c < r->channels; c++)
        chan_release(r->channel[c]);
    atomic_fetch_sub(&r->left, 1);
    wait_group_done(&r->running);
}

static void close_late(void *arg)
{
    struct round *r = arg;

    wait_group_wait(&r->sending);
    for (unsigned c = 0; c < r->channels; c++) {
        close_channel(r, c, &r->closing);
        chan_release(r->channel[c]);
    }
    atomic_fetch_sub(&r->left, 1);
    wait_group_done(&r->running);
}

/* ---- a round ---- */

static void make_channels(struct round *r, struct dice *d)
{
    static const size_t capacities[] = { 0, 0, 0, 0, 1, 1, 2, 3, 7, 16, 64, 128 };
    static const size_t sizes[] = { 0, 4, 8, 8, 8, 12, 16, 24, 64, 136, ELEMENT };

    r->channels = 1 + dice_below(d, CHANNELS);
    for (unsigned c = 0; c < r->channels; c++) {
        r->capacity[c] = capacities[dice_below(d, sizeof capacities / sizeof *capacities)];
        r->size[c] = sizes[dice_below(d, sizeof sizes / sizeof *sizes)];
        r->channel[c] = chan_create(r->size[c], r->capacity[c]);
    }
}

static struct actor *make_actor(struct round *r, struct dice *d, enum role role)
{
    struct actor *a = aligned_alloc(16, (sizeof *a + 15) & ~(size_t)15);
    unsigned all = (1u << r->channels) - 1;

    if (!a)
        stress_fail("out of memory");
    memset(a, 0, sizeof *a);
    a->round = r;
    a->number = r->actors;
    a->role = role;
    a->dice.state = dice_next(d);
    a->menu = 1 + dice_below(d, (1u << WAYS) - 1);
    if (role == SENDER || role == MIXER) {
        a->sends = 1 + dice_below(d, all);
        a->to_send = 1 + dice_below(d, (unsigned)r->quota);
    }
    if (role != SENDER) {
        a->receives = all;
        /* chan_try_recv alone never sees a close; two that only poll may never meet, nor need
         * one that only polls and one whose time is over before (in a seeded run it may be). */
        a->menu |= 1u << POLL;
        a->menu |= role == LISTENER || dice_one_in(d, 2) ? 1u << SELECT : 1u << TIMEOUT;
    }
    if (role == VISITOR || (role == MIXER && dice_one_in(d, 2)))
        a->to_receive = 1 + dice_below(d, (unsigned)r->quota);
    if (role == VISITOR)
        a->receives = 1 + dice_below(d, all);
    memset(a->last, -1, sizeof a->last);
    for (unsigned c = 0; c < r->channels; c++)
        r->senders[c] += a->sends >> c & 1;
    r->actor[r->actors++] = a;
    return a;
}

/* Those who receive to the end: one for all channels, or one for each. */
static void make_listeners(struct round *r, struct dice *d)
{
    if (dice_one_in(d, 2)) {
        make_actor(r, d, LISTENER);
        return;
    }
    for (unsigned c = 0; c < r->channels; c++)
        make_actor(r, d, LISTENER)->receives = 1u << c;
}

static void make_actors(struct round *r, struct dice *d, bool threads)
{
    static const enum role roles[] = { SENDER, SENDER, LISTENER, VISITOR, MIXER, MIXER };
    unsigned others = 1 + dice_below(d, ACTORS - CHANNELS - 1);
    bool with_threads = threads && dice_one_in(d, 2);

    make_listeners(r, d);
    make_actor(r, d, SENDER)->sends = (1u << r->channels) - 1;
    for (unsigned c = 0; c < r->channels; c++)
        r->senders[c] = 1;
    while (others-- > 0)
        make_actor(r, d, roles[dice_below(d, 6)]);
    for (unsigned i = 0; i < r->actors; i++)
        r->actor[i]->as_thread = with_threads && dice_one_in(d, 3);
}

static void make_marks(struct round *r)
{
    for (unsigned c = 0; c < r->channels; c++)
        for (unsigned i = 0; i < r->actors; i++)
            if (!(r->seen[c][i] = calloc(r->quota, 1)))
                stress_fail("out of memory");
}

static void start(struct round *r, struct dice *d)
{
    unsigned first = dice_below(d, r->actors);

    r->left = (int)r->actors + r->late_close;
    wait_group_add(&r->running, r->left);
    for (unsigned i = 0; i < r->actors; i++)
        if (r->actor[i]->sends)
            wait_group_add(&r->sending, 1);
    for (unsigned c = 0; c < r->channels; c++)
        for (int i = 0; i < r->left; i++)
            chan_retain(r->channel[c]);
    if (r->late_close)
        task_spawn(close_late, r);
    for (unsigned i = 0; i < r->actors; i++) {
        struct actor *a = r->actor[(first + i) % r->actors];

        stress_start(act, a, a->as_thread);
    }
    for (unsigned c = 0; c < r->channels; c++)
        chan_release(r->channel[c]);
}

static void check_channel(struct round *r, unsigned c)
{
    struct history all[ACTORS + 1];
    uint64_t sent = 0, got = 0;

    for (unsigned i = 0; i < r->actors; i++) {
        sent += r->actor[i]->next[c];
        got += r->actor[i]->got[c];
        all[i] = r->actor[i]->history;
        for (uint64_t count = 0; r->size[c] > 0 && count < r->actor[i]->next[c]; count++)
            if (!r->seen[c][i][count])
                stress_fail("channel %u: element %llx was lost", c,
                            (unsigned long long)element_stamp(i, count));
    }
    if (sent != got)
        stress_fail("channel %u: %llu elements sent, %llu received", c, (unsigned long long)sent,
                    (unsigned long long)got);
    all[r->actors] = r->closing;
    if (r->record && r->size[c] > 0)
        history_check(all, r->actors + 1, c, r->capacity[c]);
}

static uint64_t finish(struct round *r)
{
    uint64_t ops = 0;

    for (unsigned c = 0; c < r->channels; c++)
        check_channel(r, c);
    for (unsigned i = 0; i < r->actors; i++) {
        ops += r->actor[i]->ops;
        for (unsigned c = 0; c < r->channels; c++)
            free((void *)r->seen[c][i]);
        history_free(&r->actor[i]->history);
        free(r->actor[i]);
    }
    history_free(&r->closing);
    free(r);
    return ops;
}

uint64_t channels_round(struct dice dice, const struct options *options)
{
    struct round *r = calloc(1, sizeof *r);

    if (!r)
        stress_fail("out of memory");
    r->record = dice_one_in(&dice, 3);
    r->late_close = dice_one_in(&dice, 2);
    r->quota = 1 + dice_below(&dice, r->record ? 1500 : 8000);
    make_channels(r, &dice);
    make_actors(r, &dice, options->threads);
    make_marks(r);
    start(r, &dice);
    stress_wait(&r->running, &r->left, options->busy);
    return finish(r);
}
