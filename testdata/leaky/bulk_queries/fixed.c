/* bulk_queries: a client puts all of its questions before it takes the first answer. */
#include <stdio.h>

#include "chanrt.h"

enum { QUESTIONS = 9000, LINE = 5000, ANSWERS = 4000 };

struct question {
    int    id;
    double x;
};

struct answer {
    int    id;
    double y;
};

struct oracle {
    chan_t *asked;                      /* struct question */
    chan_t *told;                       /* struct answer */
};

static double evaluate(double x)
{
    return x * x - 2 * x + 1;
}

static void oracle_run(void *arg)
{
    struct oracle *o = arg;
    struct question q;

    while (chan_recv(o->asked, &q)) {
        struct answer a = { q.id, evaluate(q.x) };

        chan_send(o->told, &a);
    }
    chan_close(o->told);
}

static void ask_all(struct oracle *o)
{
    for (int i = 0; i < QUESTIONS; i++) {
        struct question q = { i, i / 10.0 };

        chan_send(o->asked, &q);
    }
    chan_close(o->asked);
}

static double add_up(struct oracle *o)
{
    struct answer a;
    double sum = 0;

    while (chan_recv(o->told, &a))
        sum += a.y;
    return sum;
}

int main(void)
{
    static struct oracle o;

    o.asked = chan_make(struct question, LINE);
    o.told = chan_make(struct answer, ANSWERS);
    task_spawn(oracle_run, &o);
    ask_all(&o);
    printf("%g\n", add_up(&o));
    chan_release(o.asked);
    chan_release(o.told);
    return 0;
}
