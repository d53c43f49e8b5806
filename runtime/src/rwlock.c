/* rwlock.c - many readers or one writer.
 *
 * The order of Go's sync/rwmutex.go: a waiting writer keeps new readers out; when a writer
 * unlocks, the readers waiting go before the next writer. The lock is handed over in
 * every case, so that nobody starves.
 */
#include "panic.h"
#include "queue.h"
#include "seed.h"
#include "site.h"

struct __attribute__((may_alias)) rwlock {
    struct rt_lock  lock;
    int32_t         holders;        /* readers; -1: a writer */
    struct rt_queue readers;
    struct rt_queue writers;
};
_Static_assert(sizeof(struct rwlock) <= sizeof(task_rwlock_t), "does not fit");

void task_rwlock_rdlock_at(task_rwlock_t *opaque, const char *site)
{
    struct rwlock *l = (struct rwlock *)opaque;

    rt_step(site);
    rt_lock(&l->lock);
    if (l->holders < 0 || l->writers.first) {
        rt_queue_wait(&l->readers, &l->lock, RT_READ_LOCK, site);
        return;
    }
    l->holders++;
    rt_unlock(&l->lock);
}

void task_rwlock_wrlock_at(task_rwlock_t *opaque, const char *site)
{
    struct rwlock *l = (struct rwlock *)opaque;

    rt_step(site);
    rt_lock(&l->lock);
    if (l->holders != 0) {
        rt_queue_wait(&l->writers, &l->lock, RT_WRITE_LOCK, site);
        return;
    }
    l->holders = -1;
    rt_unlock(&l->lock);
}

/* Nobody holds it: give it to the first writer. */
static struct rt_queued *admit_writer(struct rwlock *l)
{
    struct rt_queued *writer = rt_queue_pop(&l->writers);

    if (writer) {
        writer->next = NULL;
        l->holders = -1;
    }
    return writer;
}

static struct rt_queued *admit_readers(struct rwlock *l)
{
    struct rt_queued *list = rt_queue_take_all(&l->readers);

    for (struct rt_queued *r = list; r; r = r->next)
        l->holders++;
    return list;
}

void task_rwlock_rdunlock_at(task_rwlock_t *opaque, const char *site)
{
    struct rwlock *l = (struct rwlock *)opaque;
    struct rt_queued *list = NULL;
    bool locked;

    rt_step(site);
    rt_lock(&l->lock);
    locked = l->holders > 0;
    if (locked && --l->holders == 0)
        list = admit_writer(l);
    rt_unlock(&l->lock);
    if (!locked)
        rt_panic("read unlock of rwlock not locked for reading", site);
    rt_ready_list(list);
}

void task_rwlock_wrunlock_at(task_rwlock_t *opaque, const char *site)
{
    struct rwlock *l = (struct rwlock *)opaque;
    struct rt_queued *list = NULL;
    bool locked;

    rt_step(site);
    rt_lock(&l->lock);
    locked = l->holders < 0;
    if (locked) {
        l->holders = 0;
        list = l->readers.first ? admit_readers(l) : admit_writer(l);
    }
    rt_unlock(&l->lock);
    if (!locked)
        rt_panic("write unlock of rwlock not locked for writing", site);
    rt_ready_list(list);
}

void task_rwlock_rdlock(task_rwlock_t *l)
{
    task_rwlock_rdlock_at(l, RT_CALLER);
}

void task_rwlock_rdunlock(task_rwlock_t *l)
{
    task_rwlock_rdunlock_at(l, RT_CALLER);
}

void task_rwlock_wrlock(task_rwlock_t *l)
{
    task_rwlock_wrlock_at(l, RT_CALLER);
}

void task_rwlock_wrunlock(task_rwlock_t *l)
{
    task_rwlock_wrunlock_at(l, RT_CALLER);
}
