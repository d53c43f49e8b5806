/* mark.c - marking. */
#include "mark.h"
#include "pages.h"

#include <string.h>

#define MEGABYTE     (UINT64_C(1) << 20)
#define ADDRESS_BITS 48
#define FILTER_BYTES ((UINT64_C(1) << (ADDRESS_BITS - 20)) / 8)

enum {
    BUFFER = 64 << 10,
    ACROSS = sizeof(uintptr_t) - 1, /* of an address that begins in the last byte of a piece */
    LARGE = 256 << 10,              /* a block of which some pages may never have been touched */
};

/* ---- set up ---- */

static void filter_add(struct rt_mark *m, uintptr_t start, uintptr_t end)
{
    for (uintptr_t mb = start / MEGABYTE; mb <= end / MEGABYTE; mb++)
        m->filter[mb / 64] |= UINT64_C(1) << mb % 64;
}

bool rt_mark_init(struct rt_mark *m)
{
    m->work_count = 0;
    m->work_size = (m->heap.blocks + m->task_count + 1) * sizeof *m->work;
    m->work = rt_pages_get(m->work_size);
    m->filter = rt_pages_get(FILTER_BYTES);
    m->recent = NULL;
    m->buffer = rt_pages_get(BUFFER + ACROSS);
    if (!m->work || !m->filter || !m->buffer)
        return false;
    for (size_t i = 0; i < m->heap.count; i++)
        filter_add(m, m->heap.parts[i].start, m->heap.parts[i].end);
    for (size_t i = 0; i < m->task_count; i++)
        filter_add(m, m->tasks[i].low, m->tasks[i].top);
    return true;
}

void rt_mark_drop(struct rt_mark *m)
{
    rt_pages_put(m->work, m->work_size);
    rt_pages_put(m->filter, FILTER_BYTES);
    rt_pages_put(m->buffer, BUFFER + ACROSS);
}

static bool filtered(const struct rt_mark *m, uintptr_t word)
{
    uintptr_t mb = word / MEGABYTE;

    return word >> ADDRESS_BITS || !(m->filter[mb / 64] >> mb % 64 & 1);
}

/* ---- one word ---- */

/* Each block and each stack comes here once, so that there is room. */
static void push(struct rt_mark *m, uintptr_t start, uintptr_t end)
{
    if (start < end)
        m->work[m->work_count++] = (struct rt_range){ start, end };
}

static struct rt_heap_part *part_of(struct rt_mark *m, uintptr_t word)
{
    struct rt_heap_part *part = m->recent;

    if (part && word >= part->start && word < part->end)
        return part;
    part = rt_heap_find(&m->heap, word);
    if (part)
        m->recent = part;
    return part;
}

static void mark_block(struct rt_mark *m, struct rt_heap_part *part, uintptr_t word)
{
    uintptr_t chunk = rt_heap_chunk(part, word);
    size_t unit;

    if (!chunk)
        return;
    unit = rt_heap_unit(part, chunk);
    if (rt_heap_bit(part->marked, unit))
        return;
    rt_heap_set_bit(part->marked, unit);
    push(m, rt_heap_block(chunk) + rt_heap_cache_bytes(&m->heap, chunk), rt_heap_block_end(chunk));
}

struct rt_mark_task *rt_mark_task_at(const struct rt_mark *m, uintptr_t address)
{
    return rt_ranges_find(m->tasks, m->task_count, sizeof *m->tasks, address);
}

void rt_mark_task(struct rt_mark *m, struct rt_mark_task *t)
{
    if (t->reached)
        return;
    t->reached = true;
    push(m, t->sp, t->top);
    rt_mark_word(m, (uintptr_t)t->task->sp, RT_STORED);         /* a stack of the program's own */
    rt_mark_word(m, (uintptr_t)t->task->arg, RT_STORED);
    rt_mark_word(m, (uintptr_t)t->task->heap_copy, RT_STORED);
}

void rt_mark_word(struct rt_mark *m, uintptr_t word, enum rt_source source)
{
    struct rt_heap_part *part;
    struct rt_mark_task *t;

    if (filtered(m, word))
        return;
    part = part_of(m, word);
    if (part)
        mark_block(m, part, word);
    if (!part || word == part->start) {         /* one behind the end of a large block */
        struct rt_heap_part *before = rt_heap_find(&m->heap, word - 1);

        if (before)
            mark_block(m, before, word);
    }
    if (part || !(t = rt_mark_task_at(m, word)))
        return;
    if (word == t->low || (word == (uintptr_t)t->task && source == RT_STORED))
        return;
    rt_mark_task(m, t);
}

/* The C library keeps addresses of chunks, not blocks; those are also the last word of the
 * block before. */
static bool is_bookkeeping(struct rt_mark *m, uintptr_t word)
{
    struct rt_heap_part *part = word % RT_UNIT || filtered(m, word) ? NULL : part_of(m, word);

    return part && rt_heap_bit(part->chunks, rt_heap_unit(part, word));
}

/* ---- many words ---- */

static void mark_words(struct rt_mark *m, const char *bytes, size_t size, enum rt_source source)
{
    uintptr_t word;

    for (size_t i = 0; i + sizeof word <= size; i += m->stride) {
        memcpy(&word, bytes + i, sizeof word);
        if (!filtered(m, word))
            rt_mark_word(m, word, source);
    }
}

static void mark_libc_words(struct rt_mark *m, const char *bytes, size_t size)
{
    uintptr_t word;

    for (size_t i = 0; i + sizeof word <= size; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        if (!is_bookkeeping(m, word))
            rt_mark_word(m, word, RT_STORED);
    }
}

struct reading {
    struct rt_mark *mark;
    enum rt_source  source;
};

/* Copied first, as some of it may not be readable after all. */
static void mark_touched(uintptr_t start, uintptr_t end, void *arg)
{
    struct reading *r = arg;
    struct rt_mark *m = r->mark;

    while (start < end) {
        /* An address may lie across the end of this piece, or of what is mapped in one. */
        size_t size = end - start < BUFFER ? end - start : BUFFER;
        size_t got = rt_pages_peek(start, m->buffer, size + ACROSS);

        if (start >= m->libc.start && start < m->libc.end)
            mark_libc_words(m, m->buffer, got);
        else
            mark_words(m, m->buffer, got, r->source);
        if (got >= size)
            start += size;
        else
            start = (start + got + 4096) & ~(uintptr_t)4095;
    }
}

void rt_mark_range(struct rt_mark *m, const struct rt_map *map, uintptr_t start, uintptr_t end,
                   enum rt_source source)
{
    struct reading r = { m, source };

    start = (start + sizeof(uintptr_t) - 1) & ~(sizeof(uintptr_t) - 1);
    if (start < end)
        rt_maps_touched(&m->maps, map, start, end, mark_touched, &r);
}

void rt_mark_finish(struct rt_mark *m)
{
    static const struct rt_map anonymous;

    while (m->work_count > 0) {
        struct rt_range r = m->work[--m->work_count];

        if (r.end - r.start >= LARGE)
            rt_mark_range(m, &anonymous, r.start, r.end, RT_STORED);
        else
            mark_words(m, (const char *)r.start, r.end - r.start, RT_STORED);
    }
}

/* ---- questions ---- */

void rt_mark_hide(struct rt_mark *m, const void *block)
{
    struct rt_heap_part *part = rt_heap_find(&m->heap, (uintptr_t)block);
    uintptr_t chunk = part ? rt_heap_chunk(part, (uintptr_t)block) : 0;

    if (chunk)
        rt_heap_set_bit(part->marked, rt_heap_unit(part, chunk));
}

bool rt_mark_reached(struct rt_mark *m, uintptr_t address)
{
    struct rt_heap_part *part = rt_heap_find(&m->heap, address);
    struct rt_mark_task *t = part ? NULL : rt_mark_task_at(m, address);
    uintptr_t chunk = part ? rt_heap_chunk(part, address) : 0;

    if (t)
        return t->reached;
    return !chunk || rt_heap_bit(part->marked, rt_heap_unit(part, chunk));
}
