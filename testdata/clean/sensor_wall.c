/* sensor_wall: one reading from each of twenty sensors, taken as they come by a select over
 * all of them. A sensor that has spoken is taken out of the select by a NULL channel.
 */
// not explored: a select of so many cases
#include <chanrt.h>
#include <stdio.h>

#define SENSORS 20

struct sensor {
	chan_t *readings;
	int     number;
};

static void measure(void *arg)
{
	struct sensor *s = arg;
	int reading = 15 + s->number % 7;

	chan_send(s->readings, &reading);
}

int main(void)
{
	chan_case_t cases[SENSORS];
	chan_t *readings[SENSORS];
	int reading, sum = 0;

	for (int i = 0; i < SENSORS; i++) {
		readings[i] = chan_make(int, 0);
		cases[i] = (chan_case_t)CHAN_RECV(readings[i], &reading);
		task_go(measure, (struct sensor){ readings[i], i });
	}
	for (int i = 0; i < SENSORS; i++) {
		int ready = chan_select_n(cases, SENSORS);

		sum += reading;
		cases[ready].ch = NULL;
	}
	for (int i = 0; i < SENSORS; i++)
		chan_release(readings[i]);
	printf("mean %d\n", sum / SENSORS);
	return 0;
}
