/* seed.h - seeded runs: one OS thread runs everything, in an order drawn from a seed.
 *
 * In a seeded run every task, and the code of the thread itself, is a context of that one
 * thread. A context gives way at every call of the runtime; which one moves next a
 * chooser says (seed_choice.h), and so it does for timers (seed_time.h): the clock is
 * virtual, nothing sleeps. Nothing else enters: no address, no clock, no thread.
 *
 * Other OS threads may wake a context; that reaches it through a locked inbox, and is all
 * that a seed does not decide.
 */
#ifndef RT_SEED_H
#define RT_SEED_H

#include "task.h"
#include "timer.h"

struct rt_run;                        /* a seeded run */

extern atomic_int rt_seeded_runs;            /* how many there are in this process */

/* The one that the calling thread is running; NULL on any other. */
struct rt_run *rt_run_here(void);

static inline bool rt_seeded(void)
{
    return __builtin_expect(atomic_load_explicit(&rt_seeded_runs, memory_order_relaxed) != 0, 0) &&
           rt_run_here() != NULL;
}

void rt_seed_step(const char *site);

/* The first thing in every call that can affect others: here another context may get its
 * turn. Nothing of the runtime may be locked. site (or NULL) is the call's. */
static inline void rt_step(const char *site)
{
    if (__builtin_expect(atomic_load_explicit(&rt_seeded_runs, memory_order_relaxed) != 0, 0))
        rt_seed_step(site);
}

/* ---- in place of the scheduler, for seeded contexts ---- */

/* True when the new task belongs to a seeded run, which has it now. */
bool rt_seed_start(struct rt_task *task);
_Noreturn void rt_seed_task_main(struct rt_task *task);
void rt_seed_park(struct rt_task *task, void (*commit)(void *), void *arg);
void rt_seed_ready(struct rt_task *task);
void rt_seed_yield(void);
void rt_seed_polled_in_vain(void);

/* Which of n cases, whose indices are in ready, goes ahead: an index into ready. */
size_t rt_seed_case(const unsigned *ready, size_t n);

int64_t rt_seed_now(void);              /* virtual nanoseconds */
void    rt_seed_timer_start(struct rt_timer *timer);
bool    rt_seed_timer_stop(struct rt_timer *timer);

/* ---- running one ---- */

/* The calling thread is seeded from now on, to the end of the process. */
void rt_seed_process(uint64_t seed);

/* A run of its own for the caller, which is no context of it, until rt_run_leave; what
 * is left then never moves again. */
struct rt_run *rt_run_enter(uint64_t seed);
void rt_run_leave(struct rt_run *run);

uint64_t rt_run_seed(const struct rt_run *run);
bool     rt_run_is_process(const struct rt_run *run);

/* Let others move until the tasks with ids from first to last have finished, or none can
 * move any more, or it has taken bound steps or a few more. patience: nanoseconds to wait
 * for other threads once none can move. */
enum rt_settled { RT_FINISHED, RT_STILL, RT_ENDLESS };
enum rt_settled rt_seed_settle(uint64_t first, uint64_t last, uint64_t bound, int64_t patience);

/* The same for all from first on, within a bound that suits what the run has done so far. */
enum rt_settled rt_seed_settle_all(uint64_t first, int64_t patience);

/* The contexts of w with ids from first on (0: main's too), in order, but the running one;
 * allocated.
 * When the settling was endless, those that moved not long ago and wait for another
 * context are left out: they live on what others do. */
struct rt_task **rt_seed_left(struct rt_run *w, uint64_t first, enum rt_settled settled,
                              size_t *count);

/* There is a seeded process, this one. */
bool rt_seed_has_process(void);

/* The calling context is the main one of a seeded process. */
bool rt_seed_is_main(void);

#endif
