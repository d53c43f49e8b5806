#include "pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { POOL_TABLE = 256, POOL_PRINT = 512 };    /* entries at first; bytes that need no allocation */

/* FNV-1a (Fowler, Noll, Vo, 1991): short keys, no need for more. */
static uint32_t hash_bytes(const char *bytes, size_t size)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)bytes[i]) * 16777619u;
    return h;
}

struct pool pool_of(struct flow *flow)
{
    return (struct pool){
        .flow = flow,
        .table = ARENA_ARRAY(flow->arena, uint32_t, POOL_TABLE),
        .table_size = POOL_TABLE,
    };
}

/* The place in the table where the text is, or belongs. */
static uint32_t *pool_place(struct pool *pool, const char *bytes, size_t size)
{
    uint32_t at = hash_bytes(bytes, size);

    for (;; at++) {
        uint32_t *place = &pool->table[at & (pool->table_size - 1)];

        if (!*place)
            return place;
        const struct text *t = &pool->flow->strings[*place - 1];
        if (t->size == size && !memcmp(t->bytes, bytes, size))
            return place;
    }
}

static void pool_widen(struct pool *pool)
{
    struct flow *flow = pool->flow;

    pool->table_size *= 2;
    pool->table = ARENA_ARRAY(flow->arena, uint32_t, pool->table_size);
    for (uint32_t i = 0; i < flow->string_count; i++)
        *pool_place(pool, flow->strings[i].bytes, flow->strings[i].size) = i + 1;
}

uint32_t pool_text(struct pool *pool, const char *bytes, size_t size)
{
    struct flow *flow = pool->flow;
    uint32_t *place = pool_place(pool, bytes, size);

    if (*place)
        return *place - 1;
    char *copy = arena_alloc(flow->arena, size + 1);
    if (size)
        memcpy(copy, bytes, size);
    ARENA_PUSH(flow->arena, flow->strings, flow->string_count, pool->capacity) =
        (struct text){ copy, (uint32_t)size };
    *place = flow->string_count;
    if (flow->string_count * 2 > pool->table_size)
        pool_widen(pool);
    return flow->string_count - 1;
}

uint32_t pool_string(struct pool *pool, const char *string)
{
    return pool_text(pool, string, strlen(string));
}

uint32_t pool_printf(struct pool *pool, const char *format, ...)
{
    char small[POOL_PRINT];
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, format, args);
    uint32_t string;
    if ((size_t)n < sizeof small) {
        string = pool_text(pool, small, (size_t)n);
    } else {
        char *big = arena_alloc(pool->flow->arena, (size_t)n + 1);

        vsnprintf(big, (size_t)n + 1, format, again);
        string = pool_text(pool, big, (size_t)n);
    }
    va_end(again);
    va_end(args);
    return string;
}
