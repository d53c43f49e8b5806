/* canon_internal.h - what writing (canon.c) and reading (canon_read.c) the bytes of a state share. */
#ifndef CANON_INTERNAL_H
#define CANON_INTERNAL_H

#include "machine.h"

enum { RECORD_END, RECORD_OBJECT, RECORD_UNKNOWN };

/* With the numbers of a state apart, a channel's elements are written as they are, or as a row: the first
 * one, and by how much each number in it grows from one to the next. The shape of a state does not tell then
 * how many wait (follow.c). */
enum { ELEMENTS_EACH, ELEMENTS_ROW };

#endif
