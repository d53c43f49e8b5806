/* event_sizes: events have got a time, and most who take them still have room for the
 * kind only.
 *
 * schedule: rare - what lies behind the variable is overwritten, which does not show
 */
#include <chanrt.h>

struct event {
	int64_t at;
	int     kind;
};

struct desk {
	chan_t *events;			/* struct event, closed after the last */
	chan_t *stop;			/* closed */
	int     seen[4];
};

static void report(void *arg)
{
	struct desk *d = arg;

	for (int i = 0; i < 4; i++) {
		struct event e = { .at = i, .kind = i % 2 };

		chan_send(d->events, &e);
	}
	chan_close(d->events);
}

static bool desk_wait(struct desk *d)
{
	int kind[1];

	switch (chan_select(CHAN_RECV(d->events, kind), // leak: element-size; unseen: a receive of the wrong size takes what comes
			    CHAN_RECV(d->stop, NULL))) {
	case 0:
		d->seen[0] = kind[0];
		return true;
	default:
		return false;
	}
}

static void desk_peek(struct desk *d)
{
	struct event e;
	int kind[1];

	if (chan_try_recv(d->events, kind)) // leak: element-size; unseen: a receive of the wrong size takes what comes
		d->seen[1] = kind[0];
	if (chan_poll(CHAN_RECV(d->events, &e)) == 0)
		d->seen[2] = e.kind;
}

int main(int argc, char **argv)
{
	struct desk d = { .events = chan_make(struct event, 0), .stop = chan_create(0, 0) };

	(void)argv;
	task_spawn(report, &d);
	if (argc > 1 && desk_wait(&d))
		desk_peek(&d);
	chan_range(struct event, e, d.events)
		d.seen[3] += e.kind;
	printf("%d %d %d %d\n", d.seen[0], d.seen[1], d.seen[2], d.seen[3]);
	chan_release(d.events);
	chan_release(d.stop);
	return 0;
}
