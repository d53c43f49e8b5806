/* Article on goroutine leaks, "channel not written by", example 1: a for-select
 * loop over a channel that has no writer.
 */
#include <chanrt.h>

static void process_all(void *arg)
{
	chan_t *c = arg;
	int request;

	for (;;) {
		switch (chan_select(CHAN_RECV(c, &request))) { // leak: stuck-select
		case 0:
			printf("request %d\n", request);
			break;
		}
	}
}

int main(void)
{
	chan_t *c = chan_make(int, 0);

	task_spawn(process_all, c);
	task_sleep(10 * TASK_MILLISECOND);
	printf("no requests today\n");
	return 0;
}
