/* Two generators count for ever, each in steps of its own; the consumer walks along both, as one
 * merges sorted lists, until it has seen enough, and then stops them with one close. */
#include <stdlib.h>

#include "chanrt.h"

struct generator {
    chan_t *out;            /* long */
    chan_t *stop;           /* closed by the consumer */
    long    step;
};

static void generate(void *arg)
{
    struct generator *g = arg;

    for (long n = g->step;; n += g->step)
        if (chan_select(CHAN_SEND(g->out, &n), CHAN_RECV(g->stop, NULL)) == 1)
            return;
}

static chan_t *start(long step, chan_t *stop)
{
    chan_t *out = chan_make(long, 0);

    task_go(generate, (struct generator){ out, stop, step });
    return out;
}

/* How many numbers below limit are in both series. */
static long common(chan_t *a, chan_t *b, long limit)
{
    long x, y, count = 0;

    chan_recv(a, &x);
    chan_recv(b, &y);
    while (x < limit && y < limit) {
        if (x == y)
            count++;
        if (x <= y)
            chan_recv(a, &x);
        else
            chan_recv(b, &y);
    }
    return count;
}

int main(int argc, char **argv)
{
    long limit = argc > 1 ? atol(argv[1]) : 1000;
    chan_t *stop = chan_make(char, 0);
    chan_t *twos = start(2, stop), *threes = start(3, stop);

    printf("%ld\n", common(twos, threes, limit));
    chan_close(stop);
    return 0;
}
