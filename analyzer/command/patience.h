/* patience.h - what a run spends on roots that turn out to be too much.
 *
 * A library has hundreds of functions to start from, and each of its test programs has all of them again.
 * Where many are too much, a run would take as many times --timeout. So each is tried once in a run, whatever
 * programs it belongs to; and when so many have been too much, the others have a smaller part of --timeout each:
 * first functions that nobody calls, much later main too. Where nothing is too much, nothing is different.
 */
#ifndef PATIENCE_H
#define PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "facts.h"

struct patience {
    uint64_t *tried;            /* keys of root_key.h that were cut for want of time, in no order */
    uint32_t  count, capacity;
    double    spent;            /* seconds on what was cut */
};

/* Seconds for the next root, of timeout (0: no limit) for each. */
double patience_seconds(const struct patience *p, double timeout, bool is_main);
/* It was cut in this run, as a root of another program. */
bool   patience_tried(const struct patience *p, uint64_t key);
/* A root was explored. key: 0 when it is not known. */
void   patience_note(struct patience *p, uint64_t key, const struct facts *facts, struct arena *arena);

#endif
