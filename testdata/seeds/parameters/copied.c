/* Article on goroutine patterns, "goroutine with parameters": task_go copies the
 * arguments, so each task has its own and the loop variable may change.
 */
#include <chanrt.h>

struct hello_args {
	wait_group_t *wg;
	const char   *msg;
	int           id;
};

static void hello(void *arg)
{
	struct hello_args *a = arg;

	printf("Message %d: %s\n", a->id, a->msg);
	wait_group_done(a->wg);
}

int main(void)
{
	wait_group_t wg = { 0 };

	for (int id = 1; id <= 3; id++) {
		wait_group_add(&wg, 1);
		task_go(hello, (struct hello_args){ &wg, "Hello", id });
	}
	wait_group_wait(&wg);
	return 0;
}
