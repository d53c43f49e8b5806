/* sentinel_workers: a job with a negative number ends a worker, but the dispatcher
 * sends one such job and there are two workers.
 */
#include <chanrt.h>

#define WORKERS 2
#define END     (-1)

struct shop {
    chan_t *jobs;               /* int; END: no more for you */
    chan_t *done;               /* int */
};

static int next_job(const struct shop *shop)
{
    int job;

    chan_recv(shop->jobs, &job); // leak: forgotten-receiver
    return job;
}

static void worker(void *arg)
{
    struct shop *shop = arg;
    int job;

    while ((job = next_job(shop)) != END) {
        int result = job * job;

        chan_send(shop->done, &result);
    }
}

static void dispatch(const struct shop *shop, int jobs)
{
    static const int end = END;

    for (int job = 0; job < jobs; job++)
        chan_send(shop->jobs, &job);
    chan_send(shop->jobs, &end);
}

int main(void)
{
    enum { JOBS = 5 };
    static struct shop shop;
    int sum = 0;

    shop.jobs = chan_make(int, JOBS + WORKERS);
    shop.done = chan_make(int, JOBS);
    for (int i = 0; i < WORKERS; i++)
        task_spawn(worker, &shop);
    dispatch(&shop, JOBS);
    for (int i = 0; i < JOBS; i++) {
        int result;

        chan_recv(shop.done, &result);
        sum += result;
    }
    printf("%d\n", sum);
    return 0;
}
