/* Article on goroutine patterns, "channels should be closed only by the sender",
 * the good way.
 */
#include <chanrt.h>

static void send_and_close(void *arg)
{
	chan_t *ch = arg;

	chan_send_value(ch, 1);
	chan_close(ch);		/* right: the sender closes */
	chan_release(ch);
}

static void good(void)
{
	chan_t *ch = chan_make(int, 0);
	int val;

	task_spawn(send_and_close, chan_retain(ch));
	chan_recv(ch, &val);
	chan_release(ch);
}

int main(void)
{
	good();
	return 0;
}
