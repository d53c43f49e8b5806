/* Jobs of several kinds go to one desk as void *; each record repeats the beginning of the others, none contains
 * another, and the desk reads the kind through the shortest. The
 * fax is out of order, and who wanted it is not told. */
#include <chanrt.h>
#include <stdio.h>
#include <stdlib.h>

enum { COPY, SCAN, FAX };

struct request { int kind; chan_t *answer; };
struct copy    { int kind; chan_t *answer; int sheets; };
struct scan    { int kind; chan_t *answer; const char *folder; int dpi; };
struct fax     { int kind; chan_t *answer; long number; };

static chan_t *desk;            /* of void * */

static void serve(void *arg)
{
    void *job;

    (void)arg;
    while (chan_recv(desk, &job)) { // leak-secondary
        struct request *r = job;
        int cents = 0;

        switch (r->kind) {
        case COPY:
            cents = 5 * ((struct copy *)job)->sheets;
            break;
        case SCAN:
            cents = ((struct scan *)job)->dpi > 300 ? 20 : 10;
            break;
        case FAX:
            continue;
        }
        chan_send(r->answer, &cents);
    }
}

static int ask(void *job, chan_t *answer)
{
    int cents;

    chan_send(desk, &job);
    chan_recv(answer, &cents); // leak: forgotten-receiver
    return cents;
}

static void customer(void *arg)
{
    chan_t *paid = arg, *answer = chan_make(int, 0);
    struct copy *c = malloc(sizeof *c);
    struct scan *s = malloc(sizeof *s);
    struct fax *f = malloc(sizeof *f);
    int sum;

    *c = (struct copy){ COPY, answer, 12 };
    s->kind = SCAN;
    s->answer = answer;
    s->folder = "/inbox";
    s->dpi = 600;
    f->kind = FAX;
    f->answer = answer;
    f->number = 5550123;
    sum = ask(c, answer) + ask(s, answer);
    sum += ask(f, answer);
    free(c);
    free(s);
    free(f);
    chan_close(desk);
    chan_send(paid, &sum);
}

int main(void)
{
    chan_t *paid = chan_make(int, 1);
    int sum;

    desk = chan_make(void *, 0);
    task_spawn(serve, NULL);
    task_spawn(customer, paid);
    if (chan_select_timeout(TASK_SECOND, CHAN_RECV(paid, &sum)) == 0)
        printf("%d cents\n", sum);
    return 0;
}
