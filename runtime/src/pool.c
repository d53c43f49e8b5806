/* pool.c - magazines of free stacks.
 *
 * After Bonwick and Adams, "Magazines and Vmem", 2001: a worker has two magazines, so
 * that only every RT_MAGAZINE-th get or put goes to the depot, which trades full magazines
 * for empty ones. What is in the depot and was not needed for a whole period is given
 * back to the system (their working set): it keeps its addresses and guards, and costs a
 * page fault when used again. A thread does that, which sleeps unless the depot is large.
 */
#include "pool.h"
#include "lock.h"
#include "panic.h"
#include "thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    KEEP = 32,                          /* magazines that are never given back: 1,024 stacks */
    PERIOD_MS = 500,
};

struct list {
    struct rt_magazine *first;
    atomic_uint         count;          /* written with the depot locked */
    unsigned            least;          /* that count was in this period */
};

static struct {
    struct rt_lock lock;
    struct list    warm;                /* never empty ones; not all are full */
    struct list    cold;                /* of stacks without pages */
    struct list    empty;
    bool           large;               /* the thread is about */
    atomic_uint    grown;               /* how often it was called */
} depot;

static pthread_once_t trim_once = PTHREAD_ONCE_INIT;

/* ---- magazines ---- */

static void push(struct list *l, struct rt_magazine *m)
{
    m->next = l->first;
    l->first = m;
    atomic_store_explicit(&l->count, l->count + 1, memory_order_relaxed);
}

static struct rt_magazine *pop(struct list *l)
{
    struct rt_magazine *m = l->first;

    if (!m)
        return NULL;
    l->first = m->next;
    atomic_store_explicit(&l->count, l->count - 1, memory_order_relaxed);
    if (l->count < l->least)
        l->least = l->count;
    return m;
}

static struct rt_magazine *make_magazine(void)
{
    struct rt_magazine *m = malloc(sizeof *m);

    if (!m)
        rt_out_of_memory();
    m->count = 0;
    return m;
}

static void swap(struct rt_stack_cache *cache)
{
    struct rt_magazine *loaded = cache->loaded;

    cache->loaded = cache->previous;
    cache->previous = loaded;
}

/* ---- giving back ---- */

/* The oldest magazines of l, at the end of the list, all but keep of them. */
static struct rt_magazine *cut_off(struct list *l, unsigned keep)
{
    struct rt_magazine **link = &l->first;
    struct rt_magazine *rest;

    for (unsigned i = 0; i < keep; i++)
        link = &(*link)->next;
    rest = *link;
    *link = NULL;
    atomic_store_explicit(&l->count, keep, memory_order_relaxed);
    return rest;
}

/* Give back what was not needed in this period. True when there may be more. */
static bool trim(void)
{
    struct rt_magazine *m, *rest = NULL;
    unsigned unneeded;

    rt_lock(&depot.lock);
    unneeded = depot.warm.least;
    if (unneeded > KEEP)
        rest = cut_off(&depot.warm, depot.warm.count - (unneeded - KEEP));
    depot.warm.least = depot.warm.count;
    depot.large = depot.warm.count > KEEP;
    rt_unlock(&depot.lock);
    while ((m = rest) != NULL) {
        rest = m->next;
        for (unsigned i = 0; i < m->count; i++)
            rt_stack_drop_pages(m->stack[i]);
        rt_lock(&depot.lock);
        push(&depot.cold, m);
        rt_unlock(&depot.lock);
    }
    return depot.large;
}

static void *trim_main(void *arg)
{
    struct timespec period = { PERIOD_MS / 1000, PERIOD_MS % 1000 * 1000000 };

    (void)arg;
    for (;;) {
        unsigned grown = atomic_load_explicit(&depot.grown, memory_order_acquire);

        nanosleep(&period, NULL);
        if (!trim())
            rt_futex_wait(&depot.grown, grown, INT64_MAX);
    }
    return NULL;
}

static void start_trimming(void)
{
    rt_thread_start(trim_main, NULL);
}

/* Requires the depot locked. True when the thread must be called. */
static bool becomes_large(void)
{
    if (depot.large || depot.warm.count <= KEEP)
        return false;
    depot.large = true;
    depot.warm.least = depot.warm.count;
    atomic_fetch_add_explicit(&depot.grown, 1, memory_order_release);
    return true;
}

/* ---- getting and putting ---- */

/* Requires the depot locked and not empty. */
static struct rt_magazine *take_full(void)
{
    struct rt_magazine *m = pop(&depot.warm);

    if (m)
        return m;
    m = pop(&depot.cold);
    for (unsigned i = 0; m && i < m->count; i++)
        rt_stack_reuse_pages(m->stack[i]);
    return m;
}

/* For a thread that has no cache, at the price of a lock. */
static void *get_one(void)
{
    struct rt_magazine *m;
    void *stack = NULL;

    rt_lock(&depot.lock);
    if ((m = take_full()) != NULL) {
        stack = m->stack[--m->count];
        push(m->count > 0 ? &depot.warm : &depot.empty, m);
    }
    rt_unlock(&depot.lock);
    return stack ? stack : rt_stack_fresh();
}

static void put_one(void *stack)
{
    struct rt_magazine *m;

    rt_lock(&depot.lock);
    if (!depot.warm.first || depot.warm.first->count == RT_MAGAZINE) {
        m = pop(&depot.empty);
        push(&depot.warm, m ? m : make_magazine());
    }
    m = depot.warm.first;
    m->stack[m->count++] = stack;
    rt_unlock(&depot.lock);
}

static bool trade_for_full(struct rt_stack_cache *cache)
{
    struct rt_magazine *full;

    if (rt_pool_dry(cache))
        return false;
    rt_lock(&depot.lock);
    if ((full = take_full()) != NULL) {
        if (cache->previous)
            push(&depot.empty, cache->previous);
        cache->previous = cache->loaded;
        cache->loaded = full;
    }
    rt_unlock(&depot.lock);
    return full != NULL;
}

static void trade_for_empty(struct rt_stack_cache *cache)
{
    struct rt_magazine *empty;
    bool call = false;

    rt_lock(&depot.lock);
    if (cache->previous) {
        push(&depot.warm, cache->previous);
        call = becomes_large();
    }
    empty = pop(&depot.empty);
    rt_unlock(&depot.lock);
    cache->previous = cache->loaded;
    cache->loaded = empty ? empty : make_magazine();
    if (call) {
        pthread_once(&trim_once, start_trimming);
        rt_futex_wake(&depot.grown, 1);
    }
}

void *rt_pool_get(struct rt_stack_cache *cache)
{
    if (!cache)
        return get_one();
    if (cache->loaded && cache->loaded->count > 0)
        return cache->loaded->stack[--cache->loaded->count];
    if (cache->previous && cache->previous->count > 0)
        swap(cache);
    else if (!trade_for_full(cache))
        return rt_stack_fresh();
    return cache->loaded->stack[--cache->loaded->count];
}

void rt_pool_put(struct rt_stack_cache *cache, void *stack)
{
    if (!cache) {
        put_one(stack);
        return;
    }
    if (!cache->loaded || cache->loaded->count == RT_MAGAZINE) {
        if (cache->previous && cache->previous->count == 0)
            swap(cache);
        else
            trade_for_empty(cache);
    }
    cache->loaded->stack[cache->loaded->count++] = stack;
}

bool rt_pool_dry(const struct rt_stack_cache *cache)
{
    return !(cache && cache->loaded && cache->loaded->count > 0) &&
           !(cache && cache->previous && cache->previous->count > 0) &&
           atomic_load_explicit(&depot.warm.count, memory_order_relaxed) == 0 &&
           atomic_load_explicit(&depot.cold.count, memory_order_relaxed) == 0;
}
