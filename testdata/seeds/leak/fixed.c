/* Article "Goroutine Leaks - The Forgotten Sender", listing 1 repaired: the
 * value that the task waits for is sent before the function returns.
 */
#include <chanrt.h>

static void print_value(void *arg)
{
	chan_t *ch = arg;
	int val;

	chan_recv(ch, &val);
	printf("We received a value: %d\n", val);
	chan_release(ch);
}

static void no_leak(void)
{
	chan_t *ch = chan_make(int, 0);

	task_spawn(print_value, chan_retain(ch));
	chan_send_value(ch, 42);
	chan_release(ch);
}

int main(void)
{
	no_leak();
	return 0;
}
