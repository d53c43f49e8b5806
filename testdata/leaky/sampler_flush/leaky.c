/* A meter's task writes its sum out after each fourth sample, for as long as samples come. Stopping it
 * waits for the task with the meter locked, and the task may want that lock for its last sum. */
#include "chanrt.h"

struct meter {
	task_mutex_t lock;
	chan_t      *samples;   /* long */
	chan_t      *stop;
	chan_t      *stopped;
	long         sum, written;
	unsigned     count;
};

static void meter_write(struct meter *m)
{
	task_mutex_lock(&m->lock); // leak: circular-wait
	m->written += m->sum;
	m->sum = 0;
	task_mutex_unlock(&m->lock);
}

static void meter_task(void *arg)
{
	struct meter *m = arg;
	long v;

	for (;;) {
		switch (chan_select(CHAN_RECV(m->samples, &v), CHAN_RECV(m->stop, NULL))) {
		case 0:
			m->sum += v;
			if (++m->count % 4 == 0)
				meter_write(m);
			continue;
		case 1:
			meter_write(m);
			break;
		}
		break;
	}
	chan_close(m->stopped);
}

static long meter_stop(struct meter *m)
{
	long written;

	task_mutex_lock(&m->lock);
	chan_close(m->stop);
	chan_recv(m->stopped, NULL); // leak: circular-wait
	written = m->written;
	task_mutex_unlock(&m->lock);
	return written;
}

static void sensor(void *arg)
{
	struct meter *m = arg;

	for (long v = 1; ; v++)
		if (chan_select(CHAN_SEND(m->samples, &v), CHAN_RECV(m->stop, NULL)) == 1)
			return;
}

int main(void)
{
	static struct meter m;

	m.samples = chan_make(long, 1);
	m.stop = chan_create(0, 0);
	m.stopped = chan_create(0, 0);
	task_spawn(meter_task, &m);
	task_spawn(sensor, &m);
	task_sleep(20 * TASK_MILLISECOND);
	printf("%ld\n", meter_stop(&m));
	return 0;
}
