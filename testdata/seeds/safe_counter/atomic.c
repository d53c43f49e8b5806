/* Article on goroutine patterns, "race conditions" and "consider atomic
 * operations": a simple counter needs no lock.
 */
#include <stdatomic.h>

#include <chanrt.h>

enum { TASKS = 4, ROUNDS = 100 };

struct counter {
	atomic_long count;
};

struct clicker {
	struct counter *counter;
	wait_group_t   *wg;
};

static void click(void *arg)
{
	struct clicker *c = arg;

	for (int i = 0; i < ROUNDS; i++)
		atomic_fetch_add(&c->counter->count, 1);
	wait_group_done(c->wg);
}

int main(void)
{
	static struct counter counter;
	wait_group_t wg = { 0 };

	for (int i = 0; i < TASKS; i++) {
		wait_group_add(&wg, 1);
		task_go(click, (struct clicker){ &counter, &wg });
	}
	wait_group_wait(&wg);
	printf("%ld\n", atomic_load(&counter.count));
	return 0;
}
