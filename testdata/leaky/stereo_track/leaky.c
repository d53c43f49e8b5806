/* Stereo samples: left and right are played by two tasks, each at every other place. */
#include <stdio.h>
#include <stdlib.h>

#include "chanrt.h"

struct track {
    size_t  samples;                    /* of both sides together, even */
    chan_t *side[2];                    /* int */
};

static void play(struct track *t, size_t side)
{
    int sample;

    for (size_t i = side; i < t->samples; i += 2) {
        chan_recv(t->side[side], &sample); // leak: forgotten-receiver
    }
}

static void left(void *arg)
{
    play(arg, 0);
}

static void right(void *arg)
{
    play(arg, 1);
}

int main(int argc, char **argv)
{
    static struct track t;

    t.samples = argc > 1 ? 2 * (size_t)atoi(argv[1]) : 9;
    t.side[0] = chan_make(int, 0);
    t.side[1] = chan_make(int, 0);
    task_spawn(left, &t);
    task_spawn(right, &t);
    for (size_t i = 0; i + 1 < t.samples; i += 2)
        for (int side = 0; side < 2; side++)
            chan_send(t.side[side], &(int){ (int)i + side });
    return 0;
}
