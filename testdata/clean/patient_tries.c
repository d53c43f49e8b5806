/* A field hospital's radio: stations call a number of times, or with -1 until they are heard; the relay repeats
 * what it is told a number of times, or with a negative number until it is switched off. */
#include "chanrt.h"

#include <errno.h>

struct relay {
	task_mutex_t lock;
	int          on_air;    /* station that is being heard; 0: none */
	bool         tuned;
	int          repeats;
};

/* Wait until the frequency is tuned. tries < 0: as long as it takes. */
static int station_call(struct relay *r, int station, int tries)
{
	int rc = -ETIMEDOUT;

	task_mutex_lock(&r->lock);
	while (!r->tuned && tries-- != 0) {
		task_mutex_unlock(&r->lock);
		task_sleep(TASK_MILLISECOND);
		task_mutex_lock(&r->lock);
	}
	if (r->tuned) {
		r->on_air = station;
		rc = 0;
	}
	task_mutex_unlock(&r->lock);
	return rc;
}

struct order {
	struct relay *relay;
	chan_t       *off;
	chan_t       *silent;
	int           times;
};

static void repeat(void *arg)
{
	struct order *o = arg;

	for (int i = 0; o->times < 0 || i < o->times; i++) {
		if (chan_select_timeout(TASK_MILLISECOND, CHAN_RECV(o->off, NULL)) == 0)
			break;
		task_mutex_lock(&o->relay->lock);
		if (o->relay->on_air != 0)
			o->relay->repeats++;
		task_mutex_unlock(&o->relay->lock);
	}
	chan_send(o->silent, NULL);
}

static void tune(void *arg)
{
	struct relay *r = arg;

	task_sleep(3 * TASK_MILLISECOND);
	task_mutex_lock(&r->lock);
	r->tuned = true;
	task_mutex_unlock(&r->lock);
}

int main(void)
{
	static struct relay r;
	chan_t *off = chan_create(0, 0), *silent = chan_create(0, 0);

	task_spawn(tune, &r);
	task_go(repeat, (struct order){ &r, off, silent, -1 });
	if (station_call(&r, 3, 2) != 0)
		puts("station 3 gives up");
	if (station_call(&r, 7, -1) == 0)
		puts("station 7 is heard");
	chan_close(off);
	chan_recv(silent, NULL);
	chan_release(off);
	chan_release(silent);
	return 0;
}
