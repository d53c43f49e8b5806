/* seed_time.c - timers of a seeded run. */
#include "seed_time.h"
#include "panic.h"

#include <stdlib.h>

/* Not zero, which means "no deadline" to some. */
enum { CLOCK_START = 1000000000 };

void rt_seed_timers_init(struct rt_seed_timers *ts)
{
    *ts = (struct rt_seed_timers){ .now = CLOCK_START };
}

/* It may be stopped long after the run has gone; whoever reads NULL sees what pop did. */
static void outlives_run(struct rt_timer *timer)
{
    atomic_store_explicit(&timer->run, NULL, memory_order_release);
}

void rt_seed_timers_free(struct rt_seed_timers *ts)
{
    for (size_t i = 0; i < ts->end; i++) {
        if (ts->all[i]) {
            ts->all[i]->timer->slot = 0;
            outlives_run(ts->all[i]->timer);
        }
        free(ts->all[i]);
    }
    free(ts->all);
    free(ts->ready);
}

/* Close the holes; or make room if there are few. */
static void make_room(struct rt_seed_timers *ts)
{
    size_t kept = 0;

    if (ts->count > ts->room / 2 || ts->room == 0) {
        ts->room = ts->room ? 2 * ts->room : 16;
        ts->all = realloc(ts->all, ts->room * sizeof *ts->all);
        ts->ready = realloc(ts->ready, ts->room * sizeof *ts->ready);
        if (!ts->all || !ts->ready)
            rt_out_of_memory();
    }
    for (size_t i = 0; i < ts->end; i++) {
        if (ts->all[i]) {
            ts->all[kept++] = ts->all[i];
            ts->all[kept - 1]->timer->slot = kept;
        }
    }
    ts->end = kept;
}

struct rt_mover *rt_seed_timers_add(struct rt_seed_timers *ts, struct rt_timer *timer)
{
    struct rt_mover *m = calloc(1, sizeof *m);

    if (!m)
        rt_out_of_memory();
    m->timer = timer;
    rt_lock(&ts->lock);
    if (ts->end == ts->room)
        make_room(ts);
    ts->all[ts->end++] = m;
    timer->slot = ts->end;
    ts->count++;
    ts->ticking += timer->idles;
    ts->stale = true;
    rt_unlock(&ts->lock);
    return m;
}

static void take_out(struct rt_seed_timers *ts, struct rt_timer *timer)
{
    free(ts->all[timer->slot - 1]);
    ts->all[timer->slot - 1] = NULL;
    timer->slot = 0;
    ts->count--;
    ts->ticking -= timer->idles;
    ts->stale = true;
}

bool rt_seed_timers_remove(struct rt_seed_timers *ts, struct rt_timer *timer)
{
    bool pending;

    rt_lock(&ts->lock);
    pending = timer->slot != 0;
    if (pending) {
        take_out(ts, timer);
        outlives_run(timer);
    }
    rt_unlock(&ts->lock);
    return pending;
}

static bool tick_matters(struct rt_timer *timer, bool alone)
{
    return rt_tick_is_awaited(timer) || (!alone && rt_tick_is_kept(timer));
}

/* A timer is in the way of those set after it that are due no earlier. One due at the end
 * of time never fires, and a tick that would be dropped is in nobody's way. */
void rt_seed_timers_look(struct rt_seed_timers *ts, bool alone)
{
    int64_t least = INT64_MAX;

    if (!ts->stale && ts->ticking == 0)
        return;
    ts->stale = false;
    ts->ready_count = 0;
    for (size_t i = 0; i < ts->end; i++) {
        struct rt_timer *timer = ts->all[i] ? ts->all[i]->timer : NULL;

        if (!timer || timer->when >= least || (timer->idles && !tick_matters(timer, alone)))
            continue;
        least = timer->when;
        ts->ready[ts->ready_count++] = ts->all[i];
    }
}

void rt_seed_timers_fire(struct rt_seed_timers *ts, struct rt_timer *timer)
{
    void (*fire)(struct rt_timer *) = timer->fire;
    bool more;

    if (ts->now < timer->when)
        ts->now = timer->when;
    take_out(ts, timer);
    more = timer->pop(timer);
    /* It is still there: whom pop has woken waits for this thread, and who stops it from
     * another waits for the lock. */
    outlives_run(timer);
    rt_unlock(&ts->lock);               /* timer may be gone now, unless more */
    if (more)
        fire(timer);
}
