/* id_service: a service task hands out numbers to whoever asks, and is stopped when
 * the last one has asked. Between requests it waits, which is what it is for.
 */
#include <stdlib.h>

#include <chanrt.h>

struct id_service {
    chan_t *ids;                /* unsigned, rendezvous */
    chan_t *stop;               /* a signal; the service is the only receiver */
};

static void id_service_main(void *arg)
{
    struct id_service *s = arg;
    unsigned next = 1;

    for (;;) {
        switch (chan_select(CHAN_SEND(s->ids, &next), CHAN_RECV(s->stop, NULL))) {
        case 0:
            next++;
            continue;
        case 1:
            return;
        }
    }
}

static struct id_service *id_service_start(void)
{
    struct id_service *s = malloc(sizeof *s);

    if (!s)
        abort();
    s->ids = chan_make(unsigned, 0);
    s->stop = chan_create(0, 0);
    task_spawn(id_service_main, s);
    return s;
}

static unsigned id_service_next(struct id_service *s)
{
    unsigned id = 0;

    chan_recv(s->ids, &id);
    return id;
}

static void id_service_stop(struct id_service *s)
{
    chan_send(s->stop, NULL);
}

struct customer {
    struct id_service *ids;
    wait_group_t      *wg;
};

static void customer_main(void *arg)
{
    struct customer *c = arg;

    printf("number %u\n", id_service_next(c->ids));
    wait_group_done(c->wg);
}

int main(void)
{
    struct id_service *ids = id_service_start();
    wait_group_t wg = { { 0 } };

    wait_group_add(&wg, 4);
    for (int i = 0; i < 4; i++)
        task_go(customer_main, (struct customer){ ids, &wg });
    wait_group_wait(&wg);
    id_service_stop(ids);
    return 0;
}
