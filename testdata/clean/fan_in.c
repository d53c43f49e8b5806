/* fan_in: several producers share one channel, and the task that waits for them all
 * closes it. Some producers have nothing to say.
 */
#include <stdlib.h>

#include <chanrt.h>

enum { PRODUCERS = 4 };

struct line {
	int producer;
	int number;
};

struct collector {
	chan_t      *lines;		/* struct line */
	wait_group_t producers;
};

struct producer {
	struct collector *collector;
	int               id;
};

static void produce(void *arg)
{
	struct producer *p = arg;

	for (int number = 0; number < p->id; number++)
		chan_send(p->collector->lines, &(struct line){ p->id, number });
	wait_group_done(&p->collector->producers);
}

static void close_when_done(void *arg)
{
	struct collector *c = arg;

	wait_group_wait(&c->producers);
	chan_close(c->lines);
}

static struct collector *collector_create(int producers)
{
	struct collector *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->lines = chan_make(struct line, 1);
	wait_group_add(&c->producers, producers);
	for (int id = 0; id < producers; id++)
		task_go(produce, (struct producer){ c, id });
	task_spawn(close_when_done, c);
	return c;
}

/* Once the channel is closed no task touches the collector any more. */
static int collector_drain(struct collector *c)
{
	int count = 0;

	chan_range(struct line, line, c->lines) {
		printf("%d:%d\n", line.producer, line.number);
		count++;
	}
	chan_release(c->lines);
	free(c);
	return count;
}

int main(void)
{
	printf("%d lines\n", collector_drain(collector_create(PRODUCERS)));
	return 0;
}
