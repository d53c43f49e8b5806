/* Article on goroutine patterns, "timeout pattern with context". Repaired: result and
 * error travel together on one channel that has room for them.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

struct result {
	char text[32];
	int  err;
};

struct operation {
	ctx_t  *ctx;
	chan_t *results;	/* struct result, capacity 1 */
};

static void expensive_operation(struct result *r)
{
	task_sleep(20 * TASK_MILLISECOND);
	snprintf(r->text, sizeof(r->text), "done");
	r->err = 0;
}

static void run_operation(void *arg)
{
	struct operation *op = arg;
	struct result r;

	expensive_operation(&r);
	switch (chan_select(CHAN_RECV(ctx_done(op->ctx), NULL), CHAN_SEND(op->results, &r))) {
	case 0:
		break;			/* nobody wants it any more */
	case 1:
		break;
	}
	ctx_release(op->ctx);
	chan_release(op->results);
}

static int do_operation(ctx_t *ctx, struct result *r)
{
	chan_t *results = chan_make(struct result, 1);
	int err = 0;

	task_go(run_operation, (struct operation){ ctx_retain(ctx), chan_retain(results) });

	switch (chan_select(CHAN_RECV(results, r), CHAN_RECV(ctx_done(ctx), NULL))) {
	case 0:
		err = r->err;
		break;
	case 1:
		err = ctx_err(ctx);
		break;
	}
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
