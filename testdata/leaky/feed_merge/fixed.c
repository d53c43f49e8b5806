/* feed_merge: two price feeds become one, until both have ended. A feed that has ended is
 * set to NULL, and the select passes it over.
 */
#include <chanrt.h>

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

static void merger_run(void *arg)
{
	struct merger *m = arg;

	while (m->left || m->right) {
		int price;
		bool ok;

		switch (chan_select(CHAN_RECV_OK(m->left, &price, &ok), CHAN_RECV_OK(m->right, &price, &ok))) {
		case 0:
			if (!ok)
				m->left = NULL;
			break;
		case 1:
			if (!ok)
				m->right = NULL;
			break;
		}
		if (ok)
			chan_send(m->out, &price);
	}
	chan_close(m->out);
}

int main(void)
{
	chan_t *left = chan_make(int, 0), *right = chan_make(int, 0), *out = chan_make(int, 0);

	task_go(feed_run, (struct feed){ left, 100, 2 });
	task_go(feed_run, (struct feed){ right, 200, 1 });
	task_go(merger_run, (struct merger){ left, right, out });
	chan_range(int, price, out)
		printf("%d\n", price);
	return 0;
}
