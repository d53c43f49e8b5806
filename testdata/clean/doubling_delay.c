/* doubling_delay: delays double from 1 to a second in microseconds: twenty of them, and
 * twenty are taken.
 */
#include <chanrt.h>

enum { FIRST = 1, LAST = 1 << 19, STEPS = 20 };

static void delays(void *arg)
{
	chan_t *out = arg;

	for (int delay = FIRST; delay <= LAST; delay *= 2)
		chan_send(out, &delay);
}

static long take(chan_t *in, int steps)
{
	long sum = 0;

	for (int i = 0; i < steps; i++) {
		int delay;

		chan_recv(in, &delay);
		sum += delay;
	}
	return sum;
}

int main(void)
{
	chan_t *ch = chan_make(int, 0);

	task_spawn(delays, ch);
	printf("%ld microseconds in all\n", take(ch, STEPS));
	return 0;
}
