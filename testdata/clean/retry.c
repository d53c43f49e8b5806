/* retry: each attempt has its own channel with room for its answer; an attempt given
 * up ends by itself, and a cancellation between two attempts ends the whole.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

struct attempt {
	chan_t *answer;			/* int, capacity 1; a reference of the task's own */
	int64_t latency;
};

static void attempt_main(void *arg)
{
	struct attempt *a = arg;
	int status = 200;

	task_sleep(a->latency);
	chan_send(a->answer, &status);
	chan_release(a->answer);
}

static int attempt_once(int64_t latency, int64_t patience, int *status)
{
	chan_t *answer = chan_make(int, 1);
	chan_t *expired = chan_after(patience);
	int err;

	task_go(attempt_main, (struct attempt){ chan_retain(answer), latency });
	err = chan_select(CHAN_RECV(answer, status), CHAN_RECV(expired, NULL)) == 0
		? 0 : ETIMEDOUT;
	chan_release(expired);
	chan_release(answer);
	return err;
}

static int pause_for(ctx_t *ctx, int64_t duration)
{
	if (chan_select_timeout(duration, CHAN_RECV(ctx_done(ctx), NULL)) == 0)
		return ctx_err(ctx);
	return 0;
}

static int fetch(ctx_t *parent, int attempts, int *status)
{
	ctx_t *ctx ctx_scoped = ctx_with_timeout(parent, 50 * TASK_MILLISECOND);
	int64_t latency = 6 * TASK_MILLISECOND;
	int err = EINVAL;

	for (int i = 0; i < attempts; i++, latency /= 3) {
		err = attempt_once(latency, 3 * TASK_MILLISECOND, status);
		if (err != ETIMEDOUT)
			return err;
		err = pause_for(ctx, TASK_MILLISECOND);
		if (err)
			return err;
		err = ETIMEDOUT;
	}
	return err;
}

int main(void)
{
	int status = 0;
	int err = fetch(ctx_background(), 4, &status);

	if (err)
		printf("%s\n", strerror(err));
	else
		printf("status %d\n", status);
	return 0;
}
