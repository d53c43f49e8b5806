/* unit_cache.h - flows of units that were parsed before. front asks for them; who keeps them is not its
 * business (store_units.c does).
 */
#ifndef UNIT_CACHE_H
#define UNIT_CACHE_H

#include "inputs.h"

/* A unit as it was parsed. */
struct cached_unit {
    const char     *file, *directory;
    const char *const *arguments;   /* ends with NULL */
    uint64_t        key;        /* XXH3 of these and of what parses (parser_identity) */
    uint64_t        hash;       /* XXH3 of the contents of its inputs */
    const uint32_t *inputs;     /* numbers; the source first */
    uint32_t        input_count;
    const uint32_t *places;     /* folders where headers were looked for, as in places.h */
    uint32_t        place_count;
    const char     *error, *warning;
    struct bytes    flow;       /* flow_pack.h */
};

struct unit_cache {
    void          *self;
    struct inputs *inputs;
    /* Is there a unit of that key, analysed, whose inputs are now what they were, and found where they were? Its warning and hash; and what
     * flow() knows it by. */
    bool         (*find)(void *self, uint64_t key, const char **warning, uint64_t *hash, int64_t *row);
    bool         (*knows)(void *self, uint64_t key);        /* one of that key, in whatever state? */
    struct bytes (*flow)(void *self, int64_t row, struct arena *arena);     /* none: it is gone */
    /* Calls each(to, source) for the units that were made from that file, too. */
    void         (*users)(void *self, const char *path, void (*each)(void *to, const char *source), void *to);
    void         (*keep)(void *self, const struct cached_unit *unit);
};

#endif
