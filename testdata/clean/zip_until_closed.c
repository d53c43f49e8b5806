/* zip_until_closed: two inputs are merged by one select. A closed one becomes NULL;
 * when both are, the loop ends instead of waiting on two NULL channels for ever.
 */
#include <chanrt.h>

struct feed {
	chan_t *out;			/* int, closed after count numbers */
	int     first;
	int     count;
};

static void feed_main(void *arg)
{
	struct feed *f = arg;

	for (int i = 0; i < f->count; i++) {
		int n = f->first + i;

		chan_send(f->out, &n);
	}
	chan_close(f->out);
}

static void merge(chan_t *a, chan_t *b, chan_t *out)
{
	while (a || b) {
		bool ok = true;
		int n;
		int ready = chan_select(CHAN_RECV_OK(a, &n, &ok), CHAN_RECV_OK(b, &n, &ok));

		if (ok)
			chan_send(out, &n);
		else if (ready == 0)
			a = NULL;
		else
			b = NULL;
	}
	chan_close(out);
}

struct merging {
	chan_t *a, *b, *out;
};

static void merge_main(void *arg)
{
	struct merging *m = arg;

	merge(m->a, m->b, m->out);
}

int main(void)
{
	chan_t *a = chan_make(int, 0), *b = chan_make(int, 2), *out = chan_make(int, 0);
	int sum = 0;

	task_go(feed_main, (struct feed){ a, 10, 3 });
	task_go(feed_main, (struct feed){ b, 20, 0 });
	task_go(merge_main, (struct merging){ a, b, out });

	chan_range(int, n, out)
		sum += n;
	printf("%d\n", sum);
	return sum == 33 ? 0 : 1;
}
