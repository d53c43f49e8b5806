/* leak.h - finding tasks that did not finish. */
#ifndef RT_LEAK_H
#define RT_LEAK_H

/* A thread blocks: with CHANRT_LEAKCHECK=1 someone must watch whether main ever goes on. */
void rt_leak_watch(void);

#endif
