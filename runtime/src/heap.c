/* heap.c - walking glibc's chunks. */
#define _GNU_SOURCE
#include "heap.h"
#include "pages.h"
#include "ranges.h"

#include <string.h>
#include <sys/mman.h>

enum {
    PREV_INUSE = 1, IS_MMAPPED = 2, NON_MAIN = 4, FLAGS = 7,
    CHUNK_LEAST = 32,
    FENCE = 16,                     /* a chunk at the end of a part that was given up */
    ARENA_SEARCH = 4096,            /* an arena's own structures are smaller */
};
#define ARENA_ALIGN (UINT64_C(64) << 20)        /* HEAP_MAX_SIZE */

static uintptr_t word_at(uintptr_t address)
{
    return *(const uintptr_t *)address;
}

static uintptr_t size_of(uintptr_t chunk)
{
    return word_at(chunk + sizeof(uintptr_t)) & ~(uintptr_t)FLAGS;
}

static unsigned flags_of(uintptr_t chunk)
{
    return word_at(chunk + sizeof(uintptr_t)) & FLAGS;
}

/* ---- bookkeeping ---- */

static size_t bits_bytes(const struct rt_heap_part *part)
{
    return (rt_heap_unit(part, part->end) / 64 + 1) * sizeof(uint64_t);
}

static size_t last_bytes(const struct rt_heap_part *part)
{
    return (rt_heap_unit(part, part->end) / RT_UNITS_A_GROUP + 1) * sizeof(uint32_t);
}

/* All three arrays, one behind the other. */
static size_t part_bytes(const struct rt_heap_part *part)
{
    return 2 * bits_bytes(part) + last_bytes(part);
}

enum { PARTS_MOST = 1 << 18, PAGE = 4096 };

bool rt_heap_init(struct rt_heap *heap, const struct rt_maps *maps)
{
    size_t bytes = 0;

    for (size_t i = 0; i < maps->count; i++)
        if (maps->all[i].writable)
            bytes += maps->all[i].end - maps->all[i].start;
    *heap = (struct rt_heap){ .used = PARTS_MOST * sizeof *heap->parts };
    /* A quarter of a bit and four bytes a kilobyte, and a page each for rounding up. */
    heap->size = heap->used + bytes / 32 + (size_t)PARTS_MOST * PAGE;
    heap->room = rt_pages_get(heap->size);
    heap->parts = (struct rt_heap_part *)heap->room;
    return heap->room != NULL;
}

void rt_heap_drop(struct rt_heap *heap)
{
    rt_pages_put(heap->room, heap->size);
}

static struct rt_heap_part *new_part(struct rt_heap *heap, uintptr_t start, uintptr_t end)
{
    struct rt_heap_part *part = &heap->parts[heap->count];
    char *room = heap->room + heap->used;

    if (heap->count == PARTS_MOST)
        return NULL;
    *part = (struct rt_heap_part){ .start = start, .end = end };
    if (part_bytes(part) > heap->size - heap->used)
        return NULL;
    part->chunks = (uint64_t *)room;
    part->marked = (uint64_t *)(room + bits_bytes(part));
    part->last = (uint32_t *)(room + 2 * bits_bytes(part));
    return part;
}

static void keep_part(struct rt_heap *heap, size_t blocks)
{
    heap->blocks += blocks;
    heap->used += (part_bytes(&heap->parts[heap->count++]) + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static void drop_part(struct rt_heap_part *part)
{
    madvise(part->chunks, part_bytes(part), MADV_DONTNEED);
}

/* ---- an arena ---- */

/* Enter the chunk; the one before it is free if this one says so. False: not as it should
 * be. Only chunks in use say in which arena they are. */
static bool enter(struct rt_heap_part *part, uintptr_t chunk, uintptr_t before, unsigned arena)
{
    uintptr_t size = size_of(chunk);
    bool before_free = !(flags_of(chunk) & PREV_INUSE);

    if (size < CHUNK_LEAST || size % RT_UNIT || size > part->end - chunk ||
        (flags_of(chunk) & (NON_MAIN | IS_MMAPPED) & ~arena) || (!before && before_free))
        return false;
    if (before_free) {
        if (word_at(chunk) != size_of(before))
            return false;
        rt_heap_set_bit(part->marked, rt_heap_unit(part, before));
    }
    rt_heap_set_bit(part->chunks, rt_heap_unit(part, chunk));
    return true;
}

/* The end of a part that has no top chunk any more: two fence posts. */
static bool is_fence(const struct rt_heap_part *part, uintptr_t chunk)
{
    return chunk + 2 * FENCE == part->end && size_of(chunk) == FENCE &&
           size_of(chunk + FENCE) == 0;
}

/* From start, chunk by chunk: the last is free and ends exactly at the end. Returns how
 * many are in use, 0 when it is not so. */
static size_t walk_chunks(struct rt_heap_part *part, unsigned arena)
{
    uintptr_t before = 0, chunk = part->start;
    size_t blocks = 0, group = 0;

    while (chunk < part->end && !(before && is_fence(part, chunk))) {
        if (!enter(part, chunk, before, arena))
            return 0;
        for (; group * RT_UNITS_A_GROUP * RT_UNIT < chunk - part->start; group++)
            part->last[group] = (uint32_t)rt_heap_unit(part, before);
        before = chunk;
        chunk += size_of(chunk);
        blocks++;
    }
    for (; group * RT_UNITS_A_GROUP * RT_UNIT < part->end - part->start; group++)
        part->last[group] = (uint32_t)rt_heap_unit(part, before);
    if (chunk == part->end)
        rt_heap_set_bit(part->marked, rt_heap_unit(part, before));      /* the top chunk */
    return blocks;
}

static bool take_arena(struct rt_heap *heap, uintptr_t start, uintptr_t end, unsigned arena)
{
    struct rt_heap_part *part = new_part(heap, start, end);
    size_t blocks;

    if (!part)
        return false;
    blocks = walk_chunks(part, arena);
    if (blocks == 0) {
        drop_part(part);
        return false;
    }
    keep_part(heap, blocks);
    return true;
}

/* struct _heap_info. */
struct arena_head {
    uintptr_t arena, before, size, writable;
};

/* An arena of its own threads begins at a multiple of 64 MB with its head, in the first
 * of its parts followed by its state; where the chunks begin after that is tried out. */
static uintptr_t walk_thread_arena(struct rt_heap *heap, const struct rt_map *map, uintptr_t at)
{
    const struct arena_head *head = (const struct arena_head *)at;
    uintptr_t end = at + head->size;
    bool first = head->arena - at < ARENA_SEARCH;

    if (map->end - at < ARENA_SEARCH || head->size < ARENA_SEARCH || head->size > ARENA_ALIGN ||
        head->writable < head->size || head->writable > map->end - at ||
        head->writable > ARENA_ALIGN || (head->before == 0) != first)
        return at;
    for (uintptr_t chunk = at + sizeof *head; chunk < at + ARENA_SEARCH; chunk += RT_UNIT)
        if (flags_of(chunk) == (NON_MAIN | PREV_INUSE) && size_of(chunk) >= CHUNK_LEAST &&
            take_arena(heap, chunk, end, NON_MAIN))
            return at + head->writable;
    return at;
}

/* ---- large blocks ---- */

/* A mapping of its own: nothing before, flags say so, whole pages. */
static uintptr_t walk_mapped(struct rt_heap *heap, const struct rt_map *map, uintptr_t at)
{
    struct rt_heap_part *part;
    uintptr_t size = size_of(at);

    if (word_at(at) != 0 || flags_of(at) != IS_MMAPPED || size < 4096 || size % 4096 ||
        size > map->end - at)
        return at;
    part = new_part(heap, at, at + size);
    if (!part)
        return at;
    rt_heap_set_bit(part->chunks, 0);
    keep_part(heap, 1);
    return at + size;
}

uintptr_t rt_heap_walk(struct rt_heap *heap, const struct rt_map *map, uintptr_t at)
{
    char first[64];
    uintptr_t end;

    if (rt_pages_peek(at, first, sizeof first) < sizeof first)
        return at;
    if (strcmp(map->name, "[heap]") == 0)
        return at == map->start && take_arena(heap, at, map->end, 0) ? map->end : at;
    if (map->file || map->shared || !map->writable || map->name[0] || map->end - at < 4096)
        return at;
    if (at % ARENA_ALIGN == 0 && (end = walk_thread_arena(heap, map, at)) != at)
        return end;
    return walk_mapped(heap, map, at);
}

/* ---- looking up ---- */

/* The last set bit at or before unit, within its group; or else what the group says. */
static size_t chunk_before(const struct rt_heap_part *part, size_t unit)
{
    size_t group = unit / RT_UNITS_A_GROUP;

    for (size_t word = unit / 64; word >= group * (RT_UNITS_A_GROUP / 64); word--) {
        uint64_t bits = part->chunks[word];

        if (word == unit / 64)
            bits &= ~UINT64_C(0) >> (63 - unit % 64);
        if (bits)
            return word * 64 + 63 - (size_t)__builtin_clzll(bits);
        if (word == 0)
            break;
    }
    return part->last[group];
}

/* Nobody but its maker keeps where a mapping begins, if it is only one that looks like a large
 * block. */
uintptr_t rt_heap_chunk(const struct rt_heap_part *part, uintptr_t address)
{
    if (address >= part->start && address < part->end && flags_of(part->start) & IS_MMAPPED)
        return part->start;
    if (address < rt_heap_block(part->start) || address >= part->end + FENCE)
        return 0;
    return part->start + RT_UNIT * chunk_before(part, rt_heap_unit(part, address) - 1);
}

uintptr_t rt_heap_block_end(uintptr_t chunk)
{
    return chunk + size_of(chunk) + (flags_of(chunk) & IS_MMAPPED ? 0 : sizeof(uintptr_t));
}

struct rt_heap_part *rt_heap_find(const struct rt_heap *heap, uintptr_t address)
{
    return rt_ranges_find(heap->parts, heap->count, sizeof *heap->parts, address);
}

/* ---- freed blocks at hand ---- */

/* As glibc has it from 2.30 to 2.41. */
enum { CACHE_BINS = 64 };
struct cache {
    uint16_t  counts[CACHE_BINS];
    uintptr_t entries[CACHE_BINS];
};

static bool is_entry(const struct rt_heap *heap, uintptr_t entry, size_t bin)
{
    const struct rt_heap_part *part = rt_heap_find(heap, entry);

    return part && rt_heap_chunk(part, entry) == entry - RT_UNIT &&
           size_of(entry - RT_UNIT) == CHUNK_LEAST + bin * RT_UNIT;
}

/* The lists are told from a program's own, of live blocks of the same sizes, by what glibc writes
 * into freed ones: where the next is (mingled with where that stands, since 2.32: Itkin,
 * "Safe-Linking", 2020), and a key, the same in all, which was the cache's address before
 * 2.34. */
struct lists {
    const struct rt_heap *heap;
    uintptr_t             cache;
    uintptr_t             key;      /* of the first entry, or 0 */
    bool                  mingled;
};

static bool is_key(struct lists *l, uintptr_t key)
{
    if (!l->mingled)
        return key == l->cache;
    if (l->key == 0)
        l->key = key;
    return key != 0 && key == l->key;
}

static bool is_list(struct lists *l, uintptr_t entry, unsigned count, size_t bin)
{
    for (; count > 0 && is_entry(l->heap, entry, bin); count--) {
        if (!is_key(l, word_at(entry + sizeof entry)))
            return false;
        entry = word_at(entry) ^ (l->mingled ? entry >> 12 : 0);
    }
    return count == 0 && entry == 0;
}

static bool are_lists(struct lists *l, const struct cache *cache)
{
    for (size_t i = 0; i < CACHE_BINS; i++)
        if (!is_list(l, cache->entries[i], cache->counts[i], i))
            return false;
    return true;
}

/* One without any entry keeps nothing alive whatever it is taken for; but a block of the
 * program's that is zero so far must not be taken for one, as more may lie behind it. */
size_t rt_heap_cache_bytes(const struct rt_heap *heap, uintptr_t chunk)
{
    const struct cache *cache = (const struct cache *)rt_heap_block(chunk);
    struct lists plain = { heap, (uintptr_t)cache, 0, false }, mingled = plain;
    size_t entries = 0;

    if (size_of(chunk) != sizeof *cache + RT_UNIT)
        return 0;
    for (size_t i = 0; i < CACHE_BINS; i++)
        entries += cache->entries[i] != 0;
    mingled.mingled = true;
    return entries > 0 && (are_lists(&mingled, cache) || are_lists(&plain, cache)) ? sizeof *cache
                                                                                   : 0;
}
