/* shard_rows: a task of its own waits for the shards and closes, the gatherer reads meanwhile */
#include "chanrt.h"
#include <stdlib.h>

struct row { int shard; long key; };

struct gather { chan_t *rows; wait_group_t wg; };
struct shard { struct gather *g; int id; int rows; };

static void shard_scan(void *arg)
{
	struct shard *s = arg;

	for (int i = 0; i < s->rows; i++)
		chan_send(s->g->rows, &(struct row){ s->id, 100L * s->id + i });
	wait_group_done(&s->g->wg);
}

static void gather_close(void *arg)
{
	struct gather *g = arg;

	wait_group_wait(&g->wg);
	chan_close(g->rows);
}

static long gather_sum(struct gather *g)
{
	long sum = 0;

	task_spawn(gather_close, g);
	chan_range(struct row, r, g->rows)
		sum += r.key;
	return sum;
}

int main(int argc, char **argv)
{
	int shards = argc > 1 ? atoi(argv[1]) : 3;
	struct gather g = { .rows = chan_make(struct row, 2) };

	for (int id = 0; id < shards; id++) {
		wait_group_add(&g.wg, 1);
		task_go(shard_scan, (struct shard){ &g, id, id + 1 });
	}
	printf("%ld\n", gather_sum(&g));
	chan_release(g.rows);
	(void)argv;
	return 0;
}
