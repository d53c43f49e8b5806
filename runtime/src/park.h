/* park.h - leaving a stack, as inline code for the operations that block most.
 *
 * Between a task's own code and the switch there should be few frames: every return behind
 * a switch goes where another task came from, so that the processor guesses it wrong
 * unless both tasks came the same way. A blocking operation ends in a tail call of one
 * function, the same for both sides, into which all of this is inlined.
 */
#ifndef RT_PARK_H
#define RT_PARK_H

#include "fault.h"
#include "supply.h"
#include "switch.h"

#define RT_INLINE static inline __attribute__((always_inline))

RT_INLINE void rt_say_why(struct rt_wait *w, const struct rt_reason *reason, int64_t since)
{
    unsigned version = atomic_load_explicit(&w->version, memory_order_relaxed);

    atomic_store_explicit(&w->version, version + 1, memory_order_relaxed);
    atomic_store_explicit(&w->site, reason->site, memory_order_release);
    atomic_store_explicit(&w->made, reason->made, memory_order_release);
    atomic_store_explicit(&w->capacity, reason->capacity, memory_order_release);
    atomic_store_explicit(&w->object, reason->object, memory_order_release);
    atomic_store_explicit(&w->cases, reason->cases, memory_order_release);
    atomic_store_explicit(&w->since, since, memory_order_release);
    atomic_store_explicit(&w->state, (uint16_t)reason->state, memory_order_release);
    atomic_store_explicit(&w->version, version + 2, memory_order_release);
}

/* t is switched to next. */
RT_INLINE void rt_begin(struct rt_worker *w, struct rt_task *t)
{
    atomic_store_explicit(&w->switches, w->switches + 1, memory_order_relaxed);
    atomic_store_explicit(&t->wait.state, RT_RUNNING, memory_order_relaxed);
    w->running = t;
}

/* First thing after a switch: what the task that left this worker wants done. */
RT_INLINE void rt_finish_leaving(struct rt_worker *w)
{
    void (*commit)(void *) = w->commit;

    if (commit) {
        void *arg = w->commit_arg;

        w->commit = NULL;
        w->commit_arg = NULL;           /* the leak profile looks at workers too */
        commit(arg);
    }
}

/* What to switch to, once all is ready for that: the next task's stack if there is one at
 * hand, else the scheduler's. commit, if any, runs there first. */
RT_INLINE void *rt_leave_for(struct rt_worker *w, struct rt_task *t, void (*commit)(void *),
                             void *arg, bool for_good)
{
    struct rt_task *next;
    void *to = w->sp;

    rt_fault_check(t);
    w->commit = commit;
    w->commit_arg = arg;
    next = rt_supply_soon(w);
    if (next) {
        rt_begin(w, next);
        to = next->sp;
    }
    rt_fiber_leave(&t->fiber, next ? &next->fiber : &w->fiber, for_good);
    return to;
}

/* Leave t's stack. */
RT_INLINE void rt_leave(struct rt_worker *w, struct rt_task *t, void (*commit)(void *), void *arg,
                        bool for_good)
{
    void *to = rt_leave_for(w, t, commit, arg, for_good);

    rt_switch(&t->sp, to);
}

/* rt_park of the task running on w. A single worker is the only one to run the task
 * again, so that it can be published before it is off its stack. */
RT_INLINE void rt_park_task(struct rt_worker *w, struct rt_reason reason, void (*commit)(void *),
                            void *arg)
{
    struct rt_task *t = w->running;

    rt_say_why(&t->wait, &reason, w->now);
    if (rt_workers_wanted == 1) {
        commit(arg);
        rt_leave(w, t, NULL, NULL, false);
    } else {
        rt_leave(w, t, commit, arg, false);
    }
    rt_fiber_arrive(&t->fiber);
    rt_finish_leaving(rt_this_worker());
}

/* rt_ready, by the caller's worker or NULL. */
RT_INLINE void rt_ready_by(struct rt_worker *w, struct rt_task *t)
{
    struct rt_task *old;

    if (!w || rt_workers_wanted > 1 || t->wait.elsewhere) {
        rt_ready(t);
        return;
    }
    atomic_store_explicit(&t->wait.state, RT_RUNNABLE, memory_order_relaxed);
    if ((old = rt_supply_put_next(w, t)) != NULL)
        rt_supply_push(w, old);
}

/* rt_park of a thread that is no worker. */
void rt_park_thread(struct rt_reason reason, void (*commit)(void *), void *arg);

#endif
