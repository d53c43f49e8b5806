/* station_desk: weather stations report to one desk, over a list of cases that a helper builds: as
 * many stations as there are. The desk goes home when the first station closes
 * down, and nobody takes what the other still sends.
 */
#include <chanrt.h>

enum { STATIONS = 2 };

struct station {
	chan_t *readings;		/* int */
	int     id, count;
};

struct desk {
	chan_case_t cases[STATIONS];
	int         reading[STATIONS];
	bool        ok[STATIONS];
	size_t      stations;
};

static void station_run(void *arg)
{
	struct station *s = arg;

	for (int i = 0; i < s->count; i++) {
		int reading = 10 * s->id + i;

		chan_send(s->readings, &reading);	// leak: forgotten-sender
	}
	chan_close(s->readings);
}

static chan_case_t reading_of(chan_t *readings, int *reading, bool *ok)
{
	return (chan_case_t)CHAN_RECV_OK(readings, reading, ok);
}

static void desk_add(struct desk *d, chan_t *readings)
{
	size_t i = d->stations++;

	d->cases[i] = reading_of(readings, &d->reading[i], &d->ok[i]);
}

/* Takes readings until a station has closed down. */
static int desk_run(struct desk *d)
{
	size_t open = d->stations;
	int taken = 0;

	while (open > 0) {
		int from = chan_select_n(d->cases, d->stations);

		if (d->ok[from]) {
			printf("station %d: %d\n", from, d->reading[from]);
			taken++;
			continue;
		}
		break;
	}
	return taken;
}

int main(void)
{
	struct desk desk = { .stations = 0 };

	for (int i = 0; i < STATIONS; i++) {
		chan_t *readings = chan_make(int, 0);

		task_go(station_run, (struct station){ readings, i, 2 });
		desk_add(&desk, readings);
	}
	printf("%d readings\n", desk_run(&desk));
	return 0;
}
