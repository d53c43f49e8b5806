/* ranges.c - sorting them where qsort, which calls malloc, may not be used. */
#include "ranges.h"

/* Word by word. */
static void swap(uintptr_t *a, uintptr_t *b, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        uintptr_t word = a[i];

        a[i] = b[i];
        b[i] = word;
    }
}

static void sift(uintptr_t *all, size_t at, size_t count, size_t words)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && all[(child + 1) * words] > all[child * words])
            child++;
        if (all[child * words] <= all[at * words])
            break;
        swap(&all[at * words], &all[child * words], words);
    }
}

/* Heap sort (Williams, "Algorithm 232", 1964). */
void rt_ranges_sort(void *all, size_t count, size_t size)
{
    size_t words = size / sizeof(uintptr_t);

    for (size_t i = count / 2; i-- > 0;)
        sift(all, i, count, words);
    while (count-- > 1) {
        swap(all, (uintptr_t *)all + count * words, words);
        sift(all, 0, count, words);
    }
}
