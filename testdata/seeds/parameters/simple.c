/* Article on goroutine patterns, "simple goroutine". Main waits for its task: the
 * process ends when main returns.
 */
#include <chanrt.h>

static void hello(void *arg)
{
	wait_group_t *wg = arg;

	printf("Hello from a task!\n");
	wait_group_done(wg);
}

int main(void)
{
	wait_group_t wg = { 0 };

	wait_group_add(&wg, 1);
	task_spawn(hello, &wg);
	wait_group_wait(&wg);
	return 0;
}
