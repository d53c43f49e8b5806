/* weather_survey: a task for each station measures and hands its reading over. What it was
 * told stands in a variable of the function that waits for the reading, and the station
 * looks there once more when the reading has gone.
 */
#include <chanrt.h>
#include <stdio.h>

enum { STATIONS = 3, READINGS = 2 };

struct survey {
	int     station;
	int     readings;
	chan_t *out;			/* of int */
};

static int measure(int station, int turn)
{
	task_sleep(TASK_MILLISECOND);
	return 10 * station + turn;
}

static void station_run(void *arg)
{
	struct survey *s = arg;

	for (int i = 0; i < s->readings; i++) {
		int degrees = measure(s->station, i);

		chan_send(s->out, &degrees);
	}
}

static int survey(int station)
{
	struct survey s = { station, READINGS, chan_make(int, 0) };
	int sum = 0;

	task_spawn(station_run, &s); // leak: escaping-argument; unseen: the count is read in time or not, nothing waits
	for (int i = 0; i < READINGS; i++) {
		int degrees;

		chan_recv(s.out, &degrees);
		sum += degrees;
	}
	return sum / READINGS;
}

int main(void)
{
	for (int station = 1; station <= STATIONS; station++)
		printf("station %d: %d degrees\n", station, survey(station));
	return 0;
}
