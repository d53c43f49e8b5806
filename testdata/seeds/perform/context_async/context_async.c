/* Article "Leaky Go Channels", ContextAsync: the waiting task waits for a child
 * context, which is cancelled with the parent or when this call ends, whichever
 * comes first.
 */
#include "../perform.h"

static void wait_for_context(void *arg)
{
	ctx_t *ctx = arg;

	chan_recv(ctx_done(ctx), NULL);
	ctx_release(ctx);
}

void context_async(ctx_t *parent)
{
	ctx_t *ctx ctx_scoped = ctx_with_cancel(parent);
	int i = 0;

	task_spawn(wait_for_context, ctx_retain(ctx));

	for (;;) {
		i++;
		if (i == ITERATIONS)
			break;		/* the simulated error */
	}
}
