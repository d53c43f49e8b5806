/* ranges.h - arrays of things that take up a range of addresses each.
 *
 * Each thing begins with a struct rt_range, or with two words that mean the same.
 */
#ifndef RT_RANGES_H
#define RT_RANGES_H

#include <stddef.h>
#include <stdint.h>

struct rt_range { uintptr_t start, end; };

/* By start, without malloc. size: of one, a multiple of a word's. */
void rt_ranges_sort(void *all, size_t count, size_t size);

/* The one that holds address, or NULL; all is sorted. Here, so that size is a constant. */
static inline void *rt_ranges_find(const void *all, size_t count, size_t size, uintptr_t address)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *at = (const char *)all + middle * size;
        const uintptr_t *range = (const uintptr_t *)at;

        if (address < range[0])
            high = middle;
        else if (address >= range[1])
            low = middle + 1;
        else
            return (void *)(uintptr_t)at;
    }
    return NULL;
}

#endif
