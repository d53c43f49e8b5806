/* mutex.c - a lock that parks tasks.
 *
 * As in Go's sync/mutex.go: an unlock wakes the first waiter, which competes with
 * whoever comes by, since handing over to a sleeper at every unlock would make
 * each critical section cost a switch. A waiter that lost goes back to the front of the
 * queue, and once it has waited 1 ms the lock is handed to it.
 *
 * word is changed by compare-and-swap alone; WAITERS in it is changed with the queue
 * locked only, and says that the queue is not empty.
 */
#include "mutex.h"
#include "panic.h"
#include "queue.h"
#include "seed.h"
#include "site.h"
#include "turn.h"

enum { LOCKED = 1, WAITERS = 2 };
enum { PATIENCE = 1000000 };

struct __attribute__((may_alias)) mutex {
    atomic_uint     word;
    struct rt_lock  lock;
    struct rt_queue waiters;
    uint64_t        unused;
};
_Static_assert(sizeof(struct mutex) <= sizeof(task_mutex_t), "does not fit");

static bool try_lock(struct mutex *m)
{
    unsigned word = atomic_load_explicit(&m->word, memory_order_relaxed);

    while (!(word & LOCKED))
        if (atomic_compare_exchange_weak_explicit(&m->word, &word, word | LOCKED,
                                                  memory_order_acquire, memory_order_relaxed))
            return true;
    return false;
}

/* With the queue locked: take the mutex, or else make sure that its unlock comes to
 * the queue. */
static bool lock_or_announce(struct mutex *m)
{
    unsigned word = atomic_load_explicit(&m->word, memory_order_relaxed);
    unsigned want;

    do {
        want = word & LOCKED ? word | WAITERS : word | LOCKED;
    } while (!atomic_compare_exchange_weak_explicit(&m->word, &word, want, memory_order_acquire,
                                                    memory_order_relaxed));
    return !(word & LOCKED);
}

static void lock_slow(struct mutex *m, const char *site)
{
    struct rt_queued entry = { .task = rt_self(), .since = rt_now() };
    bool again = false;

    while (!entry.granted) {
        rt_lock(&m->lock);
        if (lock_or_announce(m)) {
            rt_unlock(&m->lock);
            return;
        }
        if (again)
            rt_queue_push_front(&m->waiters, &entry);
        else
            rt_queue_push(&m->waiters, &entry);
        again = true;
        rt_park((struct rt_reason){ .state = RT_MUTEX, .site = site, .object = m },
                rt_commit_unlock, &m->lock);
    }
}

void task_mutex_lock_at(task_mutex_t *opaque, const char *site)
{
    struct mutex *m = (struct mutex *)opaque;

    rt_step(site);
    if (!try_lock(m))
        lock_slow(m, site);
}

bool task_mutex_trylock_at(task_mutex_t *opaque, const char *site)
{
    rt_step(site);
    (void)site;
    if (try_lock((struct mutex *)opaque))
        return true;
    rt_polled_in_vain();
    return false;
}

/* With the queue locked: hand the mutex to the first, or free it and let the first try.
 * Nobody waits if two unlock at the same time what was locked once. */
static struct rt_queued *next_holder(struct mutex *m)
{
    struct rt_queued *first = rt_queue_pop(&m->waiters);
    unsigned word = m->waiters.first ? WAITERS : 0;

    if (first && rt_now() - first->since >= PATIENCE) {
        first->granted = true;
        word |= LOCKED;
    }
    atomic_store_explicit(&m->word, word, memory_order_release);
    return first;
}

static void unlock_slow(struct mutex *m, const char *site)
{
    struct rt_queued *first = NULL;
    bool locked;

    rt_lock(&m->lock);
    locked = atomic_load_explicit(&m->word, memory_order_relaxed) & LOCKED;
    if (locked)
        first = next_holder(m);
    rt_unlock(&m->lock);
    if (!locked)
        rt_panic("unlock of unlocked mutex", site);
    if (first)
        rt_ready(first->task);
}

void rt_mutex_unlock(task_mutex_t *opaque, const char *site)
{
    struct mutex *m = (struct mutex *)opaque;
    unsigned locked = LOCKED;

    if (!atomic_compare_exchange_strong_explicit(&m->word, &locked, 0, memory_order_release,
                                                 memory_order_relaxed))
        unlock_slow(m, site);
}

void task_mutex_unlock_at(task_mutex_t *m, const char *site)
{
    rt_step(site);
    rt_mutex_unlock(m, site);
}

void task_mutex_lock(task_mutex_t *m)
{
    task_mutex_lock_at(m, RT_CALLER);
}

bool task_mutex_trylock(task_mutex_t *m)
{
    return task_mutex_trylock_at(m, RT_CALLER);
}

void task_mutex_unlock(task_mutex_t *m)
{
    task_mutex_unlock_at(m, RT_CALLER);
}
