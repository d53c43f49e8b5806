/* mutex.h - what conditions need of mutexes. */
#ifndef RT_MUTEX_H
#define RT_MUTEX_H

#include "chanrt.h"

/* task_mutex_unlock with the runtime's own locks held: no step of a seeded run. */
void rt_mutex_unlock(task_mutex_t *m, const char *site);

#endif
