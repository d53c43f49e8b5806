/* Article on goroutine patterns, "rate limiter", repaired: the limiter has a stop
 * channel, and freeing it waits until the refill task has ended.
 */
#include <stdlib.h>

#include <chanrt.h>

struct rate_limiter {
	chan_t *tokens;		/* signals */
	chan_t *stop;		/* closed to end the refill task */
	chan_t *stopped;	/* closed by the refill task as its last act */
	int64_t interval;
};

static void refill(void *arg)
{
	struct rate_limiter *rl = arg;
	ticker_t *ticker = ticker_create(rl->interval);

	for (;;) {
		switch (chan_select(CHAN_RECV(ticker_chan(ticker), NULL),
				    CHAN_RECV(rl->stop, NULL))) {
		case 0:
			chan_try_send(rl->tokens, NULL);	/* the bucket may be full */
			break;
		case 1:
			ticker_stop(ticker);
			chan_close(rl->stopped);
			return;
		}
	}
}

static struct rate_limiter *rate_limiter_new(int rate, int64_t interval)
{
	struct rate_limiter *rl = malloc(sizeof(*rl));

	if (!rl)
		abort();
	rl->tokens = chan_create(0, (size_t)rate);
	rl->stop = chan_create(0, 0);
	rl->stopped = chan_create(0, 0);
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

static void rate_limiter_free(struct rate_limiter *rl)
{
	chan_close(rl->stop);
	chan_recv(rl->stopped, NULL);
	chan_release(rl->stopped);
	chan_release(rl->stop);
	chan_release(rl->tokens);
	free(rl);
}

int main(void)
{
	struct rate_limiter *rl = rate_limiter_new(3, 10 * TASK_MILLISECOND);

	for (int i = 0; i < 6; i++) {
		rate_limiter_wait(rl);
		printf("request %d\n", i);
	}
	rate_limiter_free(rl);
	return 0;
}
