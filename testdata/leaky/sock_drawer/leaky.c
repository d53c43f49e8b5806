/* Socks come two at a time, and are put on one by one. */
#include <stdio.h>
#include <stdlib.h>

#include "chanrt.h"

struct drawer {
    int     socks;
    chan_t *out;                        /* int */
};

static void dress(void *arg)
{
    struct drawer *d = arg;

    for (int i = 0; i < d->socks; i++)
        chan_send(d->out, &i); // leak: forgotten-sender
}

int main(int argc, char **argv)
{
    static struct drawer d;
    int left, right, pairs = 0;

    d.socks = argc > 1 ? atoi(argv[1]) : 13;
    d.out = chan_make(int, 0);
    task_spawn(dress, &d);
    for (int i = 0; i + 1 < d.socks; i += 2) {
        chan_recv(d.out, &left);
        chan_recv(d.out, &right);
        pairs++;
    }
    printf("%d\n", pairs);
    return 0;
}
