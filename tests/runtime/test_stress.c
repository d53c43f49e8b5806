/* Random programs of senders, receivers, selects and timeouts: no element is lost, none
 * comes twice, and none overtakes another from the same sender. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>

enum { CHANNELS = 5, SENDERS = 8, RECEIVERS = 6 };

struct element { int sender, number; };

struct market {
    chan_t      *ch[CHANNELS];
    wait_group_t senders, receivers;
    int          each;              /* elements per sender */
    _Atomic long received, sum;
    uint32_t     seed;
};

struct trader { struct market *m; int number; };

static uint32_t dice(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Send e one way or another; which channel took it does not matter. */
static void send_somehow(struct market *m, struct element *e, uint32_t *seed)
{
    chan_t *a = m->ch[dice(seed) % CHANNELS], *b = m->ch[dice(seed) % CHANNELS];

    switch (dice(seed) % 5) {
    case 0:
        chan_send(a, e);
        break;
    case 1:
        while (!chan_try_send(a, e))
            ;
        break;
    case 2:
        chan_select(CHAN_SEND(a, e), CHAN_SEND(b, e));
        break;
    case 3:
        while (chan_select_timeout(dice(seed) % 30000, CHAN_SEND(a, e), CHAN_SEND(b, e)) < 0)
            ;
        break;
    default:
        while (chan_poll(CHAN_SEND(a, e), CHAN_SEND(b, e)) < 0)
            task_yield();
    }
}

static void sender(void *arg)
{
    struct trader *t = arg;
    uint32_t seed = t->m->seed + (uint32_t)t->number * 7919;

    for (int i = 0; i < t->m->each; i++) {
        struct element e = { t->number, i };

        send_somehow(t->m, &e, &seed);
    }
    wait_group_done(&t->m->senders);
}

/* The last number seen of each sender on each channel. */
struct memory { int last[CHANNELS][SENDERS]; };

static void note(struct market *m, struct memory *seen, int channel, struct element e)
{
    assert_true(e.number > seen->last[channel][e.sender]);
    seen->last[channel][e.sender] = e.number;
    atomic_fetch_add(&m->received, 1);
    atomic_fetch_add(&m->sum, (long)e.sender * m->each + e.number);
}

/* Receive from the channels still open until all are closed. */
static void receive_all(struct market *m, uint32_t seed)
{
    struct memory seen;
    struct element e;
    bool ok;
    chan_case_t cases[CHANNELS];
    int open = CHANNELS;

    for (int c = 0; c < CHANNELS; c++) {
        for (int s = 0; s < SENDERS; s++)
            seen.last[c][s] = -1;
        cases[c] = (chan_case_t)CHAN_RECV_OK(m->ch[c], &e, &ok);
    }
    while (open > 0) {
        int c;

        switch (dice(&seed) % 3) {
        case 0:
            c = chan_poll_n(cases, CHANNELS);
            break;
        case 1:
            c = chan_select_timeout_n(cases, CHANNELS, dice(&seed) % 30000);
            break;
        default:
            c = chan_select_n(cases, CHANNELS);
        }
        if (c >= 0 && ok) {
            note(m, &seen, c, e);
        } else if (c >= 0) {
            cases[c].ch = NULL;
            open--;
        }
    }
}

static void receiver(void *arg)
{
    struct trader *t = arg;

    receive_all(t->m, t->m->seed + (uint32_t)t->number * 104729 + 1);
    wait_group_done(&t->m->receivers);
}

static void *receiver_thread(void *arg)
{
    receiver(arg);
    return NULL;
}

static void trade(uint32_t seed, int each)
{
    struct market m = { .each = each, .seed = seed * 2654435761u | 1 };
    struct trader in_thread = { &m, RECEIVERS };
    long total = (long)SENDERS * each;
    pthread_t thread;

    for (int c = 0; c < CHANNELS; c++)
        m.ch[c] = chan_make(struct element, (size_t)c * c % 7);
    wait_group_add(&m.senders, SENDERS);
    wait_group_add(&m.receivers, RECEIVERS + 1);
    for (int i = 0; i < SENDERS; i++)
        task_go(sender, (struct trader){ &m, i });
    for (int i = 0; i < RECEIVERS; i++)
        task_go(receiver, (struct trader){ &m, i });
    pthread_create(&thread, NULL, receiver_thread, &in_thread);
    wait_group_wait(&m.senders);
    for (int c = 0; c < CHANNELS; c++)
        chan_close(m.ch[c]);
    wait_group_wait(&m.receivers);
    pthread_join(thread, NULL);
    assert_int_equal(m.received, total);
    assert_int_equal(m.sum, total * (total - 1) / 2);
    for (int c = 0; c < CHANNELS; c++)
        chan_release(m.ch[c]);
}

static void nothing_is_lost(void **state)
{
    leak_check_t lc = leak_check_begin();

    (void)state;
    for (uint32_t seed = 1; seed <= 10; seed++)
        trade(seed, scaled(20000));
    assert_all_finished(lc);
}

/* ---- two selects that serve each other ---- */

struct swap { chan_t *a, *b; wait_group_t wg; _Atomic long balance; int rounds; };

static void swapper(void *arg)
{
    struct swap *s = arg;
    int in, out = 1;

    for (int i = 0; i < s->rounds; i++) {
        switch (chan_select_timeout(20 * TASK_MICROSECOND, CHAN_SEND(s->a, &out),
                                    CHAN_RECV(s->b, &in), CHAN_SEND(s->b, &out),
                                    CHAN_RECV(s->a, &in))) {
        case 0:
        case 2:
            atomic_fetch_add(&s->balance, 1);
            break;
        case 1:
        case 3:
            atomic_fetch_sub(&s->balance, 1);
        }
    }
    wait_group_done(&s->wg);
}

static void selects_pair_up(void **state)
{
    struct swap s = { .a = chan_make(int, 0), .b = chan_make(int, 0), .rounds = scaled(20000) };

    (void)state;
    wait_group_add(&s.wg, 6);
    for (int i = 0; i < 6; i++)
        task_spawn(swapper, &s);
    wait_group_wait(&s.wg);
    assert_int_equal(s.balance, 0);
    chan_release(s.a);
    chan_release(s.b);
}

/* ---- close and release against waiting ---- */

struct race { chan_t *a, *b; };

static void await_close(void *arg)
{
    struct race *r = arg;

    chan_select(CHAN_RECV(r->a, NULL), CHAN_RECV(r->b, NULL));
    chan_release(r->a);
    chan_release(r->b);
}

static void close_it(void *arg)
{
    chan_close(arg);
    chan_release(arg);
}

static void close_races_with_select(void **state)
{
    leak_check_t lc = leak_check_begin();

    (void)state;
    for (int i = 0; i < scaled(20000); i++) {
        struct race r = { chan_create(0, 0), chan_create(0, 0) };

        for (int j = 0; j < 2; j++) {
            chan_retain(r.a);
            chan_retain(r.b);
            task_spawn_copy(await_close, &r, sizeof r);
        }
        task_spawn(close_it, r.a);
        task_spawn(close_it, r.b);
    }
    assert_all_finished(lc);
}

/* ---- owners: a worker has channels for itself until another thread wants them ---- */

/* More channels than a select can be inside of at once as their owner. */
enum { WIDTH = 12 };

struct width {
    chan_t     *ch[WIDTH];
    wait_group_t senders;
    int         each;
    _Atomic int taken[WIDTH];       /* by whomever */
};

struct counter { struct width *w; int number; };

static void count_up(void *arg)
{
    struct counter *c = arg;

    for (int i = 1; i <= c->w->each; i++)
        chan_send(c->w->ch[c->number], &i);
    wait_group_done(&c->w->senders);
}

/* One element from any channel; last: what this receiver had from each before. False when
 * none came for a millisecond. */
static bool take_any(struct width *w, int *last)
{
    chan_case_t cases[WIDTH];
    int value, index;

    for (int i = 0; i < WIDTH; i++)
        cases[i] = (chan_case_t)CHAN_RECV(w->ch[i], &value);
    index = chan_select_timeout_n(cases, WIDTH, MS);
    if (index < 0)
        return false;
    assert_true(value > last[index]);
    last[index] = value;
    atomic_fetch_add(&w->taken[index], 1);
    return true;
}

static bool all_taken(struct width *w)
{
    for (int i = 0; i < WIDTH; i++)
        if (atomic_load(&w->taken[i]) < w->each)
            return false;
    return true;
}

static void take_all(void *arg)
{
    struct width *w = arg;
    int last[WIDTH] = { 0 };

    while (!all_taken(w))
        take_any(w, last);
}

static void owners_change(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct width w = { .each = scaled(5000) };
    int last[WIDTH] = { 0 };

    (void)state;
    wait_group_add(&w.senders, WIDTH);
    for (int i = 0; i < WIDTH; i++) {
        w.ch[i] = chan_make(int, i % 3);
        task_go(count_up, (struct counter){ &w, i });
    }
    task_spawn(take_all, &w);
    while (!all_taken(&w)) {
        for (int i = 0; i < 20; i++)
            take_any(&w, last);
        task_sleep(MS / 2);         /* long enough to become an owner again */
    }
    wait_group_wait(&w.senders);
    for (int i = 0; i < WIDTH; i++)
        assert_int_equal(atomic_load(&w.taken[i]), w.each);
    assert_all_finished(lc);
    for (int i = 0; i < WIDTH; i++)
        chan_release(w.ch[i]);
}

/* ---- a sieve: long chains of rendezvous ---- */

struct stage { chan_t *in, *out; int prime; };

static void generate(void *arg)
{
    for (int i = 2;; i++)
        if (chan_select(CHAN_SEND(arg, &i), CHAN_RECV(NULL, NULL)) != 0 || i > 100000)
            return;
}

static void filter(void *arg)
{
    struct stage *s = arg;
    int v;

    while (chan_recv(s->in, &v) && v != 0)
        if (v % s->prime)
            chan_send(s->out, &v);
}

static void sieve(void **state)
{
    chan_t *ch = chan_make(int, 0);
    int n = scaled(4096) >= 4096 ? 200 : 20, prime = 0;

    (void)state;
    task_spawn(generate, ch);
    for (int i = 0; i < n; i++) {
        chan_t *next = chan_make(int, 0);

        assert_true(chan_recv(ch, &prime));
        task_go(filter, (struct stage){ ch, next, prime });
        ch = next;
    }
    assert_int_equal(prime, n == 200 ? 1223 : 71);
    /* The stages stay behind, blocked: the process ends with them, as in Go. */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(selects_pair_up),
        cmocka_unit_test(close_races_with_select),
        cmocka_unit_test(owners_change),
        cmocka_unit_test(sieve),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
