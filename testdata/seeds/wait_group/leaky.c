/* Article on goroutine patterns, wait groups: add before the task starts, done on
 * every way out of it, wait until the count is zero. Here worker 0
 * has nothing to do and returns without its done.
 */
#include <chanrt.h>

enum { WORKERS = 3 };

struct worker {
	wait_group_t *wg;
	int           id;
};

static void worker(void *arg)
{
	struct worker *w = arg;

	if (w->id == 0)
		return;
	printf("Worker %d doing work\n", w->id);
	wait_group_done(w->wg);
}

int main(void)
{
	wait_group_t wg = { 0 };

	for (int i = 0; i < WORKERS; i++) {
		wait_group_add(&wg, 1);		/* before the task starts */
		task_go(worker, (struct worker){ &wg, i });
	}

	wait_group_wait(&wg); // leak: stuck-wait
	printf("all workers are done\n");
	return 0;
}
