/* baseline.h - the findings a project has agreed to live with for now: a JSON file, sorted, one finding told by what it is
 * (finding_key.h) and never by its line's number, so that it lasts while code around it moves.
 *
 *     { "version": 1,
 *       "findings": [
 *         { "path": "src/search.c", "rule": "forgotten-sender", "function": "search", "object": "found",
 *           "line": "chan_send(found,&record);", "count": 2 } ] }
 *
 * path is relative to the file's folder; count is left out where it is 1.
 */
#ifndef BASELINE_H
#define BASELINE_H

#include "finding_key.h"

struct baseline_entry {
    struct finding_key key;
    uint64_t           hash;
    uint32_t           count, left;     /* left: not found yet */
};

struct baseline {
    struct arena          *arena;
    const char            *path, *folder;   /* absolute */
    struct baseline_entry *entries;
    uint32_t               count, capacity;
    bool                   there;       /* the file is */
};

/* Read the file; where there is none, it is empty. NULL: *error is "file:line: what". */
struct baseline *baseline_read(const char *path, struct arena *arena, const char **error);
/* False: errno. */
bool             baseline_write(const struct baseline *baseline);

/* The key of a finding in it. */
struct finding_key baseline_key(const struct baseline *baseline, const struct finding *finding);
void               baseline_add(struct baseline *baseline, const struct finding_key *key, uint32_t count);
/* Is there one left of the key? Then there is one less. */
bool               baseline_take(struct baseline *baseline, const struct finding_key *key);
/* By path, rule, function, object and line. */
void               baseline_sort(struct baseline *baseline);

#endif
