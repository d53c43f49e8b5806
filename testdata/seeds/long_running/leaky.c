/* Article on goroutine patterns, "always use context for cancellation", the bad
 * way: the task cannot be told to end.
 */
#include <chanrt.h>

static void long_running_task(void *arg)
{
	(void)arg;
	for (;;) {
		/* Do work. */
		task_sleep(10 * TASK_MILLISECOND); // endless-task
	}
}

int main(void)
{
	task_spawn(long_running_task, NULL);
	task_sleep(30 * TASK_MILLISECOND);
	return 0;
}
