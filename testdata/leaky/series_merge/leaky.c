/* series_merge: two endless series are merged into one for as many numbers as are asked for. Each series
 * looks whether to stop before it offers a number, and not while it does. */
#include <stdlib.h>

#include "chanrt.h"

struct series {
    chan_t       *out;      /* int, closed by the series */
    chan_t       *stop;     /* closed when enough was seen */
    int           from, step;
    unsigned long offered;
};

static void count_up(void *arg)
{
    struct series *s = arg;

    for (int n = s->from;; n += s->step) {
        if (chan_poll(CHAN_RECV(s->stop, NULL)) == 0)
            break;
        chan_send(s->out, &n); // leak: forgotten-sender
        s->offered++;
    }
    chan_close(s->out);
}

int main(int argc, char **argv)
{
    int wanted = argc > 1 ? atoi(argv[1]) : 10;
    long sum = 0;
    chan_t *even = chan_make(int, 0), *odd = chan_make(int, 4), *stop = chan_make(char, 0);
    int n;

    task_go(count_up, (struct series){ even, stop, 0, 2, 0 });
    task_go(count_up, (struct series){ odd, stop, 1, 2, 0 });
    for (int i = 0; i < wanted; i++) {
        chan_select(CHAN_RECV(even, &n), CHAN_RECV(odd, &n));
        sum += n;
    }
    chan_close(stop);
    printf("%ld\n", sum);
    return 0;
}
