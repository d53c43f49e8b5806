/* sched.h - workers: OS threads that run tasks.
 *
 * A worker takes from, in this order: its next slot (the task its last one woke), its
 * own queue, the global queue, other workers. It stops when there is nothing anywhere.
 */
#ifndef RT_SCHED_H
#define RT_SCHED_H

#include "worker.h"

/* First run of a new task: like rt_ready, and starts the workers if need be. */
void rt_start(struct rt_task *task);
void rt_enqueue(struct rt_task *task);
void rt_enqueue_many(struct rt_task *const *tasks, unsigned n);

/* The task that runs on w, the caller's, leaves it; commit(arg) runs then on the stack of the
 * next task or of the worker. */
void rt_switch_out(struct rt_worker *w, void (*commit)(void *), void *arg);

/* Where a task's stack begins; arg is the task. Returns the stack to go on with. */
void *rt_task_main(void *arg);

unsigned rt_worker_count(void);         /* started so far */

/* This is a child made by fork: the workers, and so all tasks, are the parent's. */
bool     rt_left_behind(void);

/* Something happened that is no task switch: a thread went on, a timer fired. */
void     rt_moved(void);
/* Grows whenever a task was switched to or rt_moved was called. */
uint64_t rt_movements(void);

#endif
