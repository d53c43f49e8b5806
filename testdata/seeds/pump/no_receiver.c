/* Article on goroutine leaks, "channel not accepted by", to the letter: no
 * receiver at all. fixed.c is the repaired twin of this one, too.
 */
#include <chanrt.h>

static void pump(void *arg)
{
	chan_t *ch = arg;

	for (int i = 0;; i++)
		chan_send(ch, &i); // leak: missing-receiver
}

int main(void)
{
	chan_t *ch1 = chan_make(int, 0);

	task_spawn(pump, ch1);
	task_sleep(10 * TASK_MILLISECOND);
	printf("nobody asked the pump\n");
	return 0;
}
