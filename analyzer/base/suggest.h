/* suggest.h - the name somebody may have meant who wrote another. */
#ifndef SUGGEST_H
#define SUGGEST_H

#include <stddef.h>

struct suggestion {
    const char *word;           /* as it was written; not ended by a NUL */
    size_t      size;
    const char *nearest;        /* of the names considered, or NULL */
    size_t      distance;
};

struct suggestion suggest_for(const char *word, size_t size);
void              suggest_consider(struct suggestion *suggestion, const char *name);
/* The nearest name, if no more than half of the word's letters have to change; else NULL. */
const char       *suggest_word(const struct suggestion *suggestion);

#endif
