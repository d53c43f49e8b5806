/* Article on goroutine patterns, "channels should be closed only by the sender":
 * the receiver closes after the value it wanted, and the second sender aborts,
 * in every schedule.
 */
#include <chanrt.h>

static void send_one(void *arg)
{
	chan_t *ch = arg;

	chan_send_value(ch, 1); // leak: send-on-closed
	chan_release(ch);
}

static void bad(void)
{
	chan_t *ch = chan_make(int, 0);
	int val;

	task_spawn(send_one, chan_retain(ch));
	task_spawn(send_one, chan_retain(ch));
	chan_recv(ch, &val);
	chan_close(ch);		/* wrong: the receiver closes */ // close-by-receiver
	chan_release(ch);
	task_sleep(10 * TASK_MILLISECOND);
}

int main(void)
{
	bad();
	return 0;
}
