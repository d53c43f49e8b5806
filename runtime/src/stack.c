/* stack.c - where task stacks come from.
 *
 * A slab of stacks is one mapping; under each stack lies a guard page. Guards made
 * by mprotect split the mapping in the kernel, whose limit of 65,530 mappings stops
 * them at about 32,700 stacks; MADV_GUARD_INSTALL (Linux 6.13) does not split. Where that
 * is missing, the first GUARD_BUDGET stacks are guarded and later ones end in a canary.
 * Free stacks sit in per-worker caches over a locked depot (Bonwick and Adams,
 * "Magazines and Vmem", 2001).
 */
#define _GNU_SOURCE
#include "stack.h"
#include "lock.h"
#include "panic.h"
#include "sanitizer.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

enum {
    GUARD = 4096,
    STACK_LEAST = 16 * 1024,
    STACK_DEFAULT = 64 * 1024,
    SLAB_STACKS = 64,
    GUARD_BUDGET = 15000,
};

static struct {
    struct rt_lock lock;
    void         **free;                /* a stack of stacks */
    size_t         count;
    size_t         room;
    size_t         guarded;             /* by mprotect */
} depot;

static size_t stack_bytes;
static size_t setting_bytes;
static size_t guard_bytes;
static atomic_bool canaries;            /* there are stacks without a guard */
static const uint64_t canary[8] = { [0 ... 7] = UINT64_C(0x5ca1ab1eca9a21e5) };
static pthread_once_t sized = PTHREAD_ONCE_INIT;

static void size_from_environment(void)
{
    const char *text = getenv("CHANRT_STACK");
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = STACK_DEFAULT;
    char *end;

    if (text && *text) {
        size = strtoull(text, &end, 10);
        if (*end == 'k' || *end == 'K')
            size <<= 10;
        else if (*end == 'm' || *end == 'M')
            size <<= 20;
    }
    if (size < STACK_LEAST)
        size = STACK_LEAST;
    setting_bytes = size;
    if (RT_SANITIZED)
        size *= 4;
    guard_bytes = GUARD > page ? GUARD : page;
    stack_bytes = (size + page - 1) & ~(page - 1);
}

size_t rt_stack_size(void)
{
    pthread_once(&sized, size_from_environment);
    return stack_bytes;
}

size_t rt_stack_setting(void)
{
    rt_stack_size();
    return setting_bytes;
}

static void guard(char *page)
{
    /* LeakSanitizer reads what is mapped, and cannot see such guards. */
    if (!RT_SANITIZED && madvise(page, guard_bytes, MADV_GUARD_INSTALL) == 0)
        return;
    if (depot.guarded < GUARD_BUDGET && mprotect(page, guard_bytes, PROT_NONE) == 0) {
        depot.guarded++;
        return;
    }
    memcpy(page + guard_bytes, canary, sizeof canary);
    atomic_store_explicit(&canaries, true, memory_order_relaxed);
}

bool rt_stack_is_guard(const void *stack, const void *address)
{
    return stack && (uintptr_t)stack - (uintptr_t)address - 1 < guard_bytes;
}

/* Reading the end of a guarded stack would make the system map it, for nothing. */
bool rt_stack_has_canary(const void *stack)
{
    return atomic_load_explicit(&canaries, memory_order_relaxed) && rt_stack_canary_lives(stack);
}

bool rt_stack_canary_lives(const void *stack)
{
    return memcmp(stack, canary, sizeof canary) == 0;
}

static void depot_push(void *stack)
{
    if (depot.count == depot.room) {
        size_t room = depot.room ? depot.room * 2 : SLAB_STACKS;
        void **more = realloc(depot.free, room * sizeof *more);

        if (!more)
            rt_out_of_memory();
        depot.free = more;
        depot.room = room;
    }
    depot.free[depot.count++] = stack;
}

static void depot_map_slab(void)
{
    size_t step = guard_bytes + rt_stack_size();
    char *slab = mmap(NULL, step * SLAB_STACKS, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

    if (slab == MAP_FAILED)
        rt_out_of_memory();
    /* A huge page would make a blocked task cost 2 MiB instead of one page. */
    madvise(slab, step * SLAB_STACKS, MADV_NOHUGEPAGE);
    for (int i = SLAB_STACKS; i-- > 0;) {
        char *stack = slab + (size_t)i * step + guard_bytes;

        guard(stack - guard_bytes);
        rt_sanitizer_stack_made(stack, rt_stack_size());
        depot_push(stack);
    }
}

/* Fill half a cache, so that neither the next get nor the next put comes here. */
static void *refill(struct rt_stack_cache *cache)
{
    void *stack;

    rt_stack_size();
    rt_lock(&depot.lock);
    if (depot.count == 0)
        depot_map_slab();
    stack = depot.free[--depot.count];
    while (cache && cache->count < RT_STACK_CACHE / 2 && depot.count > 0)
        cache->stack[cache->count++] = depot.free[--depot.count];
    rt_unlock(&depot.lock);
    return stack;
}

void *rt_stack_get(struct rt_stack_cache *cache)
{
    return cache && cache->count > 0 ? cache->stack[--cache->count] : refill(cache);
}

void rt_stack_put(struct rt_stack_cache *cache, void *stack)
{
    if (!cache) {
        rt_lock(&depot.lock);
        depot_push(stack);
        rt_unlock(&depot.lock);
        return;
    }
    if (cache->count == RT_STACK_CACHE) {
        rt_lock(&depot.lock);
        while (cache->count > RT_STACK_CACHE / 2)
            depot_push(cache->stack[--cache->count]);
        rt_unlock(&depot.lock);
    }
    cache->stack[cache->count++] = stack;
}
