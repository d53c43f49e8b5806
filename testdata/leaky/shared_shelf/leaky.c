/* shared_shelf: those who fill the shelf and those who empty it wait on one condition, and
 * a signal wakes one of them: perhaps one who still has nothing to do.
 */
#include <chanrt.h>

#define BAKERS    2
#define CUSTOMERS 2
#define LOAVES    2			/* of each */

struct shelf {
	task_mutex_t lock;
	task_cond_t  changed;		/* with lock */
	int          loaves;		/* under lock: 0 or 1 */
	wait_group_t busy;
};

static void loaf_put(struct shelf *s)
{
	task_mutex_lock(&s->lock);
	while (s->loaves == 1)
		task_cond_wait(&s->changed, &s->lock); // leak: stuck-wait
	s->loaves++;
	task_cond_signal(&s->changed);
	task_mutex_unlock(&s->lock);
}

static void loaf_take(struct shelf *s)
{
	task_mutex_lock(&s->lock);
	while (s->loaves == 0)
		task_cond_wait(&s->changed, &s->lock); // leak: stuck-wait
	s->loaves--;
	task_cond_signal(&s->changed);
	task_mutex_unlock(&s->lock);
}

static void baker(void *arg)
{
	for (int i = 0; i < LOAVES; i++)
		loaf_put(arg);
	wait_group_done(&((struct shelf *)arg)->busy);
}

static void customer(void *arg)
{
	for (int i = 0; i < LOAVES; i++)
		loaf_take(arg);
	wait_group_done(&((struct shelf *)arg)->busy);
}

int main(void)
{
	static struct shelf shelf;

	wait_group_add(&shelf.busy, BAKERS + CUSTOMERS);
	for (int i = 0; i < BAKERS; i++)
		task_spawn(baker, &shelf);
	for (int i = 0; i < CUSTOMERS; i++)
		task_spawn(customer, &shelf);
	wait_group_wait(&shelf.busy); // leak-secondary
	printf("%d left\n", shelf.loaves);
	return 0;
}
