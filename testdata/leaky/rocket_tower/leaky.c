/* A rocket's countdown, called out by one task and followed by another. */
#include <stdio.h>
#include <stdlib.h>

#include "chanrt.h"

struct tower {
    chan_t  *calls;                     /* unsigned */
    unsigned from;
};

static void caller(void *arg)
{
    struct tower *t = arg;
    unsigned left = t->from;

    do
        chan_send(t->calls, &left); // leak: forgotten-sender
    while (--left);
}

int main(int argc, char **argv)
{
    static struct tower t;
    unsigned call;

    t.from = argc > 1 ? (unsigned)atoi(argv[1]) : 10;
    if (t.from == 0)
        return 1;
    t.calls = chan_make(unsigned, 0);
    task_spawn(caller, &t);
    for (unsigned n = t.from; --n;) {
        chan_recv(t.calls, &call);
        printf("%u\n", call);
    }
    return 0;
}
