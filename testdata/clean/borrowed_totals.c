/* borrowed_totals: workers add to totals that lie on the stack of the function that waits for
 * them, under a lock that lies there too. The last thing a worker does with any of it is to
 * unlock; the function waits at a condition until all have been counted.
 */
#include <chanrt.h>
#include <stdio.h>

enum { WORKERS = 3 };

struct totals {
	task_mutex_t lock;
	task_cond_t  changed;
	int          left;		/* under lock, as the sum */
	long         sum;
	int          step;		/* never changes */
};

static void add_part(void *arg)
{
	struct totals *t = arg;
	long part = 0;

	for (int i = 1; i <= 10; i++)
		part += i * t->step;
	task_mutex_lock(&t->lock);
	t->sum += part;
	if (--t->left == 0)
		task_cond_signal(&t->changed);
	task_mutex_unlock(&t->lock);
}

static long total(int step)
{
	struct totals t = { .left = WORKERS, .step = step };

	for (int i = 0; i < WORKERS; i++)
		task_spawn(add_part, &t);
	task_mutex_lock(&t.lock);
	while (t.left > 0)
		task_cond_wait(&t.changed, &t.lock);
	task_mutex_unlock(&t.lock);
	return t.sum;
}

int main(void)
{
	long sum = total(1) + total(2);

	printf("%ld\n", sum);
	return sum != 3 * WORKERS * 55;
}
