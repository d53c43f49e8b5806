/* stack.c - where task stacks come from.
 *
 * A slab is one mapping aligned to its size: a page that says what is in it, then
 * stacks, each above its guard. That is 64 KiB, for a frame larger than a guard can step
 * over it; it costs addresses only. Guards made by mprotect split the mapping in
 * the kernel, whose limit of 65,530 mappings stops them at about 32,700 stacks;
 * MADV_GUARD_INSTALL (Linux 6.13) does not split. Where that is missing, the first
 * MPROTECT_MOST stacks are guarded; later ones have a page there that nobody
 * writes: it is zero unless the stack above has been used up, and as long as it is only
 * read it takes no memory.
 *
 * Slabs begin at multiples of their size, but their first stacks do not lie alike: else
 * the tops of all tasks' stacks would share a small part of the sets of the translation
 * buffer (2,000 tasks in a row took 25 % longer).
 */
#define _GNU_SOURCE
#include "stack.h"
#include "lock.h"
#include "panic.h"
#include "sanitizer.h"
#include "setting.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

enum {
    STACK_LEAST = 16 * 1024,
    STACK_DEFAULT = 64 * 1024,
    STACK_MOST = 1 << 30,
    GUARD_LEAST = 64 * 1024,
    SLAB_LEAST = 8 << 20,
    SLAB_STACKS = 15,           /* a slab has room for so many at least, */
    SLAB_STACKS_MOST = 256,     /* and never more */
    STAGGER = 16,               /* pages before the first guard: from 1 to so many */
    MPROTECT_MOST = 15000,
    CANARY = 8,                 /* words */
};

struct slab {
    struct slab *next;
    size_t       first;                     /* byte where the first stack begins */
    atomic_uint  used;                      /* of its stacks, in order */
    atomic_bool  dropped[SLAB_STACKS_MOST]; /* free, without pages */
    atomic_bool  bare[SLAB_STACKS_MOST];    /* without a guard */
};

size_t rt_stack_bytes;

static struct {
    size_t         page;
    size_t         guard;       /* bytes */
    size_t         stride;      /* from one stack to the next: its bytes and the guard's */
    size_t         slab;        /* bytes, a power of two */
    unsigned       per_slab;
    size_t         setting;
    pthread_once_t once;
} size = { .once = PTHREAD_ONCE_INIT };

static struct {
    struct rt_lock         lock;
    _Atomic(struct slab *) first;
} slabs;

atomic_bool rt_stack_canaries;
static atomic_bool use_mprotect;
static atomic_uint protected;            /* stacks, by mprotect */

/* ---- sizes ---- */

static size_t stack_wanted(void)
{
    uint64_t bytes = STACK_DEFAULT;

    rt_setting("CHANRT_STACK", true, 1, STACK_MOST, &bytes);
    return bytes < STACK_LEAST ? STACK_LEAST : bytes;
}

static void size_from_environment(void)
{
    size_t count;

    size.page = (size_t)sysconf(_SC_PAGESIZE);
    size.setting = stack_wanted();
    rt_stack_bytes = size.setting * (RT_SANITIZED ? 4 : 1);
    rt_stack_bytes = (rt_stack_bytes + size.page - 1) & ~(size.page - 1);
    size.guard = (GUARD_LEAST + size.page - 1) & ~(size.page - 1);
    /* An odd number of pages, for the same reason for which slabs do not begin alike. */
    if ((rt_stack_bytes + size.guard) / size.page % 2 == 0)
        size.guard += size.page;
    size.stride = rt_stack_bytes + size.guard;
    for (size.slab = SLAB_LEAST;; size.slab *= 2) {
        count = (size.slab - STAGGER * size.page) / size.stride;
        if (count >= SLAB_STACKS)
            break;
    }
    size.per_slab = count < SLAB_STACKS_MOST ? (unsigned)count : SLAB_STACKS_MOST;
    /* LeakSanitizer reads what is mapped, and cannot see guards made by madvise. */
    atomic_store(&use_mprotect, RT_SANITIZED);
}

static void know_sizes(void)
{
    pthread_once(&size.once, size_from_environment);
}

size_t rt_stack_size(void)
{
    know_sizes();
    return rt_stack_bytes;
}

size_t rt_stack_setting(void)
{
    know_sizes();
    return size.setting;
}

/* ---- slabs ---- */

static char *stack_at(struct slab *slab, unsigned index)
{
    return (char *)slab + slab->first + index * size.stride;
}

static struct slab *slab_of(const void *stack)
{
    return (struct slab *)((uintptr_t)stack & ~(uintptr_t)(size.slab - 1));
}

static unsigned index_of(struct slab *slab, const void *stack)
{
    return (unsigned)((size_t)((const char *)stack - stack_at(slab, 0)) / size.stride);
}

/* Aligned, by mapping twice as much and giving back what is too much. */
static struct slab *map_slab(void)
{
    char *region = mmap(NULL, 2 * size.slab, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    struct slab *slab;
    size_t before;

    if (region == MAP_FAILED)
        rt_out_of_memory();
    before = (size_t)(-(uintptr_t)region & (size.slab - 1));
    if (before > 0)
        munmap(region, before);
    munmap(region + before + size.slab, size.slab - before);
    /* A huge page would make a blocked task cost 2 MiB instead of one page. */
    madvise(region + before, size.slab, MADV_NOHUGEPAGE);
    slab = (struct slab *)(region + before);
    slab->first = (1 + (uintptr_t)slab / size.slab % STAGGER) * size.page + size.guard;
    return slab;
}

static bool guard(char *start)
{
    if (!atomic_load_explicit(&use_mprotect, memory_order_relaxed)) {
        if (madvise(start, size.guard, MADV_GUARD_INSTALL) == 0)
            return true;
        atomic_store_explicit(&use_mprotect, true, memory_order_relaxed);
    }
    if (atomic_load_explicit(&protected, memory_order_relaxed) >= MPROTECT_MOST ||
        mprotect(start, size.guard, PROT_NONE) != 0)
        return false;
    atomic_fetch_add_explicit(&protected, 1, memory_order_relaxed);
    return true;
}

void *rt_stack_fresh(void)
{
    struct slab *slab;
    unsigned index;
    char *stack;

    know_sizes();
    rt_lock(&slabs.lock);
    slab = atomic_load_explicit(&slabs.first, memory_order_relaxed);
    if (!slab || slab->used == size.per_slab) {
        struct slab *more = map_slab();

        more->next = slab;
        atomic_store_explicit(&slabs.first, more, memory_order_release);
        slab = more;
    }
    index = slab->used;
    atomic_store_explicit(&slab->used, index + 1, memory_order_release);
    rt_unlock(&slabs.lock);
    stack = stack_at(slab, index);
    if (!guard(stack - size.guard)) {
        atomic_store_explicit(&slab->bare[index], true, memory_order_relaxed);
        atomic_store_explicit(&rt_stack_canaries, true, memory_order_relaxed);
    }
    rt_sanitizer_stack_made(stack, rt_stack_bytes);
    return stack;
}

void rt_stack_drop_pages(void *stack)
{
    struct slab *slab = slab_of(stack);

    atomic_store_explicit(&slab->dropped[index_of(slab, stack)], true, memory_order_release);
    madvise(stack, rt_stack_bytes, MADV_DONTNEED);
}

void rt_stack_reuse_pages(void *stack)
{
    struct slab *slab = slab_of(stack);

    atomic_store_explicit(&slab->dropped[index_of(slab, stack)], false, memory_order_release);
}

/* ---- looking ---- */

bool rt_stack_is_guard(const void *stack, const void *address)
{
    return (uintptr_t)stack - (uintptr_t)address - 1 < size.guard;
}

bool rt_stack_has_canary(const void *stack)
{
    struct slab *slab;

    if (!atomic_load_explicit(&rt_stack_canaries, memory_order_relaxed))
        return false;
    slab = slab_of(stack);
    return atomic_load_explicit(&slab->bare[index_of(slab, stack)], memory_order_relaxed);
}

RT_NO_SANITIZE bool rt_stack_canary_lives(const void *stack)
{
    const volatile uint64_t *word = (const uint64_t *)stack - CANARY;

    for (int i = 0; i < CANARY; i++)
        if (word[i] != 0)
            return false;
    return true;
}

void rt_stacks_each(bool (*visit)(void *stack, void *arg), void *arg)
{
    struct slab *slab = atomic_load_explicit(&slabs.first, memory_order_acquire);

    for (; slab; slab = slab->next) {
        unsigned used = atomic_load_explicit(&slab->used, memory_order_acquire);

        for (unsigned i = 0; i < used; i++)
            if (!atomic_load_explicit(&slab->dropped[i], memory_order_acquire) &&
                !visit(stack_at(slab, i), arg))
                return;
    }
}

void rt_stack_slabs_each(bool (*visit)(void *start, void *end, void *arg), void *arg)
{
    struct slab *slab = atomic_load_explicit(&slabs.first, memory_order_acquire);

    while (slab && visit(slab, (char *)slab + size.slab, arg))
        slab = slab->next;
}
