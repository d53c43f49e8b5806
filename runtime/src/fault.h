/* fault.h - a task that uses up its stack is told so before the process dies of it. */
#ifndef RT_FAULT_H
#define RT_FAULT_H

#include "stack.h"
#include "task.h"

/* When tasks begin; only the first call does anything. A fault that is none of ours goes on
 * to the handler that was there before; one that is installed later comes first, and reaches
 * this one if it does likewise. */
void rt_fault_install(void);

/* In every thread that runs tasks: a handler needs a stack of its own when the task's is
 * used up. */
void rt_fault_thread(void);

/* task, which has no guard, has written below its stack. */
_Noreturn void rt_fault_overrun(struct rt_task *task);

/* Called when task leaves its stack, for a while or for good. */
static inline void rt_fault_check(struct rt_task *task)
{
    if (__builtin_expect(atomic_load_explicit(&rt_stack_canaries, memory_order_relaxed), 0) &&
        task->wait.has_canary && !rt_stack_canary_lives(rt_task_stack(task)))
        rt_fault_overrun(task);
}

#endif
