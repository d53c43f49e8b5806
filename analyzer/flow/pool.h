/* pool.h - the strings of a flow, each stored once.
 *
 * Alias keys are compared by index, so equal text must have one index. A pool
 * belongs to the flow that is being built and is not needed to read it.
 */
#ifndef POOL_H
#define POOL_H

#include "flow.h"

struct pool {
    struct flow *flow;
    uint32_t     capacity;      /* of flow->strings */
    uint32_t    *table;         /* open addressing: string index + 1, 0 empty */
    uint32_t     table_size;    /* a power of two */
};

struct pool pool_of(struct flow *flow);     /* over a flow that has no strings yet */
uint32_t    pool_text(struct pool *pool, const char *bytes, size_t size);
uint32_t    pool_string(struct pool *pool, const char *string);
uint32_t    pool_printf(struct pool *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
