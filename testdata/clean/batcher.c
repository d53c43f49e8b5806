/* batcher: items are gathered until the batch is full or a while has passed; the
 * close flushes what is left. The timeout may fire at any moment.
 */
#include <chanrt.h>

enum { BATCH = 4, ITEMS = 10 };

struct batch {
	int items[BATCH];
	int count;
};

struct batcher {
	chan_t *in;			/* int */
	chan_t *out;			/* struct batch, closed after the last */
};

static void flush(struct batcher *b, struct batch *batch)
{
	if (batch->count == 0)
		return;
	chan_send(b->out, batch);
	batch->count = 0;
}

static void batcher_main(void *arg)
{
	struct batcher *b = arg;
	struct batch batch = { .count = 0 };
	bool open = true;

	while (open) {
		int item;

		switch (chan_select_timeout(2 * TASK_MILLISECOND,
					    CHAN_RECV_OK(b->in, &item, &open))) {
		case 0:
			if (!open)
				break;
			batch.items[batch.count++] = item;
			if (batch.count < BATCH)
				break;
			/* fall through */
		case -1:
			flush(b, &batch);
			break;
		}
	}
	flush(b, &batch);
	chan_close(b->out);
}

static void produce(void *arg)
{
	chan_t *in = arg;

	for (int i = 0; i < ITEMS; i++) {
		chan_send(in, &i);
		if (i == 5)
			task_sleep(4 * TASK_MILLISECOND);
	}
	chan_close(in);
}

int main(void)
{
	struct batcher b = { chan_make(int, 1), chan_make(struct batch, 0) };
	int items = 0;

	task_spawn(produce, b.in);
	task_spawn_copy(batcher_main, &b, sizeof(b));
	chan_range(struct batch, batch, b.out) {
		printf("batch of %d\n", batch.count);
		items += batch.count;
	}
	return items == ITEMS ? 0 : 1;
}
