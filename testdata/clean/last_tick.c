/* A task counts down to the poll that ends it: it closes the channel that it polls itself, and
 * later takes as many places back as it gave. The counts end no loop, but decide when one ends. */
#include <stdbool.h>
#include <stdlib.h>

#include "chanrt.h"

enum { TICKS = 3, WINDOW = 3, ITEMS = 4 };

struct sampler {
    chan_t *stop;
    chan_t *done;
};

static void sample(void *arg)
{
    struct sampler *s = arg;
    int left = TICKS;

    for (;;) {
        if (--left == 0)
            chan_close(s->stop);
        if (chan_poll(CHAN_RECV(s->stop, NULL)) == 0)
            break;
        task_yield();
    }
    chan_close(s->done);
}

/* Up to WINDOW items are out at a time; all are taken back before the end. */
static void drive(chan_t *out, chan_t *back)
{
    int sent = 0, pending = 0;
    bool ended = false;

    while (!ended) {
        if (sent < ITEMS && pending < WINDOW) {
            chan_send(out, &sent);
            sent++;
            pending++;
        } else {
            chan_recv(back, NULL);
            pending--;
        }
        ended = sent == ITEMS && pending == 0;
    }
    chan_close(out);
}

struct stage {
    chan_t *in, *out;
};

static void echo(void *arg)
{
    struct stage *s = arg;
    int item;

    while (chan_recv(s->in, &item))
        chan_send(s->out, &item);
}

int main(void)
{
    struct sampler s = { chan_make(char, 0), chan_make(char, 0) };
    struct stage e = { chan_make(int, WINDOW), chan_make(int, WINDOW) };

    task_spawn(sample, &s);
    task_spawn(echo, &e);
    drive(e.in, e.out);
    chan_recv(s.done, NULL);
    return 0;
}
