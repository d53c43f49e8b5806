/* flags.h - a compiler's command becomes arguments for libclang. */
#ifndef FLAGS_H
#define FLAGS_H

#include <stdint.h>

#include "arena.h"

/* Words that grow. */
struct words {
    struct arena *arena;
    const char  **list;
    uint32_t      count, capacity;
};

void         words_add(struct words *words, const char *word);
/* A shell command, quotes removed. */
struct words words_split(const char *command, struct arena *arena);
/* All of them, a line each. */
const char  *words_join(const char *const *list, uint32_t count, struct arena *arena);

/* What of the command `words`, run in `directory`, changes the meaning of the source: absolute paths,
 * @files read, gcc's own options left out, the machine told from the name of a cross compiler.
 * *output becomes the word behind -o, where there is one. */
struct words flags_normalise(const struct words *words, const char *directory, const char **output);

#endif
