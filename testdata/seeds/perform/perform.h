/* perform.h - three ways to run a long job under a parent that may cancel it.
 *
 * From the article "Leaky Go Channels" (package perform). Each way stands in a
 * folder of its own, with its leak-checked test and its benchmark.
 */
#ifndef PERFORM_H
#define PERFORM_H

#include <chanrt.h>

/* Rounds of work before the simulated error ends the job. The article counts to
 * math.MaxInt32: build with -DITERATIONS=INT32_MAX for its timings. */
#ifndef ITERATIONS
#define ITERATIONS (1 << 20)
#endif

/* How often a benchmark runs its job. */
#ifndef BENCH_ROUNDS
#define BENCH_ROUNDS 8
#endif

/* parent: a channel of signals (element size 0), closed or sent to in order to
 * cancel. Borrowed for the call. */
void selecting(chan_t *parent);
void leaky_async(chan_t *parent);
void context_async(ctx_t *parent);

#endif
