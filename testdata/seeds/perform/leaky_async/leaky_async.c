/* Article "Leaky Go Channels", LeakyAsync: a task waits for the parent channel,
 * so that the loop need not poll. When the loop ends by itself and the parent
 * never closes, the task is left behind; context_async is the repair.
 */
#include "../perform.h"

static void wait_for_parent(void *arg)
{
	chan_t *parent = arg;

	chan_recv(parent, NULL); // leak: caller-bound-task, missing-sender
	chan_release(parent);
}

/* caller-bound-task: seen from here, the task's only way out is the caller's
 * channel. missing-sender: the benchmark never sends to that channel; the test
 * does, but only after its leak check. */
void leaky_async(chan_t *parent)
{
	int i = 0;

	task_spawn(wait_for_parent, chan_retain(parent));

	for (;;) {
		i++;
		if (i == ITERATIONS)
			break;		/* the simulated error */
	}
}
