/* Article on goroutine leaks, "avoid leaks sooner": a test that reads the number
 * of tasks before and after the code under test. It
 * passes, because the channel has room for the answers nobody waits for.
 *
 * exit status: by the clock (nothing but the sleep lets the tasks end before the
 * second count; where it is over at once, it may count them)
 */
#include <chanrt.h>

struct query {
	int     key;
	chan_t *replies;	/* int; a reference of the task's own */
};

static void ask_replica(void *arg)
{
	struct query *q = arg;
	int value = q->key * q->key;

	chan_send(q->replies, &value);
	chan_release(q->replies);
}

/* Asks three replicas and returns the first answer. */
static int lookup(int key)
{
	enum { REPLICAS = 3 };
	chan_t *replies = chan_make(int, REPLICAS);
	int value;

	for (int i = 0; i < REPLICAS; i++)
		task_go(ask_replica, (struct query){ key, chan_retain(replies) });
	chan_recv(replies, &value);
	chan_release(replies);
	return value;
}

static int test_lookup(void)
{
	size_t before = task_count();
	size_t after;

	if (lookup(7) != 49)
		return 1;

	task_sleep(20 * TASK_MILLISECOND);	/* for tasks about to end */
	after = task_count();
	if (after > before) {
		fprintf(stderr, "unexpected rise: %zu tasks before, %zu after\n", before, after);
		task_dump(stderr);
		return 1;
	}
	return 0;
}

int main(void)
{
	int rc = test_lookup();

	printf("%s: test_lookup\n", rc == 0 ? "PASS" : "FAIL");
	return rc;
}
