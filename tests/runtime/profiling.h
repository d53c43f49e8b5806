/* profiling.h - what the tests of the leak profile share. */
#ifndef PROFILING_H
#define PROFILING_H

#include "check.h"

/* task_leak_profile works in this build: no sanitizer, no valgrind. */
bool can_profile(void);

/* What task_leak_profile returns; said is what it printed. */
size_t profile(void);
extern char *said;

/* Overwrite what earlier calls left behind below this frame and in registers. */
void scrub(void);

/* Once that many tasks live and none can move (0: at once), no leak is found, and nothing is
 * said. */
void nothing_is_found(size_t tasks);

/* A task's: one chan_recv from arg. */
void receive(void *arg);
/* A channel with one receiver, for the caller to keep by one means only. */
chan_t *receiver(void);

/* Channels that only others know are theirs to release in the end: kept here where no
 * profile sees them. Returns ch. */
chan_t *hidden(chan_t *ch);
chan_t *hidden_at(size_t i);
void    release_hidden(void);

#endif
