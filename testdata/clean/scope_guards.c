/* scope_guards: cleanup attributes unlock, close and wait at the end of the scope, so
 * that the early returns in between need not.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

static void unlock_scope(task_mutex_t **m)
{
	if (*m)
		task_mutex_unlock(*m);
}

static void close_scope(chan_t **ch)
{
	chan_close(*ch);
	chan_release(*ch);
}

static void join_scope(wait_group_t *wg)
{
	wait_group_wait(wg);
}

#define scoped(fn) __attribute__((cleanup(fn)))

static task_mutex_t total_lock;
static long total;			/* under total_lock */

static int add_to_total(long n)
{
	task_mutex_t *held scoped(unlock_scope) = &total_lock;

	task_mutex_lock(held);
	if (n < 0)
		return EINVAL;
	if (total + n > 1000)
		return ERANGE;
	total += n;
	return 0;
}

struct adder {
	chan_t       *numbers;		/* long; a reference of the task's own */
	wait_group_t *wg;
};

static void add_all(void *arg)
{
	struct adder *a = arg;

	chan_range(long, n, a->numbers)
		add_to_total(n);
	chan_release(a->numbers);
	wait_group_done(a->wg);
}

/* The end of the scope closes first and waits then: cleanups run in the reverse order
 * of the declarations. */
static int feed(const long *values, int count)
{
	wait_group_t wg scoped(join_scope) = { 0 };
	chan_t *numbers scoped(close_scope) = chan_make(long, 0);

	wait_group_add(&wg, 1);
	task_go(add_all, (struct adder){ chan_retain(numbers), &wg });
	for (int i = 0; i < count; i++) {
		if (values[i] == 0)
			return EINVAL;
		chan_send(numbers, &values[i]);
	}
	return 0;
}

int main(void)
{
	static const long good[] = { 1, 20, 300 }, bad[] = { 4, 0, 5 };
	int err = feed(good, 3);

	if (!err)
		err = feed(bad, 3);
	printf("%s, %ld\n", strerror(err), total);
	return total == 325 ? 0 : 1;
}
