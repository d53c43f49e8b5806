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
    wait_group_t *wg = arg;

    for (int i = 0; i < 100000; i++) {
        shared++;
        if (i % 100 == 0)
            task_yield();
    }
    wait_group_done(wg);
}

static void race(int tasks)
{
    wait_group_t wg = { { 0 } };

    wait_group_add(&wg, tasks);
    for (int i = 0; i < tasks; i++)
        task_spawn(write_shared, &wg);
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
        race(4);
    else
        return 0;       /* nothing to notice: the test that expects a failure fails */
    task_sleep(100 * TASK_MILLISECOND);
    return 0;
}
