/* named_partitions: workers are found by names made with snprintf; the one for the last partition is registered under another name */
#include "chanrt.h"
#include <stdlib.h>
#include <string.h>

#define PARTS 3

struct worker { char name[16]; chan_t *in; chan_t *out; struct worker *next; };
struct group { struct worker *head; chan_t *out; };

static void worker_task(void *arg)
{
	struct worker *w = arg;
	int v;

	while (chan_recv(w->in, &v)) { // leak: unclosed-range
		v *= 2;
		chan_send(w->out, &v);
	}
}

static void group_add(struct group *g, int part)
{
	struct worker *w = calloc(1, sizeof *w);

	if (w == NULL)
		abort();
	snprintf(w->name, sizeof w->name, part < 2 ? "part-%d" : "part_%d", part);
	w->in = chan_make(int, 0);
	w->out = g->out;
	w->next = g->head;
	g->head = w;
	task_spawn(worker_task, w);
}

static struct worker *group_find(struct group *g, int part)
{
	char name[16];

	snprintf(name, sizeof name, "part-%d", part);
	for (struct worker *w = g->head; w != NULL; w = w->next)
		if (strcmp(w->name, name) == 0)
			return w;
	return NULL;
}

int main(void)
{
	struct group g = { NULL, chan_make(int, PARTS) };
	int sum = 0;

	for (int part = 0; part < PARTS; part++)
		group_add(&g, part);
	for (int part = 0; part < PARTS; part++) {
		struct worker *w = group_find(&g, part);
		int v = part + 1;

		if (w == NULL)
			continue;
		chan_send(w->in, &v);
		chan_recv(g.out, &v);
		sum += v;
	}
	for (int part = 0; part < PARTS; part++) {
		struct worker *w = group_find(&g, part);

		if (w != NULL)
			chan_close(w->in);
	}
	printf("%d\n", sum);
	return 0;
}
