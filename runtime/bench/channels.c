/* channels.c - rows: two or more tasks that talk, and polling. */
#include "bench.h"

#include <stdlib.h>

/* A task's own copy (task_go): it looks at n once more when the row may be over. */
struct pair {
    chan_t *there, *back;
    size_t  n;
};

/* ---- ping-pong ---- */

static void echo(void *arg)
{
    struct pair *p = arg;
    int value;

    for (size_t i = 0; i < p->n; i++) {
        chan_recv(p->there, &value);
        chan_send(p->back, &value);
    }
}

BENCH(ping_pong)
{
    struct pair p = { chan_make(int, 0), chan_make(int, 0), n };

    task_go(echo, p);
    for (size_t i = 0; i < n; i++) {
        int value = (int)i;

        chan_send(p.there, &value);
        chan_recv(p.back, &value);
    }
}

static void echo_timeout(void *arg)
{
    struct pair *p = arg;
    int value;

    for (size_t i = 0; i < p->n; i++) {
        if (chan_select_timeout(10 * TASK_SECOND, CHAN_RECV(p->there, &value)) != 0)
            abort();
        chan_send(p->back, &value);
    }
}

/* A receive that gives up after 10 s; Go makes a timer for it and stops it after. */
BENCH(ping_pong_timeout)
{
    struct pair p = { chan_make(int, 0), chan_make(int, 0), n };

    task_go(echo_timeout, p);
    for (size_t i = 0; i < n; i++) {
        int value = (int)i;

        chan_send(p.there, &value);
        if (chan_select_timeout(10 * TASK_SECOND, CHAN_RECV(p.back, &value)) != 0)
            abort();
    }
}

/* ---- streams ---- */

struct stream {
    chan_t *ch, *done;
    size_t  n;
};

static void produce(void *arg)
{
    struct stream *s = arg;

    for (size_t i = 0; i < s->n; i++) {
        int value = (int)i;

        chan_send(s->ch, &value);
    }
}

static void consume(void *arg)
{
    struct stream *s = arg;
    int value;

    for (size_t i = 0; i < s->n; i++)
        chan_recv(s->ch, &value);
    chan_send(s->done, NULL);
}

static void stream(size_t n, size_t capacity)
{
    struct stream s = { .ch = chan_make(int, capacity), .n = n };
    int value;

    task_go(produce, s);
    for (size_t i = 0; i < n; i++)
        chan_recv(s.ch, &value);
}

BENCH(rendezvous_stream)
{
    stream(n, 0);
}

BENCH(buffered_128)
{
    stream(n, 128);
}

enum { PRODUCERS = 4 };

BENCH(producers_consumers)
{
    struct stream s = { chan_make(int, 64), chan_create(0, 0), n / PRODUCERS };

    for (int i = 0; i < PRODUCERS; i++) {
        task_go(produce, s);
        task_go(consume, s);
    }
    for (int i = 0; i < PRODUCERS; i++)
        chan_recv(s.done, NULL);
}

/* ---- select ---- */

BENCH(poll_1)
{
    chan_t *ch = chan_create(0, 0);

    for (size_t i = 0; i < n; i++)
        if (chan_poll(CHAN_RECV(ch, NULL)) == 0)
            abort();
}

BENCH(poll_2)
{
    chan_t *a = chan_create(0, 0), *b = chan_create(0, 0);

    for (size_t i = 0; i < n; i++)
        if (chan_poll(CHAN_RECV(a, NULL), CHAN_RECV(b, NULL)) >= 0)
            abort();
}

enum { SELECT_CHANNELS = 4 };

BENCH(select_4)
{
    struct stream s[SELECT_CHANNELS];
    int value;

    for (int i = 0; i < SELECT_CHANNELS; i++) {
        s[i] = (struct stream){ .ch = chan_make(int, 0), .n = n / SELECT_CHANNELS };
        task_go(produce, s[i]);
    }
    for (size_t i = 0; i < n / SELECT_CHANNELS * SELECT_CHANNELS; i++)
        chan_select(CHAN_RECV(s[0].ch, &value), CHAN_RECV(s[1].ch, &value),
                    CHAN_RECV(s[2].ch, &value), CHAN_RECV(s[3].ch, &value));
}
