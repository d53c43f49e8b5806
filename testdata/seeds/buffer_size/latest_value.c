/* Article on goroutine patterns, "channel size": three sizes with a reason. One
 * slot per item, one per worker (a rate limit), and one for the latest value only.
 */
#include <chanrt.h>

enum { ITEMS = 6, WORKERS = 2 };

struct measuring {
	chan_t *items;		/* int, a slot for each item */
	chan_t *limit;		/* signals, a slot for each worker at work */
	chan_t *latest;		/* int, one slot */
	wait_group_t *wg;
	int     n;
};

/* Replaces what is in the slot; other tasks may do the same meanwhile. */
static void publish(chan_t *latest, int value)
{
	while (!chan_try_send(latest, &value)) {
		int old;

		chan_try_recv(latest, &old);
	}
}

static void measure(void *arg)
{
	struct measuring *m = arg;
	int value = m->n * 10;

	chan_send(m->limit, NULL);
	chan_send(m->items, &value);
	publish(m->latest, value);
	chan_recv(m->limit, NULL);
	wait_group_done(m->wg);
}

int main(void)
{
	chan_t *items = chan_make(int, ITEMS);
	chan_t *limit = chan_create(0, WORKERS);
	chan_t *latest = chan_make(int, 1);
	wait_group_t wg = { 0 };
	int value;

	wait_group_add(&wg, ITEMS);
	for (int n = 0; n < ITEMS; n++)
		task_go(measure, (struct measuring){ items, limit, latest, &wg, n });
	wait_group_wait(&wg);

	if (chan_try_recv(latest, &value))
		printf("latest %d of %zu\n", value, chan_len(items));
	return 0;
}
