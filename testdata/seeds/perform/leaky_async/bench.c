/* Article "Leaky Go Channels", BenchmarkLeakyAsync: fast, and one task more is
 * blocked for ever after each round.
 */
#include <time.h>

#include "../perform.h"

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(void)
{
	double start = seconds();

	for (int n = 0; n < BENCH_ROUNDS; n++) {
		chan_t *c = chan_create(0, 0);

		leaky_async(c);
		chan_release(c);
	}
	printf("leaky_async: %.0f ns/op, %zu tasks left\n",
	       (seconds() - start) * 1e9 / BENCH_ROUNDS, task_count());
	return 0;
}
