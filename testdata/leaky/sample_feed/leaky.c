/* sample_feed: 20,000 samples, of which the first calibrates the scale and is taken for
 * one of the 20,000. The last one finds nobody.
 */
#include <chanrt.h>

enum { SAMPLES = 20000 };

static void sensor(void *arg)
{
	chan_t *samples = arg;

	for (int i = 0; i < SAMPLES; i++)
		chan_send(samples, &i);
}

static int calibrate(chan_t *samples)
{
	int zero;

	chan_recv(samples, &zero);
	return zero;
}

/* The mean of so many samples. */
static double mean(chan_t *samples, int zero, int count)
{
	double sum = 0;

	for (int i = 0; i < count; i++) {
		int sample;

		chan_recv(samples, &sample); // leak: forgotten-receiver
		sum += sample - zero;
	}
	return sum / count;
}

int main(void)
{
	chan_t *samples = chan_make(int, 0);
	int zero;

	task_spawn(sensor, samples);
	zero = calibrate(samples);
	printf("%g\n", mean(samples, zero, SAMPLES));
	chan_release(samples);
	return 0;
}
