/* last_reading: a meter keeps the last reading in the variable it receives into. When it is stopped it says
 * goodbye only if that was not said before: the last reading decides, long after it was received.
 */
#include <chanrt.h>

enum { METERS = 3, READINGS = 4, END = -1 };

struct meter {
	chan_t *readings;		/* int; END: no more will come, and the total is wanted */
	chan_t *stop;			/* a signal, by closing it */
	chan_t *totals;			/* long, unbuffered: one of each meter */
};

static void meter_main(void *arg)
{
	struct meter *m = arg;
	int reading = 0;
	long total = 0;

	for (;;) {
		chan_case_t next[] = { CHAN_RECV(m->readings, &reading), CHAN_RECV(m->stop, NULL) };

		if (chan_select_n(next, 2) == 1)
			break;
		if (reading == END)
			chan_send(m->totals, &total);
		else
			total += reading;
	}
	if (reading != END)		/* nobody has got it yet */
		chan_send(m->totals, &total);
}

int main(void)
{
	static struct meter meters[METERS];
	long total, sum = 0;

	for (int i = 0; i < METERS; i++) {
		meters[i] = (struct meter){ chan_make(int, 0), chan_make(char, 0), chan_make(long, 0) };
		task_spawn(meter_main, &meters[i]);
	}
	for (int i = 0; i < METERS; i++) {
		bool asks = i % 2 == 0;
		int reading;

		for (reading = 1; reading <= READINGS; reading++)
			chan_send(meters[i].readings, &reading);
		if (asks) {
			reading = END;
			chan_send(meters[i].readings, &reading);
			chan_recv(meters[i].totals, &total);
		}
		chan_close(meters[i].stop);
		if (!asks)
			chan_recv(meters[i].totals, &total);
		sum += total;
	}
	printf("%ld\n", sum);
	return 0;
}
