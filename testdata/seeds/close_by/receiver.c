/* Article on goroutine patterns, "channels should be closed only by the sender",
 * the bad way: the receiver closes. With one sender of one value it happens to go
 * well; two_senders.c shows what it leads to.
 */
#include <chanrt.h>

static void receive_and_close(void *arg)
{
	chan_t *ch = arg;
	int val;

	chan_recv(ch, &val);
	chan_close(ch);		/* wrong: the receiver closes */ // close-by-receiver
	chan_release(ch);
}

static void bad(void)
{
	chan_t *ch = chan_make(int, 0);

	task_spawn(receive_and_close, chan_retain(ch));
	chan_send_value(ch, 1);
	chan_release(ch);
}

int main(void)
{
	bad();
	return 0;
}
