/* Article on goroutine patterns, "circuit breaker": after some failures in a row
 * calls are refused until a while has passed. The read lock is given up before the
 * write lock is taken, and taken again afterwards, as in the article.
 */
#include <errno.h>
#include <time.h>

#include <chanrt.h>

struct circuit_breaker {
	task_rwlock_t mu;
	int           failure_count;
	int           threshold;
	int64_t       reset_timeout;
	int64_t       last_failure_time;
	bool          is_open;
};

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * TASK_SECOND + ts.tv_nsec;
}

static bool can_execute(struct circuit_breaker *cb)
{
	bool can = false;

	task_rwlock_rdlock(&cb->mu);
	if (!cb->is_open) {
		can = true;
	} else if (now() - cb->last_failure_time > cb->reset_timeout) {
		task_rwlock_rdunlock(&cb->mu);
		task_rwlock_wrlock(&cb->mu);
		cb->is_open = false;
		cb->failure_count = 0;
		task_rwlock_wrunlock(&cb->mu);
		task_rwlock_rdlock(&cb->mu);
		can = true;
	}
	task_rwlock_rdunlock(&cb->mu);
	return can;
}

static void record_result(struct circuit_breaker *cb, int err)
{
	task_rwlock_wrlock(&cb->mu);
	if (err) {
		cb->failure_count++;
		cb->last_failure_time = now();
		if (cb->failure_count >= cb->threshold)
			cb->is_open = true;
	} else {
		cb->failure_count = 0;
		cb->is_open = false;
	}
	task_rwlock_wrunlock(&cb->mu);
}

/* What operation returns, or ECONNREFUSED when the breaker is open. */
static int execute(struct circuit_breaker *cb, int (*operation)(int), int arg)
{
	int err;

	if (!can_execute(cb))
		return ECONNREFUSED;
	err = operation(arg);
	record_result(cb, err);
	return err;
}

static int flaky(int n)
{
	return n < 3 ? EIO : 0;
}

struct caller {
	struct circuit_breaker *cb;
	wait_group_t           *wg;
};

static void call(void *arg)
{
	struct caller *c = arg;

	for (int n = 0; n < 6; n++) {
		int err = execute(c->cb, flaky, n);

		if (err == ECONNREFUSED)
			task_sleep(2 * TASK_MILLISECOND);
	}
	wait_group_done(c->wg);
}

int main(void)
{
	static struct circuit_breaker cb = { .threshold = 3, .reset_timeout = TASK_MILLISECOND };
	wait_group_t wg = { 0 };

	wait_group_add(&wg, 2);
	task_go(call, (struct caller){ &cb, &wg });
	task_go(call, (struct caller){ &cb, &wg });
	wait_group_wait(&wg);
	printf("breaker is %s\n", cb.is_open ? "open" : "closed");
	return 0;
}
