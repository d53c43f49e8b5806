/* pool.h - free stacks: at hand without a lock for each worker, the rest in a depot. */
#ifndef RT_POOL_H
#define RT_POOL_H

#include "stack.h"

enum { RT_MAGAZINE = 32 };
struct rt_magazine {
    struct rt_magazine *next;
    unsigned            count;
    void               *stack[RT_MAGAZINE];
};

/* One per worker, zero at first. */
struct rt_stack_cache {
    struct rt_magazine *loaded, *previous;      /* previous is full or empty, or NULL */
};

/* The lowest usable byte of a free stack. Aborts when the system has no memory. cache is the
 * calling worker's; NULL on another thread. */
void *rt_pool_get(struct rt_stack_cache *cache);
void  rt_pool_put(struct rt_stack_cache *cache, void *stack);

/* The next rt_pool_get would have to make a new stack. */
bool rt_pool_dry(const struct rt_stack_cache *cache);

#endif
