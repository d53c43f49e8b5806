/* quota_refill: each quota has a task that puts a token back at every tick. Whoever is
 * done with a quota frees it, and the task goes on for as long as the process.
 */
#include <stdlib.h>

#include <chanrt.h>

struct quota {
	chan_t *tokens;			/* signals */
	int     used;
};

static void refill(void *arg)
{
	chan_t *tokens = arg;

	for (;;) {
		task_sleep(2 * TASK_MILLISECOND); // endless-task
		if (!chan_try_send(tokens, NULL))
			continue;		/* full: nobody has spent any */
	}
}

static struct quota *quota_open(size_t burst)
{
	struct quota *q = calloc(1, sizeof(*q));

	if (!q)
		abort();
	q->tokens = chan_create(0, burst);
	for (size_t i = 0; i < burst; i++)
		chan_try_send(q->tokens, NULL);
	task_spawn(refill, chan_retain(q->tokens));
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
