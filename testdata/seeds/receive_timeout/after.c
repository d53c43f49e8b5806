/* Article on goroutine leaks, "using timeout", second form: a timer channel in
 * place of the sleeping task.
 */
#include <chanrt.h>

static void answer(void *arg)
{
	chan_t *c1 = arg;

	task_sleep(30 * TASK_MILLISECOND);
	chan_send_value(c1, 42);
	chan_release(c1);
}

int main(void)
{
	chan_t *c1 = chan_make(int, 1);
	chan_t *after = chan_after(20 * TASK_MILLISECOND);
	int res;

	task_spawn(answer, chan_retain(c1));

	switch (chan_select(CHAN_RECV(c1, &res), CHAN_RECV(after, NULL))) {
	case 0:
		printf("%d\n", res);
		break;
	case 1:
		printf("timeout 1\n");
		break;
	}
	chan_release(after);
	chan_release(c1);
	return 0;
}
