/* Article on goroutine patterns, "timeout pattern with context". As the article has
 * it, result and error travel on two channels; but the error is sent only when
 * there is one, and the receiver waits for it always. An operation that succeeds
 * in time therefore blocks its caller for ever.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

struct result {
	char text[32];
};

struct operation {
	ctx_t  *ctx;
	chan_t *results;	/* struct result, capacity 1 */
	chan_t *errors;		/* int, capacity 1 */
};

static int expensive_operation(struct result *r)
{
	task_sleep(20 * TASK_MILLISECOND);
	snprintf(r->text, sizeof(r->text), "done");
	return 0;
}

static void run_operation(void *arg)
{
	struct operation *op = arg;
	struct result r;
	int err = expensive_operation(&r);

	switch (chan_select(CHAN_RECV(ctx_done(op->ctx), NULL), CHAN_SEND(op->results, &r))) {
	case 0:
		break;			/* nobody wants it any more */
	case 1:
		if (err)
			chan_send(op->errors, &err);
		break;
	}
	ctx_release(op->ctx);
	chan_release(op->results);
	chan_release(op->errors);
}

static int do_operation(ctx_t *ctx, struct result *r)
{
	chan_t *results = chan_make(struct result, 1);
	chan_t *errors = chan_make(int, 1);
	int err = 0;

	task_go(run_operation, (struct operation){ ctx_retain(ctx), chan_retain(results),
						   chan_retain(errors) });

	switch (chan_select(CHAN_RECV(results, r), CHAN_RECV(ctx_done(ctx), NULL))) {
	case 0:
		chan_recv(errors, &err); // leak: forgotten-receiver
		break;
	case 1:
		err = ctx_err(ctx);
		break;
	}
	chan_release(errors);
	chan_release(results);
	return err;
}

static int operation_with_timeout(ctx_t *parent, int64_t duration, struct result *r)
{
	ctx_t *ctx ctx_scoped = ctx_with_timeout(parent, duration);

	return do_operation(ctx, r);
}

int main(void)
{
	struct result r;
	int err = operation_with_timeout(ctx_background(), 100 * TASK_MILLISECOND, &r);

	printf("%s\n", err ? strerror(err) : r.text);
	return 0;
}
