/* broadcast_stop: stopping tells the publisher, and only the publisher closes the
 * channel it sends on.
 */
#include <stdlib.h>

#include <chanrt.h>

struct station {
	chan_t *news;			/* int */
	chan_t *stop;			/* closed by station_stop */
	int     published;
};

static void station_publish(void *arg)
{
	struct station *st = arg;

	for (int issue = 1; issue <= 100; issue++) {
		if (chan_select(CHAN_SEND(st->news, &issue), CHAN_RECV(st->stop, NULL)) == 1)
			break;
		st->published++;
	}
	chan_close(st->news);
}

static struct station *station_start(void)
{
	struct station *st = calloc(1, sizeof(*st));

	if (!st)
		abort();
	st->news = chan_make(int, 2);
	st->stop = chan_create(0, 0);
	task_spawn(station_publish, st);
	return st;
}

static void station_stop(struct station *st)
{
	chan_close(st->stop);
}

static void subscriber(void *arg)
{
	struct station *st = arg;
	int last = 0;

	chan_range(int, issue, st->news) {
		last = issue;
		task_sleep(100 * TASK_MICROSECOND);
	}
	printf("the last issue is %d\n", last);
}

int main(void)
{
	struct station *st = station_start();

	task_spawn(subscriber, st);
	task_sleep(2 * TASK_MILLISECOND);
	station_stop(st);
	task_sleep(5 * TASK_MILLISECOND);
	return 0;
}
