/* stack.h - task stacks: mapped in slabs, guarded, pooled, never given back. */
#ifndef RT_STACK_H
#define RT_STACK_H

#include <stdbool.h>
#include <stddef.h>

/* Stacks at hand without a lock; one per worker. */
enum { RT_STACK_CACHE = 64 };
struct rt_stack_cache {
    unsigned count;
    void    *stack[RT_STACK_CACHE];
};

/* Usable bytes of every stack. From CHANRT_STACK (bytes, or with K or M), at least
 * 16 KiB, 64 KiB by default; four times as much under a sanitizer. */
size_t rt_stack_size(void);
/* The same as CHANRT_STACK would have to say it. */
size_t rt_stack_setting(void);

/* The lowest usable byte of a free stack; cache may be NULL. Aborts when the
 * system has no memory. */
void *rt_stack_get(struct rt_stack_cache *cache);
void  rt_stack_put(struct rt_stack_cache *cache, void *stack);

/* Whether address lies in the guard under stack: its task has used it up. May be called in a
 * signal handler. */
bool rt_stack_is_guard(const void *stack, const void *address);

/* A stack that the system gave no guard ends in a canary instead (Cowan et al., "StackGuard",
 * 1998), which whoever uses it up writes over. */
bool rt_stack_has_canary(const void *stack);
bool rt_stack_canary_lives(const void *stack);

#endif
