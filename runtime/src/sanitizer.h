/* sanitizer.h - telling AddressSanitizer, ThreadSanitizer and valgrind about stacks.
 *
 * Each needs to know which stack runs: ASan for its shadow and fake stacks, TSan for
 * its clocks and shadow call stacks, valgrind to tell a switch from a huge frame.
 * Every pair is: rt_fiber_leave before a switch, rt_fiber_arrive first thing after.
 * Costs nothing in a build without them.
 */
#ifndef RT_SANITIZER_H
#define RT_SANITIZER_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define RT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RT_ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define RT_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RT_TSAN 1
#endif
#endif

#ifdef RT_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#ifdef RT_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#ifdef RT_VALGRIND
#include <valgrind/valgrind.h>
#endif

#if defined(RT_ASAN) || defined(RT_TSAN)
#define RT_SANITIZED 1
#else
#define RT_SANITIZED 0
#endif

/* Reads memory that another task may be writing, with bounds checked by hand. */
#define RT_NO_SANITIZE __attribute__((no_sanitize("address"), no_sanitize("thread"), noinline))

struct rt_fiber {
#ifdef RT_ASAN
    void       *fake_stack;
    const void *bottom;
    size_t      size;
#endif
#ifdef RT_TSAN
    void *clock;
#endif
    char unused;                    /* C has no empty structs */
};

/* A stack fresh from mmap, never given back. */
static inline void rt_sanitizer_stack_made(void *bottom, size_t size)
{
    (void)bottom, (void)size;
#ifdef RT_VALGRIND
    (void)VALGRIND_STACK_REGISTER(bottom, (char *)bottom + size);
#endif
}

/* The task before left frames behind that never returned. */
static inline void rt_sanitizer_stack_reused(void *bottom, size_t size)
{
    (void)bottom, (void)size;
#ifdef RT_ASAN
    __asan_unpoison_memory_region(bottom, size);
#endif
}

/* As long as the task lives, what its stack points to is no leak. */
static inline void rt_fiber_init(struct rt_fiber *f, void *bottom, size_t size)
{
    (void)f, (void)bottom, (void)size;
#ifdef RT_ASAN
    __lsan_register_root_region(bottom, size);
    f->fake_stack = NULL;
    f->bottom = bottom;
    f->size = size;
#endif
#ifdef RT_TSAN
    f->clock = __tsan_create_fiber(0);
#endif
}

/* Switched out, the stack f belongs to may hold the only pointers to something. */
static inline void rt_fiber_keep_alive(struct rt_fiber *f)
{
    (void)f;
#ifdef RT_ASAN
    __lsan_register_root_region(f->bottom, f->size);
#endif
}

/* The stack this OS thread came with. */
static inline void rt_fiber_init_thread(struct rt_fiber *f, void *bottom, size_t size)
{
    (void)f, (void)bottom, (void)size;
#ifdef RT_ASAN
    f->bottom = bottom;
    f->size = size;
#endif
#ifdef RT_TSAN
    f->clock = __tsan_get_current_fiber();
#endif
}

static inline void rt_fiber_release(struct rt_fiber *f)
{
    (void)f;
#ifdef RT_ASAN
    __lsan_unregister_root_region(f->bottom, f->size);
#endif
#ifdef RT_TSAN
    __tsan_destroy_fiber(f->clock);
#endif
}

static inline __attribute__((always_inline)) void
rt_fiber_leave(struct rt_fiber *from, struct rt_fiber *to, bool for_good)
{
    (void)from, (void)to, (void)for_good;
#ifdef RT_ASAN
    __sanitizer_start_switch_fiber(for_good ? NULL : &from->fake_stack, to->bottom, to->size);
#endif
#ifdef RT_TSAN
    __tsan_switch_to_fiber(to->clock, 0);
#endif
}

static inline __attribute__((always_inline)) void rt_fiber_arrive(struct rt_fiber *self)
{
    (void)self;
#ifdef RT_ASAN
    __sanitizer_finish_switch_fiber(self->fake_stack, NULL, NULL);
#endif
}

#endif
