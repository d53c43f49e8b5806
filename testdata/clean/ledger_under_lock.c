/* ledger_under_lock: the ledger is locked while its owner waits, again and again, for the
 * postings of a clerk. That is safe: the clerk counts under a lock of its own, and looks
 * at the ledger only after the last of them.
 */
#include <chanrt.h>

#define POSTINGS 4

struct ledger {
	task_mutex_t lock;
	long         total;		/* under lock */
	task_mutex_t desk;
	int          posted;		/* under desk */
	chan_t      *slips;		/* int */
	chan_t      *closed;		/* signal */
};

static int clerk_count(struct ledger *l)
{
	int n;

	task_mutex_lock(&l->desk);
	n = ++l->posted;
	task_mutex_unlock(&l->desk);
	return n;
}

static void clerk(void *arg)
{
	struct ledger *l = arg;

	for (int i = 0; i < POSTINGS; i++) {
		int slip = 10 * clerk_count(l);

		chan_send(l->slips, &slip);
	}
	task_mutex_lock(&l->lock);
	printf("total %ld\n", l->total);
	task_mutex_unlock(&l->lock);
	chan_close(l->closed);
}

static void ledger_fill(struct ledger *l)
{
	task_mutex_lock(&l->lock);
	for (int seen = 0, slip; seen < POSTINGS; seen++) {
		chan_recv(l->slips, &slip);
		l->total += slip;
	}
	task_mutex_unlock(&l->lock);
}

int main(void)
{
	struct ledger l = { .slips = chan_make(int, 0), .closed = chan_create(0, 0) };

	task_spawn(clerk, &l);
	ledger_fill(&l);
	chan_recv(l.closed, NULL);
	chan_release(l.slips);
	chan_release(l.closed);
	return 0;
}
