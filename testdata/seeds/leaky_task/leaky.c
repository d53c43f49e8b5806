/* Article on goroutine patterns, "goroutine leaks", the bad way: the channel never
 * carries a value, and the task waits for ever.
 */
#include <chanrt.h>

static void print_value(void *arg)
{
	chan_t *ch = arg;
	int val;

	chan_recv(ch, &val); // leak: missing-sender
	printf("%d\n", val);
	chan_release(ch);
}

static void leaky_task(void)
{
	chan_t *ch = chan_make(int, 0);

	task_spawn(print_value, ch);
}

int main(void)
{
	leaky_task();
	return 0;
}
