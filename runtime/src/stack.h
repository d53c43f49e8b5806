/* stack.h - task stacks: mapped in slabs, guarded, never unmapped.
 *
 * That they are never unmapped is what lets others look at a stack, and at the task
 * at its top, without keeping the task from ending.
 */
#ifndef RT_STACK_H
#define RT_STACK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Usable bytes of every stack. From CHANRT_STACK (bytes, or with K or M), at least
 * 16 KiB, 64 KiB by default; four times as much under a sanitizer. */
size_t rt_stack_size(void);
extern size_t rt_stack_bytes;        /* the same; set once there is a stack */
/* The same as CHANRT_STACK would have to say it. */
size_t rt_stack_setting(void);

/* The lowest usable byte of a stack that nobody has used before. Aborts when the system
 * has no memory. */
void *rt_stack_fresh(void);

/* Give the pages of a free stack back; it reads as zero then. */
void rt_stack_drop_pages(void *stack);
/* Such a stack is about to be used again. */
void rt_stack_reuse_pages(void *stack);

/* Whether address lies in the guard under stack: its task has used it up. May be called in a
 * signal handler. */
bool rt_stack_is_guard(const void *stack, const void *address);

/* Below a stack that the system gave no guard lies a canary (Cowan et al., "StackGuard",
 * 1998), which whoever uses up the stack writes over. */
extern atomic_bool rt_stack_canaries;       /* there are any */
bool rt_stack_has_canary(const void *stack);
bool rt_stack_canary_lives(const void *stack);

/* Every stack ever used, but for those whose pages were dropped, until visit returns
 * false. */
void rt_stacks_each(bool (*visit)(void *stack, void *arg), void *arg);
/* All memory that stacks lie in, used or not. */
void rt_stack_slabs_each(bool (*visit)(void *start, void *end, void *arg), void *arg);

#endif
