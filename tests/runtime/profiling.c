/* profiling.c - asking for leak profiles, and channels that profiles do not see. */
#define _GNU_SOURCE
#include "profiling.h"

#include <stdlib.h>
#include <string.h>
#ifdef RT_VALGRIND
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

char *said;

bool can_profile(void)
{
    return !sanitized() && !RUNNING_ON_VALGRIND;
}

size_t profile(void)
{
    size_t size, count;
    FILE *out;

    free(said);
    said = NULL;
    out = open_memstream(&said, &size);
    count = task_leak_profile(out);
    fclose(out);
    return count;
}

__attribute__((noinline)) void scrub(void)
{
    volatile char junk[16384];

    memset((char *)junk, 0, sizeof junk);
    __asm__ volatile("" : : "r"(junk) : "memory");
}

void nothing_is_found(size_t tasks)
{
    scrub();
    if (tasks)
        wait_until_blocked(tasks);
    task_sleep(10 * MS);            /* until workers rest: one that looks for tasks has some in hand */
    scrub();
    assert_int_equal(profile(), 0);
    if (can_profile())
        assert_string_equal(said, "");
}

void receive(void *arg)
{
    chan_recv(arg, NULL);
}

__attribute__((noinline)) chan_t *receiver(void)
{
    chan_t *ch = chan_make(int, 0);

    task_spawn(receive, ch);
    return ch;
}

enum { HIDDEN_MOST = 8 };
static uintptr_t inverted[HIDDEN_MOST];
static size_t count;

chan_t *hidden(chan_t *ch)
{
    assert_true(count < HIDDEN_MOST);
    inverted[count++] = ~(uintptr_t)ch;
    return ch;
}

chan_t *hidden_at(size_t i)
{
    return (chan_t *)~inverted[i];
}

void release_hidden(void)
{
    while (count > 0)
        chan_release(hidden_at(--count));
}
