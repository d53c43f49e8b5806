/* Letters go out in batches; the last one may be smaller. */
#include <stdio.h>
#include <stdlib.h>

#include "chanrt.h"

struct post {
    unsigned letters, batch;
    chan_t  *out;                       /* unsigned: size of a batch */
    chan_t  *done;
};

static void sorter(void *arg)
{
    struct post *p = arg;
    unsigned left = p->letters;

    while (left > 0) {
        unsigned size = left < p->batch ? left : p->batch;

        chan_send(p->out, &size); // leak: forgotten-sender
        left -= size;
    }
}

static unsigned batches(const struct post *p)
{
    return p->letters / p->batch;
}

int main(int argc, char **argv)
{
    static struct post p = { .letters = 22, .batch = 4 };
    unsigned sum = 0, size;

    if (argc > 1)
        p.letters = (unsigned)atoi(argv[1]);
    if (argc > 2)
        p.batch = (unsigned)atoi(argv[2]);
    if (p.batch == 0)
        return 1;
    p.out = chan_make(unsigned, 0);
    task_spawn(sorter, &p);
    for (unsigned n = batches(&p); n > 0; n--) {
        chan_recv(p.out, &size);
        sum += size;
    }
    printf("%u\n", sum);
    return 0;
}
