/* Article on goroutine leaks, "channel not written by", example 2: a task ranges
 * over a channel that nobody writes to and nobody closes.
 */
#include <chanrt.h>

static void drain(void *arg)
{
	chan_t *ch = arg;

	chan_range(int, value, ch) // leak: unclosed-range
		printf("value %d\n", value);
}

int main(void)
{
	chan_t *ch = chan_make(int, 0);

	task_spawn(drain, ch);
	task_sleep(10 * TASK_MILLISECOND);
	return 0;
}
