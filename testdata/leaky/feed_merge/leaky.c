/* feed_merge: two price feeds become one, until both have ended. The merger asks a feed
 * that has ended again and again: its close is always ready, and the count of
 * open feeds never comes down to zero, because a feed is only counted out when
 * it ends with a farewell.
 *
 * schedule: rare - a merger that spins is running, and a run may meet it between two operations
 */
#include <chanrt.h>

enum { FAREWELL = -1 };

struct feed {
	chan_t *prices;			/* int */
	int     first, count;
};

struct merger {
	chan_t *left, *right;		/* int */
	chan_t *out;			/* int */
};

static void feed_run(void *arg)
{
	struct feed *f = arg;

	for (int i = 0; i < f->count; i++) {
		int price = f->first + i;

		chan_send(f->prices, &price);
	}
	chan_close(f->prices);
}

/* Passes a price on. False: it is the feed's last word. */
static bool pass(struct merger *m, int price)
{
	if (price == FAREWELL)
		return false;
	if (price > 0)
		chan_send(m->out, &price);
	return true;
}

static void merger_run(void *arg)
{
	struct merger *m = arg;
	int open = 2;

	while (open > 0) {
		int price = 0;
		bool more = true;

		switch (chan_select(CHAN_RECV(m->left, &price), // leak: spinning-select
				    CHAN_RECV(m->right, &price))) {
		case 0:
			more = pass(m, price);
			break;
		case 1:
			more = pass(m, price);
			break;
		}
		if (!more)
			open--;
	}
	chan_close(m->out);
}

int main(void)
{
	chan_t *left = chan_make(int, 0), *right = chan_make(int, 0), *out = chan_make(int, 0);
	int price;

	task_go(feed_run, (struct feed){ left, 100, 2 });
	task_go(feed_run, (struct feed){ right, 200, 1 });
	task_go(merger_run, (struct merger){ left, right, out });
	for (int n = 0; n < 3; n++) {
		chan_recv(out, &price);
		printf("%d\n", price);
	}
	return 0;
}
