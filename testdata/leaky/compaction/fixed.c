/* compaction: the compactor is woken through a channel of one; a request while it is busy is dropped, and the one who made it waits for a run that does not come */
#include "chanrt.h"
#include <stdlib.h>

struct compactor {
	task_mutex_t mu;
	task_cond_t  finished;
	chan_t      *wake;      /* one slot */
	chan_t      *quit;
	long         requested, completed;
};

static void compact_once(struct compactor *c)
{
	long upto;

	task_mutex_lock(&c->mu);
	upto = c->requested;
	task_mutex_unlock(&c->mu);
	task_yield();
	task_mutex_lock(&c->mu);
	c->completed = upto;
	task_cond_broadcast(&c->finished);
	task_mutex_unlock(&c->mu);
}

static void compactor_task(void *arg)
{
	struct compactor *c = arg;

	while (chan_select(CHAN_RECV(c->wake, NULL), CHAN_RECV(c->quit, NULL)) == 0)
		compact_once(c);
}

static void compact_and_wait(struct compactor *c)
{
	long ticket;

	task_mutex_lock(&c->mu);
	ticket = ++c->requested;
	task_mutex_unlock(&c->mu);
	chan_try_send(c->wake, NULL);
	task_mutex_lock(&c->mu);
	while (c->completed < ticket)
		task_cond_wait(&c->finished, &c->mu);
	task_mutex_unlock(&c->mu);
}

struct flusher { struct compactor *c; wait_group_t *wg; };

static void flusher_task(void *arg)
{
	struct flusher *f = arg;

	compact_and_wait(f->c);
	wait_group_done(f->wg);
}

int main(void)
{
	static struct compactor c;
	wait_group_t wg = { 0 };

	c.quit = chan_create(0, 0);
	c.wake = chan_create(0, 1);
	task_spawn(compactor_task, &c);
	wait_group_add(&wg, 2);
	for (int i = 0; i < 2; i++)
		task_go(flusher_task, (struct flusher){ &c, &wg });
	wait_group_wait(&wg);
	chan_close(c.quit);
	printf("%ld runs asked for\n", c.requested);
	return 0;
}
