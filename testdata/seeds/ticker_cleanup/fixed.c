/* Article on goroutine patterns, "proper cleanup for long-running goroutines": a
 * task that works at each tick. When its context is cancelled it stops
 * the ticker and ends.
 */
#include <chanrt.h>

static void long_running_task(void *arg)
{
	ctx_t *ctx = arg;
	ticker_t *ticker = ticker_create(10 * TASK_MILLISECOND);

	for (;;) {
		switch (chan_select(CHAN_RECV(ctx_done(ctx), NULL),
				    CHAN_RECV(ticker_chan(ticker), NULL))) {
		case 0:
			printf("Cleanup and exit\n");
			ticker_stop(ticker);
			ctx_release(ctx);
			return;
		case 1:
			/* Simulates periodic work. */
			printf("Working...\n");
			break;
		}
	}
}

int main(void)
{
	ctx_t *ctx ctx_scoped = ctx_with_timeout(ctx_background(), 50 * TASK_MILLISECOND);

	task_spawn(long_running_task, ctx_retain(ctx));
	task_sleep(60 * TASK_MILLISECOND);	/* waits to observe the cancellation */
	return 0;
}
