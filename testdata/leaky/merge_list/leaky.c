/* merge_list: fan_in(n, ...) starts a forwarder for each source and closes when the last ends; two sources share one countdown that starts one too high */
#include "chanrt.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>

struct merge {
	chan_t    *out;         /* int */
	atomic_int running;
};

struct forward { struct merge *m; chan_t *in; };

static void forward(void *arg)
{
	struct forward *f = arg;

	chan_range(int, v, f->in)
		chan_send(f->m->out, &v);
	if (atomic_fetch_sub(&f->m->running, 1) == 1)
		chan_close(f->m->out);
}

static chan_t *fan_in(int n, ...)
{
	struct merge *m = malloc(sizeof *m);
	va_list ap;

	if (m == NULL)
		abort();
	m->out = chan_make(int, 0);
	atomic_init(&m->running, n);
	va_start(ap, n);
	for (int i = 0; i < n; i++) {
		chan_t *in = va_arg(ap, chan_t *);

		if (in == NULL)
			continue;
		task_go(forward, (struct forward){ m, in });
	}
	va_end(ap);
	return m->out;
}

static void count_to(void *arg)
{
	chan_t *out = arg;

	for (int i = 1; i <= 3; i++)
		chan_send(out, &i);
	chan_close(out);
}

static chan_t *source(bool enabled)
{
	chan_t *c;

	if (!enabled)
		return NULL;
	c = chan_make(int, 0);
	task_spawn(count_to, c);
	return c;
}

int main(int argc, char **argv)
{
	chan_t *all = fan_in(2, source(true), source(argc > 1 && argv[1][0] != 0));
	int sum = 0;

	chan_range(int, v, all) // leak: unclosed-range
		sum += v;
	printf("%d\n", sum);
	return 0;
}
