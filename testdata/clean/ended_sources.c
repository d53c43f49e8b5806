/* ended_sources: as many cases as there are sources, in an array of variable length; ended sources are taken out by moving the last one into their place */
#include "chanrt.h"
#include <stdlib.h>
#include <string.h>

struct source { chan_t *out; int items; };

static void source_run(void *arg)
{
	struct source *s = arg;

	for (int i = 1; i <= s->items; i++)
		chan_send(s->out, &i);
	chan_close(s->out);
}

static int merge(chan_t *const *from, size_t n)
{
	chan_case_t cases[n + 1];
	int value, sum = 0;
	bool open;

	for (size_t i = 0; i < n; i++)
		cases[i] = (chan_case_t){ CHAN_OP_RECV, from[i], &value, &open };
	while (n > 0) {
		int at = chan_select_n(cases, n);

		if (open)
			sum += value;
		else if ((size_t)at != --n)
			memcpy(&cases[at], &cases[n], sizeof cases[n]);
	}
	return sum;
}

int main(void)
{
	chan_t **from = NULL;
	size_t n = 0;

	for (int i = 0; i < 3; i++) {
		chan_t **grown = realloc(from, (n + 1) * sizeof *from);

		if (grown == NULL)
			abort();
		from = grown;
		from[n] = chan_make(int, (size_t)i % 2);
		task_go(source_run, (struct source){ from[n], i });
		n++;
	}
	printf("%d\n", merge(from, n));
	free(from);
	return 0;
}
