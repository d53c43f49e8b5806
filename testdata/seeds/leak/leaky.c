/* Article "Goroutine Leaks - The Forgotten Sender", listing 1: leak() starts a
 * task that receives from a channel on which nothing will ever be sent.
 */
#include <chanrt.h>

static void print_value(void *arg)
{
	chan_t *ch = arg;
	int val;

	chan_recv(ch, &val); // leak: missing-sender
	printf("We received a value: %d\n", val);
	chan_release(ch);
}

/* A buggy function: after it has returned nobody else has the channel. */
static void leak(void)
{
	chan_t *ch = chan_make(int, 0);

	task_spawn(print_value, ch);
}

int main(void)
{
	leak();
	return 0;
}
