/* Article on goroutine leaks, "using timeout", first form: a task of its own
 * sleeps and then sends on a timeout channel. The 1 in the
 * article is not there for nothing: without it the sleeper is left behind when
 * the answer comes first.
 */
#include <chanrt.h>

static void sleep_then_send(void *arg)
{
	chan_t *timeout = arg;

	task_sleep(50 * TASK_MILLISECOND);	/* one second in the article */
	chan_send_value(timeout, (bool)true); // leak: forgotten-sender
	chan_release(timeout);
}

static void answer(void *arg)
{
	chan_t *ch = arg;

	task_sleep(10 * TASK_MILLISECOND);
	chan_send_value(ch, 42);
	chan_release(ch);
}

int main(void)
{
	chan_t *timeout = chan_make(bool, 0);
	chan_t *ch = chan_make(int, 1);
	int value;

	task_spawn(sleep_then_send, chan_retain(timeout));
	task_spawn(answer, chan_retain(ch));

	switch (chan_select(CHAN_RECV(ch, &value), CHAN_RECV(timeout, NULL))) {
	case 0:
		printf("a read from ch has occurred: %d\n", value);
		break;
	case 1:
		printf("the read from ch has timed out\n");
		break;
	}
	chan_release(ch);
	chan_release(timeout);
	return 0;
}
