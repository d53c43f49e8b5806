/* world.h - stopping all threads of the process to look at them.
 *
 * A helper process that shares this one's memory stops the threads with ptrace, as
 * LeakSanitizer does, and runs a function while they stand still. No signal is sent, and
 * no thread need cooperate. Calls that were waiting in the kernel go on waiting; only
 * those few that fail with EINTR whenever a process is stopped and continued do so
 * (signal(7): epoll_wait, semop, sigtimedwait and the like).
 */
#ifndef RT_WORLD_H
#define RT_WORLD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { RT_REGISTER_WORDS = 1536 };  /* general and vector registers, 12 KiB */

struct rt_stopped {
    pid_t     tid;
    uintptr_t pc, sp;
    long      syscall;              /* the call that it is in, or -1 */
    size_t    words;
    uintptr_t registers[RT_REGISTER_WORDS];
};

struct rt_world {
    struct rt_stopped *threads;     /* all but the calling one */
    size_t             count;
};

/* Call look(world, arg) while every other thread stands still; it must take no lock that one
 * of them can hold, malloc's included. NULL, or why nothing could be stopped. */
const char *rt_world_stop(void (*look)(const struct rt_world *world, void *arg), void *arg);

#endif
