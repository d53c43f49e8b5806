/* Article on goroutine patterns, "fan-out fan-in": workers read one input, and a
 * task for each of them merges their outputs into one channel. Here both
 * have forgotten the context: when main has enough and cancels, everybody with an
 * answer in hand is stuck.
 */
#include <stdlib.h>

#include <chanrt.h>

enum { WORKERS = 2, NUMBERS = 8, WANTED = 3 };

typedef int processor_fn(int);

struct worker {
	ctx_t        *ctx;
	chan_t       *input;		/* int */
	chan_t       *output;		/* int, closed by the worker */
	processor_fn *processor;
};

struct merge {
	ctx_t        *ctx;
	chan_t       *from;		/* int */
	chan_t       *merged;		/* int */
	wait_group_t *open;		/* merges not yet finished */
};

struct closer {
	chan_t       *merged;
	wait_group_t *open;
};

/* Both return false when ctx was cancelled first; read also on a closed channel. */
static bool read_number(ctx_t *ctx, chan_t *ch, int *value)
{
	(void)ctx;
	return chan_recv(ch, value);
}

static bool write_number(ctx_t *ctx, chan_t *ch, int value)
{
	(void)ctx;
	chan_send(ch, &value); // leak: forgotten-sender
	return true;
}

static void worker_main(void *arg)
{
	struct worker *w = arg;
	int value;

	while (read_number(w->ctx, w->input, &value))
		if (!write_number(w->ctx, w->output, w->processor(value)))
			break;
	chan_close(w->output);
	ctx_release(w->ctx);
}

static chan_t *start_worker(ctx_t *ctx, chan_t *input, processor_fn *processor)
{
	chan_t *output = chan_make(int, 0);

	task_go(worker_main, (struct worker){ ctx_retain(ctx), input, output, processor });
	return output;
}

static void fan_out(ctx_t *ctx, chan_t *input, int workers, processor_fn *processor,
		    chan_t **outputs)
{
	for (int i = 0; i < workers; i++)
		outputs[i] = start_worker(ctx, input, processor);
}

static void merge_main(void *arg)
{
	struct merge *m = arg;
	int value;

	while (read_number(m->ctx, m->from, &value))
		if (!write_number(m->ctx, m->merged, value))
			break;
	ctx_release(m->ctx);
	wait_group_done(m->open);
}

/* Closes the merged channel after all inputs are done. */
static void close_merged(void *arg)
{
	struct closer *c = arg;

	wait_group_wait(c->open); // leak-secondary
	chan_close(c->merged);
	free(c->open);
}

static chan_t *fan_in(ctx_t *ctx, chan_t **channels, int count)
{
	chan_t *merged = chan_make(int, 0);
	wait_group_t *open = calloc(1, sizeof(*open));

	if (!open)
		abort();
	wait_group_add(open, count);
	for (int i = 0; i < count; i++)
		task_go(merge_main, (struct merge){ ctx_retain(ctx), channels[i], merged, open });
	task_go(close_merged, (struct closer){ merged, open });
	return merged;
}

static int square(int n)
{
	return n * n;
}

int main(void)
{
	ctx_t *ctx ctx_scoped = ctx_with_cancel(ctx_background());
	chan_t *input = chan_make(int, NUMBERS);
	chan_t *outputs[WORKERS], *merged;
	int wanted = WANTED;

	for (int i = 0; i < NUMBERS; i++)
		chan_send(input, &i);
	chan_close(input);

	fan_out(ctx, input, WORKERS, square, outputs);
	merged = fan_in(ctx, outputs, WORKERS);

	/* The first few answers are enough. */
	chan_range(int, value, merged) {
		printf("%d\n", value);
		if (--wanted == 0)
			break;
	}
	return 0;
}
