/* Asks two mirrors and takes the first answer. */
#include <chanrt.h>
#include <stdio.h>

struct query {
    chan_t     *answers;
    const char *mirror;
    int64_t     delay;
};

static void ask(void *arg)
{
    struct query *q = arg;

    task_sleep(q->delay);
    chan_send_value(q->answers, q->mirror);
}

static const char *first_answer(void)
{
    chan_t *answers = chan_make(const char *, 0);
    const char *mirror = NULL;

    task_go(ask, (struct query){ answers, "north", 10 * TASK_MILLISECOND });
    task_go(ask, (struct query){ answers, "south", 20 * TASK_MILLISECOND });
    chan_recv(answers, &mirror);
    return mirror;
}

int main(void)
{
    printf("%s was first\n", first_answer());
    return 0;
}
