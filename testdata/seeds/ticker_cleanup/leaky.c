/* Article on goroutine patterns, "proper cleanup for long-running goroutines": a
 * task that works at each tick. Here it is given its context but forgets to
 * look at it: it never ends, and its ticker is never stopped.
 */
#include <chanrt.h>

static void long_running_task(void *arg)
{
	ticker_t *ticker = ticker_create(10 * TASK_MILLISECOND);

	(void)arg;			/* the context, forgotten */
	for (;;) {
		switch (chan_select(CHAN_RECV(ticker_chan(ticker), NULL))) { // endless-task
		case 0:
			/* Simulates periodic work. */
			printf("Working...\n");
			break;
		}
	}
}

int main(void)
{
	ctx_t *ctx ctx_scoped = ctx_with_timeout(ctx_background(), 50 * TASK_MILLISECOND);

	task_spawn(long_running_task, ctx);
	task_sleep(60 * TASK_MILLISECOND);	/* waits to observe the cancellation */
	return 0;
}
