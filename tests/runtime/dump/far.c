#include "far.h"

static __attribute__((noinline)) void far_static(void (*fn)(void *), void *arg)
{
    fn(arg); /* @far_static */
    __asm__ volatile("");
}

void far_call(void (*fn)(void *), void *arg)
{
    far_static(fn, arg); /* @far_call */
    __asm__ volatile("");
}
