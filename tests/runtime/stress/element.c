/* element.c - elements that show when they are torn. */
#include "element.h"

#include <string.h>

uint64_t element_stamp(unsigned sender, uint64_t count)
{
    return (uint64_t)sender << 48 | count;
}

static unsigned char pattern(uint64_t stamp, size_t at)
{
    return (unsigned char)(stamp * 31 + at * 7);
}

void element_fill(unsigned char *element, size_t size, unsigned sender, uint64_t count)
{
    uint64_t stamp = element_stamp(sender, count);
    uint32_t small = (uint32_t)(sender << 24 | count);

    if (size == 4)
        memcpy(element, &small, 4);
    if (size >= 8)
        memcpy(element, &stamp, 8);
    for (size_t i = 8; i < size; i++)
        element[i] = pattern(stamp, i);
}

bool element_is_whole(const unsigned char *element, size_t size, uint64_t *stamp)
{
    uint32_t small;

    if (size == 4) {
        memcpy(&small, element, 4);
        *stamp = element_stamp(small >> 24, small & 0xffffff);
        return true;
    }
    memcpy(stamp, element, 8);
    for (size_t i = 8; i < size; i++)
        if (element[i] != pattern(*stamp, i))
            return false;
    return true;
}
