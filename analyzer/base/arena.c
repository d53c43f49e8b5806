#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t              used, size;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct arena_block *block;
    size_t              size;       /* of all blocks */
};

static struct arena_block *block_new(size_t size, struct arena_block *next)
{
    struct arena_block *b = malloc(sizeof *b + size);

    if (!b) {
        fputs("chanleak: out of memory\n", stderr);
        exit(2);
    }
    b->next = next;
    b->used = 0;
    b->size = size;
    return b;
}

struct arena *arena_new(void)
{
    struct arena_block *b = block_new(ARENA_BLOCK, NULL);
    struct arena *arena = (struct arena *)b->bytes;

    _Static_assert(sizeof *arena <= sizeof(max_align_t), "the first block begins with the arena");
    b->used = sizeof(max_align_t);
    *arena = (struct arena){ b, b->size };
    return arena;
}

/* Free all blocks but the first, which holds the arena itself. */
static struct arena_block *free_to_first(struct arena_block *b)
{
    while (b->next) {
        struct arena_block *next = b->next;

        free(b);
        b = next;
    }
    return b;
}

void arena_free(struct arena *arena)
{
    if (arena)
        free(free_to_first(arena->block));
}

void arena_reset(struct arena *arena)
{
    arena->block = free_to_first(arena->block);
    arena->block->used = sizeof(max_align_t);
    arena->size = arena->block->size;
}

size_t arena_size(const struct arena *arena)
{
    return arena->size;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *b = arena->block;

    if (b->size - b->used < rounded) {
        b = block_new(rounded > ARENA_BLOCK ? rounded : ARENA_BLOCK, b);
        arena->block = b;
        arena->size += b->size;
    }
    void *p = b->bytes + b->used;
    b->used += rounded;
    return memset(p, 0, size);
}

void *arena_grow(struct arena *arena, const void *old, size_t old_size, size_t new_size)
{
    void *p = arena_alloc(arena, new_size);

    return old_size ? memcpy(p, old, old_size) : p;
}

char *arena_strdup(struct arena *arena, const char *s)
{
    size_t size = strlen(s) + 1;

    return memcpy(arena_alloc(arena, size), s, size);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *s = arena_alloc(arena, (size_t)n + 1);
    vsnprintf(s, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return s;
}
