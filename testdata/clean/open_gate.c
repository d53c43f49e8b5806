/* open_gate: everybody passes a gate that is closed as a channel once and stays open, on
 * every round; what they wait for in between are jobs.
 */
#include <chanrt.h>

enum { WORKERS = 2, JOBS = 5 };

struct shop {
	chan_t      *opened;		/* closed once the shop is open */
	chan_t      *jobs;		/* int */
	wait_group_t gone;
};

static void work(void *arg)
{
	struct shop *s = arg;
	int job;

	for (;;) {
		chan_recv(s->opened, NULL);
		if (!chan_recv(s->jobs, &job))
			break;
		printf("job %d\n", job);
	}
	wait_group_done(&s->gone);
}

int main(void)
{
	static struct shop shop;

	shop.opened = chan_create(0, 0);
	shop.jobs = chan_make(int, 2);
	wait_group_add(&shop.gone, WORKERS);
	for (int i = 0; i < WORKERS; i++)
		task_spawn(work, &shop);
	chan_close(shop.opened);
	for (int job = 0; job < JOBS; job++)
		chan_send(shop.jobs, &job);
	chan_close(shop.jobs);
	wait_group_wait(&shop.gone);
	return 0;
}
