/* element.h - what is sent: its sender's number and a count, its stamp, and from there on
 * a pattern over its whole size, so that a torn one is noticed.
 */
#ifndef ELEMENT_H
#define ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t element_stamp(unsigned sender, uint64_t count);

/* size: 0 (nothing is written), 4 (the number below 256, the count below 2^24), or at least
 * 8. */
void element_fill(unsigned char *element, size_t size, unsigned sender, uint64_t count);

/* Its stamp, and whether the pattern follows; size is not 0. */
bool element_is_whole(const unsigned char *element, size_t size, uint64_t *stamp);

#endif
