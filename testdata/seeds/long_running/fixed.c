/* Article on goroutine patterns, "always use context for cancellation", the good
 * way.
 */
#include <chanrt.h>

struct task_args {
	ctx_t  *ctx;
	chan_t *result;		/* int, capacity 1: why the task ended */
};

static int long_running_task(ctx_t *ctx)
{
	for (;;) {
		switch (chan_poll(CHAN_RECV(ctx_done(ctx), NULL))) { // polling-select
		case 0:
			return ctx_err(ctx);
		default:
			/* Do work. */
			task_sleep(10 * TASK_MILLISECOND);
		}
	}
}

static void long_running_main(void *arg)
{
	struct task_args *a = arg;
	int err = long_running_task(a->ctx);

	chan_send(a->result, &err);
}

int main(void)
{
	ctx_t *ctx = ctx_with_cancel(ctx_background());
	chan_t *result = chan_make(int, 1);
	int err;

	task_go(long_running_main, (struct task_args){ ctx, result });
	task_sleep(30 * TASK_MILLISECOND);
	ctx_cancel(ctx);
	chan_recv(result, &err);
	printf("the task ended with %d\n", err);

	chan_release(result);
	ctx_release(ctx);
	return 0;
}
