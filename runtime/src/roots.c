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

static void sort(struct rt_cuts *cuts)
{
    rt_ranges_sort(cuts->all, cuts->count, sizeof *cuts->all);
}

/* ---- stacks of threads ---- */

static struct rt_own_thread *own_thread(pid_t tid)
{
    struct rt_own_thread *own = atomic_load(&rt_own_thread_list);

    while (own && own->tid != tid)
        own = own->next;
    return own;
}

/* A thread of the runtime that runs a task, or rests, uses its own stack for nothing that
 * is still needed; above base are its thread-local variables. */
static bool stack_is_idle(struct rt_mark *m, const struct rt_own_thread *own, uintptr_t sp)
{
    return atomic_load_explicit(&own->rests, memory_order_relaxed) || rt_mark_task_at(m, sp);
}

/* Without tasks, a thread of the runtime has nothing of the program's above base either; but
 * the registers that it began with are there, its maker's. Of any other thread nothing is
 * cut: it may run on another stack within its stack (a coroutine's, a signal handler's), or
 * on one that the program has other things next to. */
static void cut_thread(struct rt_mark *m, struct rt_cuts *cuts, pid_t tid, uintptr_t sp)
{
    struct rt_own_thread *own = own_thread(tid);
    uintptr_t low = own ? (uintptr_t)own->low : 0;

    if (!low)
        return;
    if (!own->works)
        cut(cuts, low, (uintptr_t)own->high);
    else if (stack_is_idle(m, own, sp))
        cut(cuts, low, (uintptr_t)own->base);
    else if (sp > low && sp < (uintptr_t)own->base)
        cut(cuts, low, sp - RED_ZONE);
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
        cut_thread(m, cuts, world->threads[i].tid, world->threads[i].sp);
    cut_thread(m, cuts, p->caller.tid, p->caller.sp);
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
