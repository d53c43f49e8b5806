/* probe.c heap|overflow|race - does what a sanitizer must notice, in a task: so that
 * a build in which it is not on, or does not see tasks, does not pass. */
#include "chanrt.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static volatile int shared, most = INT_MAX;

static void read_beyond(void *arg)
{
    volatile char *block = calloc(1, 8);

    (void)arg;
    shared = block[most - (INT_MAX - 9)];
    free((void *)block);
}

static void overflow(void *arg)
{
    (void)arg;
    shared = most + 1;
}

static void write_shared(void *arg)
{
    for (int i = 0; i < 1000; i++)
        shared++;
    if (arg)
        wait_group_done(arg);
}

/* A task and main, which are never on one thread. */
static void race(void)
{
    wait_group_t wg = { { 0 } };

    wait_group_add(&wg, 1);
    task_spawn(write_shared, &wg);
    write_shared(NULL);
    wait_group_wait(&wg);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "heap") == 0)
        task_spawn(read_beyond, NULL);
    else if (strcmp(what, "overflow") == 0)
        task_spawn(overflow, NULL);
    else if (strcmp(what, "race") == 0)
        race();
    else
        return 0;       /* nothing to notice: the test that expects a failure fails */
    task_sleep(100 * TASK_MILLISECOND);
    return 0;
}
