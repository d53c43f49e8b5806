/* Queues looked up by name and handlers by verb: the texts are known, so that everybody who asks
 * for "jobs" gets the same queue, and the last job is the one that stops the worker. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "chanrt.h"

typedef int job_fn(long *sum, long n);

struct queue {
    char          name[8];
    chan_t       *ch;
    struct queue *next;
};

struct job {
    const char *verb;
    long        n;
};

static struct queue *queues;

static chan_t *queue_named(const char *name)
{
    struct queue *q;

    for (q = queues; q; q = q->next)
        if (!strncmp(q->name, name, sizeof q->name))
            return q->ch;
    q = calloc(1, sizeof *q);
    if (!q)
        abort();
    for (size_t i = 0; i < sizeof q->name - 1 && name[i]; i++)
        q->name[i] = name[i];
    q->ch = chan_make(struct job, 0);
    q->next = queues;
    queues = q;
    return q->ch;
}

static int add(long *sum, long n)
{
    *sum += n;
    return 0;
}

static int negate(long *sum, long n)
{
    (void)n;
    *sum = -*sum;
    return 0;
}

static int stop(long *sum, long n)
{
    (void)sum;
    (void)n;
    return 1;
}

static const struct {
    const char *verb;
    job_fn     *run;
} verbs[] = { { "add", add }, { "negate", negate }, { "stop", stop } };

static void worker(void *arg)
{
    struct job job;
    long sum = 0;
    int stopped = 0;

    (void)arg;
    while (!stopped) {
        chan_recv(queue_named("j"), &job);
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
            if (strcasecmp(job.verb, verbs[i].verb) == 0) {
                stopped = verbs[i].run(&sum, job.n);
                break;
            }
    }
    chan_send(queue_named("r"), &(struct job){ "sum", sum });
}

int main(int argc, char **argv)
{
    struct job result;

    (void)argv;
    queue_named("r");
    queue_named("j");
    task_spawn(worker, NULL);
    chan_send(queue_named("j"), &(struct job){ "Add", 3 });
    if (argc > 1)
        chan_send(queue_named("j"), &(struct job){ "negate", 0 });
    chan_send(queue_named("j"), &(struct job){ "STOP", 0 });
    chan_recv(queue_named("r"), &result);
    return result.n < 0;
}
