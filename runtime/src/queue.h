/* queue.h - first come, first served: tasks waiting for a wait group, lock, condition.
 *
 * Entries lie on the waiters' stacks. The owner's lock protects the queue; a waiter is
 * made ready after that is unlocked, for owner and entry may be gone at once.
 */
#ifndef RT_QUEUE_H
#define RT_QUEUE_H

#include "task.h"

struct rt_queued {
    struct rt_queued *next;
    struct rt_task   *task;
    int64_t           since;        /* for locks that become fair after a while */
    bool              granted;
};

struct rt_queue {
    struct rt_queued *first, *last;
};

static inline void rt_queue_push(struct rt_queue *q, struct rt_queued *entry)
{
    entry->next = NULL;
    if (q->first)
        q->last->next = entry;
    else
        q->first = entry;
    q->last = entry;
}

static inline void rt_queue_push_front(struct rt_queue *q, struct rt_queued *entry)
{
    entry->next = q->first;
    if (!q->first)
        q->last = entry;
    q->first = entry;
}

static inline struct rt_queued *rt_queue_pop(struct rt_queue *q)
{
    struct rt_queued *entry = q->first;

    if (entry)
        q->first = entry->next;
    return entry;
}

static inline struct rt_queued *rt_queue_take_all(struct rt_queue *q)
{
    struct rt_queued *list = q->first;

    q->first = NULL;
    return list;
}

/* For a list taken out with its owner's lock held, after unlocking. */
static inline void rt_ready_list(struct rt_queued *list)
{
    while (list) {
        struct rt_queued *next = list->next;    /* list is gone once its task is ready */

        rt_ready(list->task);
        list = next;
    }
}

static inline void rt_commit_unlock(void *lock)
{
    rt_unlock(lock);
}

/* Sleep in q, whose lock the caller holds; it is unlocked meanwhile and after. */
static inline void rt_queue_wait(struct rt_queue *q, struct rt_lock *lock, enum rt_state state,
                                 const char *site)
{
    struct rt_queued entry = { .task = rt_self() };

    rt_queue_push(q, &entry);
    rt_park((struct rt_reason){ .state = state, .site = site, .object = lock }, rt_commit_unlock,
            lock);
}

#endif
