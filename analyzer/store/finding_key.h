/* finding_key.h - what a finding is, wherever the lines around it move: its rule, path, function, channel and
 * normalised line text, never a line number.
 *
 * Two findings with equal keys are the same one, seen in two states of a project: the baseline and what a commit
 * introduces are both told by it. Several findings of one state may have one key (the same line twice in a
 * function), so states are compared as multisets.
 */
#ifndef FINDING_KEY_H
#define FINDING_KEY_H

#include "finding.h"

struct finding_key {            /* no member is NULL */
    const char *rule, *path, *function, *object, *line;
};

/* path: what to call the file, such as relative to the folder a baseline lies in. text: the line of finding->at as
 * the file has it, or NULL. Of `arena`, but for what the finding and the caller have. */
struct finding_key finding_key(const struct finding *finding, const char *path, const char *text,
                               struct arena *arena);
/* The text of a line without what may change and mean the same: blanks that part no words, comments. Strings
 * stay as they are. */
const char        *finding_key_line(const char *text, struct arena *arena);
uint64_t           finding_key_hash(const struct finding_key *key);     /* XXH3 of all members, never 0 */

/* How many findings there are of each key. Zeroed but for the arena: none. */
struct finding_keys {
    struct arena    *arena;
    struct key_slot *table;         /* open addressing */
    uint32_t         count, size;   /* size: a power of two */
};

void finding_keys_add(struct finding_keys *keys, uint64_t hash);
/* Is there one? Then there is one less. */
bool finding_keys_take(struct finding_keys *keys, uint64_t hash);

#endif
