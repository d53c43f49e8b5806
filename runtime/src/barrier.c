/* barrier.c - membarrier(2). */
#define _GNU_SOURCE
#include "barrier.h"
#include "panic.h"
#include "sanitizer.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

bool rt_barrier_possible;

/* Before main, while there is one thread: later registering takes some milliseconds. */
__attribute__((constructor)) static void register_process(void)
{
#ifndef RT_TSAN                 /* which cannot see what membarrier orders */
    rt_barrier_possible =
        syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
#endif
}

bool rt_barrier(void)
{
    if (!rt_barrier_possible)
        return false;
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0)
        rt_give_up("membarrier is not permitted any more (a system call filter set after the "
                   "program began?)");
    return true;
}
