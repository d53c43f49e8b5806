/* Article on goroutine patterns, "goroutine with proper cleanup": a task that
 * works until its context is cancelled. Nobody cancels it: the article's
 * "defer cancel()" has been left out here.
 */
#include <chanrt.h>

static void work(void *arg)
{
	ctx_t *ctx = arg;

	for (;;) {
		switch (chan_poll(CHAN_RECV(ctx_done(ctx), NULL))) { // polling-select
		case 0:
			printf("Cleanup and exit\n");
			ctx_release(ctx);
			return;
		default:
			task_sleep(10 * TASK_MILLISECOND); // endless-task
		}
	}
}

int main(void)
{
	ctx_t *ctx = ctx_with_cancel(ctx_background()); // leak: lost-cancel

	task_spawn(work, ctx_retain(ctx));

	/* The task runs for 50 ms (5 s in the article). */
	task_sleep(50 * TASK_MILLISECOND);
	return 0;
}
