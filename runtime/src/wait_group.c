/* wait_group.c - wait until a counter is zero.
 *
 * All under one lock, the check of the waiter too: who sees zero may free the wait
 * group, so the last done must have let go of it by then. */
#include "panic.h"
#include "queue.h"
#include "seed.h"
#include "site.h"

struct __attribute__((may_alias)) group {
    struct rt_lock  lock;
    int32_t         unused;
    int64_t         count;
    struct rt_queue waiters;
};
_Static_assert(sizeof(struct group) <= sizeof(wait_group_t), "does not fit");

static void add(wait_group_t *opaque, int delta, const char *site)
{
    struct group *wg = (struct group *)opaque;
    struct rt_queued *list = NULL;
    bool negative;

    rt_step(site);
    rt_lock(&wg->lock);
    wg->count += delta;
    negative = wg->count < 0;
    if (wg->count == 0)
        list = rt_queue_take_all(&wg->waiters);
    rt_unlock(&wg->lock);
    if (negative)
        rt_panic("negative wait group counter", site);
    rt_ready_list(list);
}

void wait_group_add_at(wait_group_t *wg, int delta, const char *site)
{
    add(wg, delta, site);
}

void wait_group_done_at(wait_group_t *wg, const char *site)
{
    add(wg, -1, site);
}

void wait_group_wait_at(wait_group_t *opaque, const char *site)
{
    struct group *wg = (struct group *)opaque;

    rt_step(site);
    rt_lock(&wg->lock);
    if (wg->count == 0)
        rt_unlock(&wg->lock);
    else
        rt_queue_wait(&wg->waiters, &wg->lock, RT_WAIT_GROUP, site);
}

void wait_group_add(wait_group_t *wg, int delta)
{
    add(wg, delta, RT_CALLER);
}

void wait_group_done(wait_group_t *wg)
{
    add(wg, -1, RT_CALLER);
}

void wait_group_wait(wait_group_t *wg)
{
    wait_group_wait_at(wg, RT_CALLER);
}
