/* pinned.h - addresses that only the kernel holds for the program. */
#ifndef RT_PINNED_H
#define RT_PINNED_H

#include <stdint.h>
#include <sys/types.h>

/* Call each with every address that the program may have handed to the kernel, to be given
 * back later: the data of epoll and of POSIX timers, what lies unread in its pipes
 * and local sockets. The caller shares the process's memory and files. NULL, or what
 * it uses that cannot be looked into. */
const char *rt_pinned_each(pid_t process, void (*each)(uintptr_t word, void *arg), void *arg);

#endif
