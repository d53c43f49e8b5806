/* Article on goroutine patterns, "rate limiter": tokens in a buffered channel,
 * refilled by a ticker. Nothing ever stops the refill task; it is never blocked
 * for ever, it just never ends.
 */
#include <stdlib.h>

#include <chanrt.h>

struct rate_limiter {
	chan_t *tokens;		/* signals */
	int64_t interval;
};

static void refill(void *arg)
{
	struct rate_limiter *rl = arg;
	ticker_t *ticker = ticker_create(rl->interval);

	chan_range(int64_t, now, ticker_chan(ticker)) { // endless-task
		(void)now;
		chan_try_send(rl->tokens, NULL);	/* the bucket may be full */
	}
	ticker_stop(ticker);
}

static struct rate_limiter *rate_limiter_new(int rate, int64_t interval)
{
	struct rate_limiter *rl = malloc(sizeof(*rl));

	if (!rl)
		abort();
	rl->tokens = chan_create(0, (size_t)rate);
	rl->interval = interval;

	for (int i = 0; i < rate; i++)
		chan_send(rl->tokens, NULL);
	task_spawn(refill, rl);
	return rl;
}

static void rate_limiter_wait(struct rate_limiter *rl)
{
	chan_recv(rl->tokens, NULL);
}

int main(void)
{
	struct rate_limiter *rl = rate_limiter_new(3, 10 * TASK_MILLISECOND);

	for (int i = 0; i < 6; i++) {
		rate_limiter_wait(rl);
		printf("request %d\n", i);
	}
	return 0;
}
