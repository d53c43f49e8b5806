/* roots.c - finding everything that is alive by itself. */
#define _GNU_SOURCE
#include "roots.h"
#include "pages.h"
#include "thread.h"

#include <string.h>
#include <sys/syscall.h>

enum {
    CUTS_MOST = 1 << 20,
    RED_ZONE = 128,                 /* below the stack pointer, for leaf functions */
};
#define ARENA_ALIGN (UINT64_C(64) << 20)

/* ---- what is cut out ---- */

static void cut(struct rt_cuts *cuts, uintptr_t start, uintptr_t end)
{
    if (start < end && cuts->count < CUTS_MOST)
        cuts->all[cuts->count++] = (struct rt_range){ start, end };
}

static bool cut_slab(void *start, void *end, void *arg)
{
    cut(arg, (uintptr_t)start, (uintptr_t)end);
    return true;
}

static void sift(struct rt_range *a, size_t at, size_t n)
{
    struct rt_range r = a[at];

    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && a[child + 1].start > a[child].start)
            child++;
        if (a[child].start <= r.start)
            break;
        a[at] = a[child];
    }
    a[at] = r;
}

/* Heap sort: qsort calls malloc. */
static void sort(struct rt_cuts *cuts)
{
    size_t n = cuts->count;

    for (size_t i = n / 2; i-- > 0;)
        sift(cuts->all, i, n);
    while (n-- > 1) {
        struct rt_range last = cuts->all[n];

        cuts->all[n] = cuts->all[0];
        cuts->all[0] = last;
        sift(cuts->all, 0, n);
    }
}

/* ---- stacks of threads ---- */

static struct rt_own_thread *own_thread(pid_t tid)
{
    struct rt_own_thread *own = atomic_load(&rt_own_thread_list);

    while (own && own->tid != tid)
        own = own->next;
    return own;
}

static size_t stacks_in(const struct rt_map *map, const struct rt_world *world,
                        const struct rt_caller *caller)
{
    size_t n = caller->sp >= map->start && caller->sp < map->end;

    for (size_t i = 0; i < world->count; i++)
        n += world->threads[i].sp >= map->start && world->threads[i].sp < map->end;
    return n;
}

/* Below its stack pointer a stack holds nothing, if it is clear where the stack ends. */
static void cut_dead_stack(struct rt_mark *m, struct rt_cuts *cuts, const struct rt_world *world,
                           const struct rt_caller *caller, uintptr_t sp, uintptr_t tls)
{
    struct rt_map *map = rt_maps_find(&m->maps, sp);

    if (!map || stacks_in(map, world, caller) != 1)
        return;
    if (strcmp(map->name, "[stack]") == 0 ||
        (map->guarded && tls > sp && tls < map->end && !map->file && !map->shared))
        cut(cuts, map->start, sp - RED_ZONE);
}

/* A thread of the runtime that runs a task, or rests, uses its own stack for nothing that
 * is still needed; above base are its thread-local variables. */
static bool stack_is_idle(struct rt_mark *m, const struct rt_own_thread *own, uintptr_t sp)
{
    return atomic_load_explicit(&own->rests, memory_order_relaxed) || rt_mark_task_at(m, sp);
}

/* Without tasks, a thread of the runtime has nothing of the program's above base either; but
 * the registers that it began with are there, its maker's. */
static void cut_thread(struct rt_mark *m, struct rt_cuts *cuts, const struct rt_world *world,
                       const struct rt_caller *caller, const struct rt_stopped *t)
{
    struct rt_own_thread *own = own_thread(t->tid);
    uintptr_t low = own ? (uintptr_t)own->low : 0;

    if (!own)
        cut_dead_stack(m, cuts, world, caller, t->sp, t->tls);
    else if (low && !own->works)
        cut(cuts, low, (uintptr_t)own->high);
    else if (low && stack_is_idle(m, own, t->sp))
        cut(cuts, low, (uintptr_t)own->base);
    else if (low && t->sp > low && t->sp < (uintptr_t)own->base)
        cut(cuts, low, t->sp - RED_ZONE);
}

static void cut_caller(struct rt_mark *m, struct rt_cuts *cuts, const struct rt_world *world,
                       const struct rt_caller *caller)
{
    struct rt_stopped t = { .tid = caller->tid, .sp = caller->sp,
                            .tls = (uintptr_t)__builtin_thread_pointer() };

    cut_thread(m, cuts, world, caller, &t);
}

/* ---- blocks ---- */

/* Each stretch of a map that is not cut may begin with malloc's; arenas at their places. */
static void walk_stretch(struct rt_mark *m, struct rt_cuts *cuts, const struct rt_map *map,
                         uintptr_t at, uintptr_t end)
{
    struct rt_map stretch = *map;

    stretch.end = end;
    while (at < end) {
        uintptr_t next;

        stretch.start = at;
        next = rt_heap_walk(&m->heap, &stretch, at);
        cut(cuts, at, next);
        if (next == at)
            next = (at / ARENA_ALIGN + 1) * ARENA_ALIGN;
        at = next;
    }
}

/* Adds to the cuts while it reads those that were there before, in order. */
static void walk_heap(struct rt_mark *m, struct rt_cuts *cuts)
{
    size_t sorted = cuts->count, next = 0;

    for (size_t i = 0; i < m->maps.count; i++) {
        const struct rt_map *map = &m->maps.all[i];
        uintptr_t at = map->start;

        if (!rt_map_holds_data(map) || !map->writable)
            continue;
        while (next < sorted && cuts->all[next].end <= at)
            next++;
        for (; next < sorted && cuts->all[next].start < map->end; next++) {
            walk_stretch(m, cuts, map, at, cuts->all[next].start);
            if (cuts->all[next].end > at)
                at = cuts->all[next].end;
            if (at >= map->end)
                break;
        }
        walk_stretch(m, cuts, map, at, map->end);
    }
}

/* The walk is right if it found a block where one is. */
static bool knows(const struct rt_heap *heap, const void *block)
{
    struct rt_heap_part *part = rt_heap_find(heap, (uintptr_t)block);
    uintptr_t chunk = part ? rt_heap_chunk(part, (uintptr_t)block) : 0;

    return chunk && rt_heap_block(chunk) == (uintptr_t)block &&
           !rt_heap_bit(part->marked, rt_heap_unit(part, chunk));
}

/* ---- the C library ---- */

static bool is_libc(const struct rt_map *map)
{
    size_t length = strlen(map->name);

    return length >= 10 && strcmp(map->name + length - 10, "/libc.so.6") == 0;
}

static struct rt_range libc_range(const struct rt_maps *maps, bool writable)
{
    struct rt_range r = { 0, 0 };

    for (size_t i = 0; i < maps->count; i++) {
        if (!is_libc(&maps->all[i]) || (writable && !maps->all[i].writable))
            continue;
        r.start = r.start ? r.start : maps->all[i].start;
        r.end = maps->all[i].end;
    }
    return r;
}

static bool changes_memory(long call)
{
    return call == SYS_brk || call == SYS_mmap || call == SYS_munmap || call == SYS_mremap ||
           call == SYS_mprotect || call == SYS_madvise;
}

bool rt_roots_malloc_busy(const struct rt_mark *m, const struct rt_world *world)
{
    struct rt_range libc = libc_range(&m->maps, false);

    for (size_t i = 0; i < world->count; i++) {
        const struct rt_stopped *t = &world->threads[i];

        if (t->pc >= libc.start && t->pc < libc.end && (t->syscall < 0 || changes_memory(t->syscall)))
            return true;
    }
    return false;
}

/* ---- all of it ---- */

const char *rt_roots_find(struct rt_mark *m, const struct rt_profile *p,
                          const struct rt_world *world, struct rt_cuts *cuts)
{
    size_t before;

    cuts->count = 0;
    cuts->size = CUTS_MOST * sizeof *cuts->all;
    cuts->all = rt_pages_get(cuts->size);
    if (!cuts->all || !rt_heap_init(&m->heap, &m->maps))
        return "out of memory";
    rt_stack_slabs_each(cut_slab, cuts);
    for (size_t i = 0; i < world->count; i++)
        cut_thread(m, cuts, world, &p->caller, &world->threads[i]);
    cut_caller(m, cuts, world, &p->caller);
    rt_pages_each_own(cut_slab, cuts);
    sort(cuts);
    before = cuts->count;
    m->libc = libc_range(&m->maps, true);
    if (p->use_heap && m->libc.start)
        walk_heap(m, cuts);
    if (!knows(&m->heap, p->probe)) {
        m->heap.count = m->heap.blocks = 0;
        cuts->count = before;
    }
    sort(cuts);
    return cuts->count < CUTS_MOST ? NULL : "too many stacks and blocks";
}

void rt_roots_drop(struct rt_cuts *cuts)
{
    rt_pages_put(cuts->all, cuts->size);
}

void rt_roots_mark(struct rt_mark *m, const struct rt_cuts *cuts)
{
    size_t next = 0;

    for (size_t i = 0; i < m->maps.count; i++) {
        const struct rt_map *map = &m->maps.all[i];
        uintptr_t at = map->start;

        if (!rt_map_holds_data(map))
            continue;
        while (next < cuts->count && cuts->all[next].end <= at)
            next++;
        for (size_t c = next; c < cuts->count && cuts->all[c].start < map->end; c++) {
            if (cuts->all[c].start > at)
                rt_mark_range(m, map, at, cuts->all[c].start, RT_STORED);
            if (cuts->all[c].end > at)
                at = cuts->all[c].end;
        }
        if (at < map->end)
            rt_mark_range(m, map, at, map->end, RT_STORED);
    }
}

/* ---- threads ---- */

static void mark_stack(struct rt_mark *m, uintptr_t sp, uintptr_t end)
{
    struct rt_map *map = rt_maps_find(&m->maps, sp);

    if (map)
        rt_mark_range(m, map, sp - RED_ZONE > map->start ? sp - RED_ZONE : map->start,
                      end < map->end ? end : map->end, RT_IN_HAND);
}

/* A task that runs: its stack from where the thread is. */
static void mark_running(struct rt_mark *m, struct rt_mark_task *t, uintptr_t sp)
{
    t->sp = sp - RED_ZONE > t->low ? sp - RED_ZONE : t->low;
    rt_mark_task(m, t);
    mark_stack(m, sp, t->top);
}

static void mark_thread(struct rt_mark *m, pid_t tid, uintptr_t sp)
{
    struct rt_own_thread *own = own_thread(tid);
    struct rt_mark_task *t = rt_mark_task_at(m, sp);

    if (t)
        mark_running(m, t, sp);
    else if (!own)
        mark_stack(m, sp, UINTPTR_MAX);
    else if (!atomic_load_explicit(&own->rests, memory_order_relaxed))
        mark_stack(m, sp, (uintptr_t)own->base);
}

void rt_roots_mark_threads(struct rt_mark *m, const struct rt_profile *p,
                           const struct rt_world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        const struct rt_stopped *t = &world->threads[i];
        struct rt_own_thread *own = own_thread(t->tid);
        bool rests = own && atomic_load_explicit(&own->rests, memory_order_relaxed);

        for (size_t w = 0; !rests && w < t->words; w++)
            rt_mark_word(m, t->registers[w], RT_IN_HAND);
        mark_thread(m, t->tid, t->sp);
    }
    mark_thread(m, p->caller.tid, p->caller.sp);
}
