/* Article "Leaky Go Channels", BenchmarkSelecting. */
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

		selecting(c);
		chan_release(c);
	}
	printf("selecting: %.0f ns/op\n", (seconds() - start) * 1e9 / BENCH_ROUNDS);
	return 0;
}
