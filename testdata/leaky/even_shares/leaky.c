/* No more workers than there are jobs; each takes a share, the last one the rest. */
#include <stdio.h>
#include <stdlib.h>

#include "chanrt.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))

enum { CORES = 8 };

struct share {
    unsigned from, to;
    chan_t  *out;                       /* unsigned */
};

static void share_run(void *arg)
{
    struct share *s = arg;

    for (unsigned i = s->from; i < s->to; i++) {
        unsigned square = i * i;

        chan_send(s->out, &square); // leak: forgotten-sender
    }
}

int main(int argc, char **argv)
{
    unsigned jobs = argc > 1 ? (unsigned)atoi(argv[1]) : 20;
    unsigned workers = MIN(jobs, CORES), square, sum = 0;
    chan_t *out;

    if (jobs == 0)
        return 0;
    out = chan_make(unsigned, 0);
    for (unsigned w = 0; w < workers; w++) {
        struct share s = { jobs / workers * w, w + 1 == workers ? jobs : jobs / workers * (w + 1), out };

        task_spawn_copy(share_run, &s, sizeof s);
    }
    for (unsigned i = 0; i < jobs / workers * workers; i++) {
        chan_recv(out, &square);
        sum += square;
    }
    printf("%u\n", sum);
    return 0;
}
