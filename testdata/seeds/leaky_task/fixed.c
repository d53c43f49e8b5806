/* Article on goroutine patterns, "goroutine leaks", the good way: the task also
 * waits for its context, and the caller cancels that.
 */
#include <chanrt.h>

struct printer {
	chan_t *ch;		/* int */
	ctx_t  *ctx;
};

static void print_value(void *arg)
{
	struct printer *p = arg;
	int val;

	switch (chan_select(CHAN_RECV(p->ch, &val), CHAN_RECV(ctx_done(p->ctx), NULL))) {
	case 0:
		printf("%d\n", val);
		break;
	case 1:
		break;			/* clean exit */
	}
	chan_release(p->ch);
	ctx_release(p->ctx);
}

static void no_leak(ctx_t *ctx)
{
	chan_t *ch = chan_make(int, 0);

	task_go(print_value, (struct printer){ ch, ctx_retain(ctx) });
}

int main(void)
{
	ctx_t *ctx ctx_scoped = ctx_with_cancel(ctx_background());

	no_leak(ctx);
	return 0;
}
