/* Article on goroutine leaks, "channel not accepted by": the pump sends for ever
 * and hangs, because main takes only the first number.
 */
#include <chanrt.h>

static void pump(void *arg)
{
	chan_t *ch = arg;

	for (int i = 0;; i++)
		chan_send(ch, &i); // leak: forgotten-sender
}

int main(void)
{
	chan_t *ch1 = chan_make(int, 0);
	int first;

	task_spawn(pump, ch1);
	chan_recv(ch1, &first);
	printf("%d\n", first);		/* prints only 0 */
	return 0;
}
