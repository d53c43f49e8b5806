/* series_merge: two endless series are merged into one for as many numbers as are asked for. Each series
 * can be stopped while it offers a number. */
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
        switch (chan_select(CHAN_SEND(s->out, &n), CHAN_RECV(s->stop, NULL))) {
        case 0:
            s->offered++;
            continue;
        default:
            break;
        }
        break;
    }
    chan_close(s->out);
}

static long drain(chan_t *from)
{
    long sum = 0;
    int n;

    while (chan_recv(from, &n))
        sum += n;
    return sum;
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
    sum += drain(even);
    sum += drain(odd);
    printf("%ld\n", sum);
    return 0;
}
