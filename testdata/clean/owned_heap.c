/* owned_heap: a request travels through two tasks as a void pointer; each hands it
 * on to the next, and the last one frees it and the channel inside.
 */
#include <stdlib.h>

#include <chanrt.h>

struct request {
    int     key;
    int     value;
    chan_t *stages;             /* void *: the request itself, capacity 1 */
    chan_t *finished;           /* int, capacity 1, kept by main as well */
};

static void *xmalloc(size_t size)
{
    void *p = malloc(size);

    if (!p)
        abort();
    return p;
}

static void request_free(struct request *rq)
{
    chan_release(rq->stages);
    chan_release(rq->finished);
    free(rq);
}

static void look_up(void *arg)
{
    struct request *rq = arg;

    rq->value = rq->key * 7;
    chan_send(rq->stages, &arg);        /* the request is the next stage's now */
}

static void format(void *arg)
{
    chan_t *stages = arg;
    void *item;

    if (chan_recv(stages, &item)) {
        struct request *rq = item;

        printf("%d -> %d\n", rq->key, rq->value);
        chan_send(rq->finished, &rq->value);
        request_free(rq);
    }
    chan_release(stages);
}

static chan_t *request_start(int key)
{
    struct request *rq = xmalloc(sizeof *rq);
    chan_t *finished = chan_make(int, 1);

    *rq = (struct request){ .key = key, .stages = chan_make(void *, 1) };
    rq->finished = chan_retain(finished);
    task_spawn(format, chan_retain(rq->stages));
    task_spawn(look_up, rq);
    return finished;
}

int main(void)
{
    int total = 0;

    for (int key = 1; key <= 3; key++) {
        chan_t *finished = request_start(key);
        int value;

        chan_recv(finished, &value);
        chan_release(finished);
        total += value;
    }
    return total == 42 ? 0 : 1;
}
