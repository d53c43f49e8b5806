/* Tasks in every kind of place, for gdb to look at; the marks are what it must say. */
#include "../refuse.h"

#include <chanrt.h>

#include <stdatomic.h>
#include <stdlib.h>

static atomic_bool spinning;

static void receive_deep(chan_t *ch, int depth)
{
    int marker = 1000 + depth;

    if (depth > 0)
        receive_deep(ch, depth - 1);
    else
        chan_recv(ch, &marker); /* receives */
    __asm__ volatile("" ::"r"(&marker) : "memory");
}

static void receiver(void *arg)
{
    receive_deep(arg, 3);
}

static void locker(void *arg)
{
    task_mutex_lock(arg); /* locks */
}

static void spinner(void *arg)
{
    (void)arg;
    atomic_store(&spinning, true);
    for (;;)
        __asm__ volatile("");
}

/* A breakpoint's place. */
__attribute__((noinline)) void all_are_parked(void)
{
    __asm__ volatile("");
}

/* With an argument as on a system before Linux 6.13. */
int main(int argc, char **argv)
{
    chan_t *ch = chan_make(int, 3); /* made */
    task_mutex_t mutex = { { 0 } };

    (void)argv;
    if (argc > 1)
        refuse_guards(false);
    task_mutex_lock(&mutex);
    task_spawn(receiver, ch); /* spawns the receiver */
    (task_spawn)(locker, &mutex); /* spawns the locker */
    task_sleep(100 * TASK_MILLISECOND);
    task_spawn(spinner, NULL); /* spawns the spinner */
    while (!atomic_load(&spinning))
        task_sleep(TASK_MILLISECOND);
    all_are_parked();
    exit(0);
}
