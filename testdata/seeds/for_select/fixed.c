/* Article on goroutine leaks, "channel not written by", example 1 repaired: the
 * loop has a second case, by which main ends it.
 */
#include <chanrt.h>

struct loop {
	chan_t *requests;	/* int */
	chan_t *quit;		/* closed to end the loop */
};

static void process_all(void *arg)
{
	struct loop *loop = arg;
	int request;

	for (;;) {
		switch (chan_select(CHAN_RECV(loop->requests, &request),
				    CHAN_RECV(loop->quit, NULL))) {
		case 0:
			printf("request %d\n", request);
			break;
		case 1:
			return;
		}
	}
}

int main(void)
{
	chan_t *c = chan_make(int, 0);
	chan_t *quit = chan_create(0, 0);

	task_go(process_all, (struct loop){ .requests = c, .quit = quit });
	task_sleep(10 * TASK_MILLISECOND);
	printf("no requests today\n");
	chan_close(quit);
	return 0;
}
