/* cond.c - condition variables: no wake-up is lost, none is spurious. */
#include "mutex.h"
#include "queue.h"
#include "seed.h"
#include "site.h"

struct __attribute__((may_alias)) cond {
    struct rt_lock  lock;
    struct rt_queue waiters;
};
_Static_assert(sizeof(struct cond) <= sizeof(task_cond_t), "does not fit");

/* The condition stays locked while the mutex is unlocked, so that a signal that comes
 * as soon as the mutex is free finds the waiter in the queue and parked. */
void task_cond_wait_at(task_cond_t *opaque, task_mutex_t *m, const char *site)
{
    struct cond *c = (struct cond *)opaque;

    rt_step(site);
    rt_lock(&c->lock);
    rt_mutex_unlock(m, site);
    rt_queue_wait(&c->waiters, &c->lock, RT_COND, site);
    task_mutex_lock_at(m, site);
}

void task_cond_signal_at(task_cond_t *opaque, const char *site)
{
    struct cond *c = (struct cond *)opaque;
    struct rt_queued *first;

    rt_step(site);
    rt_lock(&c->lock);
    first = rt_queue_pop(&c->waiters);
    rt_unlock(&c->lock);
    if (first)
        rt_ready(first->task);
}

void task_cond_broadcast_at(task_cond_t *opaque, const char *site)
{
    struct cond *c = (struct cond *)opaque;
    struct rt_queued *list;

    rt_step(site);
    rt_lock(&c->lock);
    list = rt_queue_take_all(&c->waiters);
    rt_unlock(&c->lock);
    rt_ready_list(list);
}

void task_cond_wait(task_cond_t *c, task_mutex_t *m)
{
    task_cond_wait_at(c, m, RT_CALLER);
}

void task_cond_signal(task_cond_t *c)
{
    task_cond_signal_at(c, RT_CALLER);
}

void task_cond_broadcast(task_cond_t *c)
{
    task_cond_broadcast_at(c, RT_CALLER);
}
