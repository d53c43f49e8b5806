/* pinned.h - addresses that only the kernel holds for the program. */
#ifndef RT_PINNED_H
#define RT_PINNED_H

#include "profile.h"

/* Call each with every address that the program may have handed to the kernel, to be given
 * back later: the data of epoll and of POSIX timers, the values of pending signals, what
 * lies unread in its pipes and local sockets. For rt_world_stop's function. NULL, or what
 * it uses that cannot be looked into. */
const char *rt_pinned_each(const struct rt_mark *m, const struct rt_caller *caller,
                           const struct rt_world *world,
                           void (*each)(uintptr_t word, void *arg), void *arg);

#endif
