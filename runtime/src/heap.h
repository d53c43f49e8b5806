/* heap.h - which addresses are which block of glibc's malloc.
 *
 * Found by walking the chunks of each arena (the layout of malloc/malloc.c and arena.c,
 * unchanged in this since glibc 2.26) while nobody is in malloc. An area in which anything
 * is not as expected is not taken for malloc's at all.
 */
#ifndef RT_HEAP_H
#define RT_HEAP_H

#include "maps.h"

enum { RT_UNIT = 16, RT_UNITS_A_GROUP = 256 };

/* Chunks one behind the other. A unit is 16 bytes; bit n stands for the one at start + 16 n.
 * A chunk is a word of the chunk before it, a word of size and flags, and the block. */
struct rt_heap_part {
    uintptr_t start, end;
    uint64_t *chunks;               /* one begins here */
    uint64_t *marked;               /* that chunk was reached, or is free */
    uint32_t *last;                 /* per group of units: the last chunk that begins at or
                                       before its first unit */
};

struct rt_heap {
    struct rt_heap_part *parts;     /* by address */
    size_t               count;
    size_t               blocks;    /* in use */
    char                *room;      /* for the parts and their bits */
    size_t               used, size;
};

/* Room for all that can be found. False: out of memory. */
bool rt_heap_init(struct rt_heap *heap, const struct rt_maps *maps);
void rt_heap_drop(struct rt_heap *heap);

/* Look for chunks at the start of a range of a map, by address. Returns how far they go,
 * at if it is not malloc's; what lies between holds nothing else of the program's. */
uintptr_t rt_heap_walk(struct rt_heap *heap, const struct rt_map *map, uintptr_t at);

/* The header of the chunk whose block contains address (one behind its end included, and the
 * header of a block that has a mapping of its own), a free one too. part must be where it
 * lies. 0: it is before the first block. */
uintptr_t rt_heap_chunk(const struct rt_heap_part *part, uintptr_t address);

static inline size_t rt_heap_unit(const struct rt_heap_part *part, uintptr_t chunk)
{
    return (chunk - part->start) / RT_UNIT;
}

static inline bool rt_heap_bit(const uint64_t *bits, size_t unit)
{
    return bits[unit / 64] >> unit % 64 & 1;
}

static inline void rt_heap_set_bit(uint64_t *bits, size_t unit)
{
    bits[unit / 64] |= UINT64_C(1) << unit % 64;
}

/* The block of a chunk: the first byte, and the first behind it. */
static inline uintptr_t rt_heap_block(uintptr_t chunk)
{
    return chunk + 2 * sizeof(uintptr_t);
}
uintptr_t rt_heap_block_end(uintptr_t chunk);

/* How much of the chunk's block, from its first byte on, is a thread's cache of freed blocks
 * (tcache_perthread_struct): its pointers keep nothing alive. 0: it is not one. */
size_t rt_heap_cache_bytes(const struct rt_heap *heap, uintptr_t chunk);

struct rt_heap_part *rt_heap_find(const struct rt_heap *heap, uintptr_t address);

#endif
