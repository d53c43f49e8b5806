/* cancelled_pipeline: three stages, every send beside the cancellation. The consumer
 * stops early; the stages notice, close their outputs and end.
 */
#include <chanrt.h>

struct stage {
	ctx_t  *ctx;
	chan_t *in;			/* NULL: the source */
	chan_t *out;
};

static bool pass_on(struct stage *s, int n)
{
	switch (chan_select(CHAN_SEND(s->out, &n), CHAN_RECV(ctx_done(s->ctx), NULL))) {
	case 0:
		return true;
	default:
		return false;
	}
}

static void stage_end(struct stage *s)
{
	chan_close(s->out);
	ctx_release(s->ctx);
}

static void source(void *arg)
{
	struct stage *s = arg;

	for (int n = 2; pass_on(s, n); n++)
		;
	stage_end(s);
}

static void only_odd(void *arg)
{
	struct stage *s = arg;

	chan_range(int, n, s->in) {
		if (n % 2 == 0)
			continue;
		if (!pass_on(s, n))
			break;
	}
	stage_end(s);
}

static void squared(void *arg)
{
	struct stage *s = arg;

	chan_range(int, n, s->in)
		if (!pass_on(s, n * n))
			break;
	stage_end(s);
}

static chan_t *start(task_fn *fn, ctx_t *ctx, chan_t *in)
{
	chan_t *out = chan_make(int, 0);

	task_go(fn, (struct stage){ .ctx = ctx_retain(ctx), .in = in, .out = out });
	return out;
}

int main(void)
{
	ctx_t *ctx ctx_scoped = ctx_with_cancel(ctx_background());
	chan_t *numbers = start(squared, ctx, start(only_odd, ctx, start(source, ctx, NULL)));
	int n;

	for (int i = 0; i < 5 && chan_recv(numbers, &n); i++)
		printf("%d\n", n);
	return 0;
}
