/* once.c - run a function the first time only; others wait until it has returned. */
#include "queue.h"
#include "seed.h"
#include "site.h"

enum { NEW, RUNNING, DONE };

struct __attribute__((may_alias)) once {
    atomic_uint       state;        /* DONE is read without the lock */
    struct rt_lock    lock;
    struct rt_queued *waiters;
};
_Static_assert(sizeof(struct once) <= sizeof(task_once_t), "does not fit");

static void run(struct once *o, void (*fn)(void *), void *arg)
{
    struct rt_queued *list;

    fn(arg);
    rt_lock(&o->lock);
    atomic_store_explicit(&o->state, DONE, memory_order_release);
    list = o->waiters;
    o->waiters = NULL;
    rt_unlock(&o->lock);
    rt_ready_list(list);
}

void task_once_at(task_once_t *opaque, void (*fn)(void *), void *arg, const char *site)
{
    struct once *o = (struct once *)opaque;
    struct rt_queued entry;
    unsigned state;

    rt_step(site);
    if (atomic_load_explicit(&o->state, memory_order_acquire) == DONE)
        return;
    rt_lock(&o->lock);
    state = atomic_load_explicit(&o->state, memory_order_relaxed);
    if (state == RUNNING) {
        entry = (struct rt_queued){ .task = rt_self(), .next = o->waiters };
        o->waiters = &entry;
        rt_park((struct rt_reason){ .state = RT_ONCE, .site = site, .object = o },
                rt_commit_unlock, &o->lock);
        return;
    }
    atomic_store_explicit(&o->state, state == NEW ? RUNNING : DONE, memory_order_relaxed);
    rt_unlock(&o->lock);
    if (state == NEW)
        run(o, fn, arg);
}

void task_once(task_once_t *once, void (*fn)(void *), void *arg)
{
    task_once_at(once, fn, arg, RT_CALLER);
}
