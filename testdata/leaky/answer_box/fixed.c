/* Answers go into a box of eight; who asks leaves after the first one. */
#include <stdio.h>
#include <stdlib.h>

#include "chanrt.h"

enum { BOX = 8 };

struct desk {
    chan_t *box;                        /* int */
    int     number;
};

static void answer(void *arg)
{
    struct desk d = *(struct desk *)arg;

    chan_send(d.box, &d.number);
}

int main(int argc, char **argv)
{
    int desks = argc > 1 ? atoi(argv[1]) : 12, first;
    chan_t *box;

    if (desks < 1)
        return 1;
    box = chan_make(int, desks < BOX ? BOX : desks);
    for (int i = 0; i < desks; i++)
        task_spawn_copy(answer, (&(struct desk){ box, i }), sizeof(struct desk));
    chan_recv(box, &first);
    printf("%d\n", first);
    return 0;
}
