/* stress.h - random programs over the runtime, checked against what it promises.
 *
 * Needs nothing but the runtime, so that it can be built for another machine. A round is
 * one random program, a function of its seed: which tasks and threads there are, over
 * which channels or locks, and which of the operations each may use (a random subset, for
 * bugs hide from programs that do everything at once: Groce, Zhang, Eide, Chen and Regehr,
 * "Swarm Testing", 2012). A round that stops moving is a lost wake-up.
 */
#ifndef STRESS_H
#define STRESS_H

#include "chanrt.h"

#include <stdatomic.h>

/* splitmix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014. */
struct dice { uint64_t state; };
uint64_t dice_next(struct dice *d);
unsigned dice_below(struct dice *d, unsigned n);
static inline bool dice_one_in(struct dice *d, unsigned n)
{
    return dice_below(d, n) == 0;
}

struct options {
    uint64_t ops;               /* stop after so many operations */
    uint64_t seed;              /* of the whole run; round r uses dice at seed + r */
    int64_t  round;             /* >= 0: this one alone */
    bool     channels, locks;   /* kinds of rounds */
    bool     threads;           /* OS threads take part */
    bool     busy;              /* main computes and polls instead of waiting */
    int64_t  patience;          /* nanoseconds without movement that mean a lost wake-up */
};

/* One round of about so many operations. Returns how many there were. */
uint64_t channels_round(struct dice dice, const struct options *options);
uint64_t brief_round(struct dice dice, const struct options *options);
uint64_t locks_round(struct dice dice, const struct options *options);

/* Says what went wrong and how to see it again, and aborts. */
_Noreturn void stress_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An actor did something. Each has a counter of its own, which the watchdog adds up. */
enum { STRESS_ACTORS = 64 };
void     stress_moved(unsigned actor);
uint64_t stress_moves(void);

int64_t stress_now(void);       /* CLOCK_MONOTONIC, nanoseconds */

/* How main waits for a round to end: in the runtime, or busy. */
void stress_wait(wait_group_t *wg, atomic_int *left, bool busy);

/* Run fn(arg) as a task, or as an OS thread that stress_join waits for. */
void stress_start(task_fn *fn, void *arg, bool as_thread);
void stress_join(void);

#endif
