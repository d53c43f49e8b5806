/* A renderer: as many painters as the user asks for; each is told to stop by a tile with a negative number. */
#include <stdio.h>
#include <stdlib.h>

#include "chanrt.h"

enum { TILES = 12, STOPS = 4, MOST = 32 };

static chan_t *tiles;                   /* int; -1: no more */
static wait_group_t painted;

static int next_tile(void)
{
    int tile;

    chan_recv(tiles, &tile);
    return tile;
}

static void painter(void *arg)
{
    unsigned *done = arg;
    int tile;

    while ((tile = next_tile()) >= 0)
        *done += (unsigned)tile;
    wait_group_done(&painted);
}

static int painters_wanted(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 6;

    return n < 1 ? 1 : n > STOPS ? STOPS : n;
}

int main(int argc, char **argv)
{
    static unsigned done[MOST];
    int painters = painters_wanted(argc, argv), stop = -1;
    unsigned sum = 0;

    tiles = chan_make(int, TILES + STOPS);
    wait_group_add(&painted, painters);
    for (int i = 0; i < painters; i++)
        task_spawn(painter, &done[i]);
    for (int i = 0; i < TILES; i++)
        chan_send(tiles, &i);
    for (int i = 0; i < STOPS; i++)
        chan_send(tiles, &stop);
    wait_group_wait(&painted);
    for (int i = 0; i < painters; i++)
        sum += done[i];
    printf("%u\n", sum);
    chan_release(tiles);
    return 0;
}
