/* gate_alarm: a timed wait on a condition, made of a task that broadcasts after the deadline, without taking the mutex
 * schedule: rare - the signal has to come between the look and the wait, a few instructions apart
 */
#include "chanrt.h"
#include <errno.h>
#include <stdlib.h>

struct gate {
	task_mutex_t mu;
	task_cond_t  cv;
	bool         open;
	bool         expired;
};

static void alarm_task(void *arg)
{
	struct gate *g = arg;

	task_sleep(3 * TASK_MILLISECOND);
	g->expired = true;
	task_cond_broadcast(&g->cv);
}

static void log_wait(const struct gate *g)
{
	fprintf(stderr, "gate %p: waiting\n", (const void *)g);
	task_yield();
}

static int gate_wait(struct gate *g)
{
	int rc = 0;

	task_mutex_lock(&g->mu);
	while (!g->open && !g->expired) {
		log_wait(g);
		task_cond_wait(&g->cv, &g->mu); // leak: stuck-wait
	}
	if (!g->open)
		rc = ETIMEDOUT;
	task_mutex_unlock(&g->mu);
	return rc;
}

int main(void)
{
	struct gate *g = calloc(1, sizeof *g);

	if (g == NULL)
		return 1;
	task_spawn(alarm_task, g);
	printf("%d\n", gate_wait(g));
	return 0;
}
