/* sensor_hub: a hub without alarms has no channel for them, and the sensor asks
 * before it sends.
 */
#include <stdlib.h>

#include <chanrt.h>

struct hub {
	chan_t *readings;		/* int */
	chan_t *alarms;			/* int; only with HUB_ALARMS */
};

struct sensor {
	struct hub *hub;
	const int  *values;
	size_t      count;
};

enum hub_flags { HUB_PLAIN = 0, HUB_ALARMS = 1 };
enum { TOO_HOT = 80 };

static struct hub *hub_create(unsigned flags)
{
	struct hub *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	h->readings = chan_make(int, 4);
	if (flags & HUB_ALARMS)
		h->alarms = chan_make(int, 4);
	return h;
}

static void hub_destroy(struct hub *h)
{
	chan_release(h->alarms);
	chan_release(h->readings);
	free(h);
}

static void raise_alarm(struct hub *h, int value)
{
	if (!h->alarms)
		return;
	chan_send(h->alarms, &value);
}

static void sensor_main(void *arg)
{
	struct sensor *s = arg;

	for (size_t i = 0; i < s->count; i++) {
		chan_send(s->hub->readings, &s->values[i]);
		if (s->values[i] > TOO_HOT)
			raise_alarm(s->hub, s->values[i]);
	}
	chan_close(s->hub->readings);
}

int main(void)
{
	static const int values[] = { 20, 21, 93, 22 };
	struct hub *h = hub_create(HUB_PLAIN);

	task_go(sensor_main, (struct sensor){ h, values, 4 });
	chan_range(int, value, h->readings)
		printf("%d degrees\n", value);
	hub_destroy(h);
	return 0;
}
