/* barrier: all walkers meet after each leg; the last to arrive opens the next one by
 * closing the channel the others wait on, and puts a fresh one in its place.
 */
#include <chanrt.h>

#define WALKERS 3
#define LEGS    4

struct barrier {
	task_mutex_t mu;
	int          missing;		/* under mu */
	chan_t      *open;		/* under mu; closed when all are there */
};

struct walker {
	struct barrier *barrier;
	wait_group_t   *wg;
};

static void barrier_init(struct barrier *b)
{
	b->missing = WALKERS;
	b->open = chan_create(0, 0);
}

static void barrier_wait(struct barrier *b)
{
	chan_t *open;

	task_mutex_lock(&b->mu);
	if (--b->missing == 0) {
		chan_close(b->open);
		chan_release(b->open);
		barrier_init(b);
		task_mutex_unlock(&b->mu);
		return;
	}
	open = chan_retain(b->open);
	task_mutex_unlock(&b->mu);
	chan_recv(open, NULL);
	chan_release(open);
}

static void walk(void *arg)
{
	struct walker *w = arg;

	for (int leg = 0; leg < LEGS; leg++)
		barrier_wait(w->barrier);
	wait_group_done(w->wg);
}

int main(void)
{
	static struct barrier barrier;
	wait_group_t wg = { 0 };

	barrier_init(&barrier);
	wait_group_add(&wg, WALKERS);
	for (int i = 0; i < WALKERS; i++)
		task_go(walk, (struct walker){ &barrier, &wg });
	wait_group_wait(&wg);
	chan_release(barrier.open);
	return 0;
}
