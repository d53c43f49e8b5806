/* A knockout cup: players meet two by two until one is left. */
#include <stdio.h>
#include <stdlib.h>

#include "chanrt.h"

struct cup {
    int     players;
    chan_t *results;
};

static void match(void *arg)
{
    struct cup *cup = arg;

    chan_send(cup->results, &cup->players); // leak: forgotten-sender
}

int main(int argc, char **argv)
{
    static struct cup cup;
    int matches = 0, result;

    cup.players = 1 << (argc > 1 ? atoi(argv[1]) & 7 : 3);
    cup.results = chan_make(int, 0);
    for (int left = cup.players; left > 1; left /= 2)
        for (int i = 0; i < left / 2; i++)
            task_spawn(match, &cup);
    for (int i = 0; i < cup.players - 2; i++, matches++)
        chan_recv(cup.results, &result);
    printf("%d\n", matches);
    return 0;
}
