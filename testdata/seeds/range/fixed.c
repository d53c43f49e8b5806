/* Article on goroutine leaks, "channel not written by", example 2 repaired: main
 * writes nothing either, but it closes the channel.
 */
#include <chanrt.h>

static void drain(void *arg)
{
	chan_t *ch = arg;

	chan_range(int, value, ch)
		printf("value %d\n", value);
}

int main(void)
{
	chan_t *ch = chan_make(int, 0);

	task_spawn(drain, ch);
	task_sleep(10 * TASK_MILLISECOND);
	chan_close(ch);
	return 0;
}
