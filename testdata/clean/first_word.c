/* What comes over the wire begins with its kind, whatever it is: a look at the first word tells. */
#include <chanrt.h>
#include <stdlib.h>

enum { PING, PONG, BYE };

struct ping { int kind; chan_t *to; };
struct bye  { int kind; long code; };

static void *ping_new(chan_t *to)
{
    struct ping *p = malloc(sizeof *p);

    p->kind = PING;
    p->to = to;
    return p;
}

static void *bye_new(long code)
{
    struct bye *b = malloc(sizeof *b);

    b->kind = BYE;
    b->code = code;
    return b;
}

static void peer(void *arg)
{
    chan_t *wire = arg;
    void *m;

    for (;;) {
        int kind;

        chan_recv(wire, &m);
        kind = *(int *)m;
        if (kind == BYE)
            break;
        if (kind == PING) {
            int answer = PONG;

            chan_send(((struct ping *)m)->to, &answer);
        }
        free(m);
    }
    free(m);
    chan_close(wire);
}

int main(void)
{
    chan_t *wire = chan_make(void *, 0), *back = chan_make(int, 0);
    void *m;
    int answer;

    task_spawn(peer, wire);
    for (int i = 0; i < 2; i++) {
        m = ping_new(back);
        chan_send(wire, &m);
        chan_recv(back, &answer);
    }
    m = bye_new(3);
    chan_send(wire, &m);
    while (chan_recv(wire, &m))
        ;
    return 0;
}
