/* feed_table: repaired - every share is read in full */
#include "chanrt.h"
#include <stdlib.h>
#include <string.h>

struct plan {
	const char *name;
	int         items, room, readers;
};

static const struct plan plans[] = {
	{ .name = "nightly", .items = 3000, .room = 2, .readers = 3 },
};

struct feed {
	const struct plan *plan;
	chan_t            *out;         /* int */
	wait_group_t       read;
};

static void feeder(void *arg)
{
	struct feed *f = arg;

	for (int i = 0; i < f->plan->items; i++)
		chan_send(f->out, &i);
}

static int share(const struct plan *p)
{
	return p->items / p->readers;
}

static void reader(void *arg)
{
	struct feed *f = arg;
	int v, sum = 0;

	for (int i = 0; i < share(f->plan); i++) {
		chan_recv(f->out, &v);
		sum += v & 1;
	}
	printf("%d odd ones\n", sum);
	wait_group_done(&f->read);
}

static const struct plan *find_plan(const char *name)
{
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
		if (strcmp(plans[i].name, name) == 0)
			return &plans[i];
	return NULL;
}

static void feed_run(const struct plan *p)
{
	struct feed *f = calloc(1, sizeof *f);

	if (f == NULL)
		abort();
	f->plan = p;
	f->out = chan_make(int, p->room);
	wait_group_add(&f->read, p->readers);
	task_spawn(feeder, f);
	for (int i = 0; i < p->readers; i++)
		task_spawn(reader, f);
	wait_group_wait(&f->read);
}

int main(void)
{
	const struct plan *p = find_plan("nightly");

	if (p == NULL)
		return 2;
	feed_run(p);
	return 0;
}
