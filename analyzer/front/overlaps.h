/* overlaps.h - records of several types that one pointer may lead to.
 *
 * Events, messages and nodes begin alike and go through void *: what is written as one type is read as another, whose
 * fields have alias classes of their own (flow.h). Where the same pointer may lead, the same offset is the same memory.
 */
#ifndef OVERLAPS_H
#define OVERLAPS_H

#include "flow.h"

/* Add aliases to the flow of a linked program, for fields that pointers lead to under several names.
 * Takes time in proportion to the program, a few times. */
void overlaps_join(struct flow *program);

#endif
