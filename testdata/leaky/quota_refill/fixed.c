/* quota_refill: each quota has a task that puts a token back at every tick, until the
 * quota is freed.
 */
#include <stdlib.h>

#include <chanrt.h>

struct quota {
	chan_t *tokens;			/* signals */
	ctx_t  *ctx;
	int     used;
};

struct refill {
	chan_t *tokens;
	ctx_t  *ctx;
};

static void refill(void *arg)
{
	struct refill *r = arg;
	ticker_t *ticker = ticker_create(2 * TASK_MILLISECOND);

	while (chan_select(CHAN_RECV(ctx_done(r->ctx), NULL),
			   CHAN_RECV(ticker_chan(ticker), NULL)) == 1)
		chan_try_send(r->tokens, NULL);		/* may be full */
	ticker_stop(ticker);
	chan_release(r->tokens);
	ctx_release(r->ctx);
}

static struct quota *quota_open(size_t burst)
{
	struct quota *q = calloc(1, sizeof(*q));

	if (!q)
		abort();
	q->tokens = chan_create(0, burst);
	q->ctx = ctx_with_cancel(ctx_background());
	for (size_t i = 0; i < burst; i++)
		chan_try_send(q->tokens, NULL);
	task_go(refill, (struct refill){ chan_retain(q->tokens), ctx_retain(q->ctx) });
	return q;
}

static void quota_take(struct quota *q)
{
	chan_recv(q->tokens, NULL);
	q->used++;
}

static void quota_free(struct quota *q)
{
	printf("%d used\n", q->used);
	ctx_cancel(q->ctx);
	ctx_release(q->ctx);
	chan_release(q->tokens);
	free(q);
}

int main(void)
{
	struct quota *q = quota_open(2);

	for (int i = 0; i < 4; i++)
		quota_take(q);
	quota_free(q);
	return 0;
}
