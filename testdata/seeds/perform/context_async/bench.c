/* Article "Leaky Go Channels", BenchmarkContextAsync: no task stays, but the
 * benchmark throws its cancel function away ("ctx, _ :="), so the contexts do.
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
		ctx_t *ctx = ctx_with_cancel(ctx_background()); // leak: lost-cancel

		context_async(ctx);
	}
	printf("context_async: %.0f ns/op\n", (seconds() - start) * 1e9 / BENCH_ROUNDS);
	return 0;
}
