/* leak.h - finding tasks that did not finish. */
#ifndef RT_LEAK_H
#define RT_LEAK_H

#include <stdbool.h>

enum { RT_EXIT_LEAKED = 23 };

/* CHANRT_LEAKCHECK=1. */
bool rt_leak_check_enabled(void);

/* Every thread but main is blocked, and no timer can wake one, as far as is known. */
bool rt_other_threads_still(void);

/* A thread blocks: with CHANRT_LEAKCHECK=1 someone must watch whether main ever goes on. */
void rt_leak_watch(void);

#endif
