#include "suggest.h"

#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b, size_t c)
{
    return a < b ? (a < c ? a : c) : b < c ? b : c;
}

/* Letters to insert, delete or change (Levenshtein 1966). */
static size_t distance(const char *a, size_t a_size, const char *b)
{
    size_t b_size = strlen(b), row[64];

    if (b_size + 1 > sizeof row / sizeof *row)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t above = row[j];

            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_size];
}

struct suggestion suggest_for(const char *word, size_t size)
{
    return (struct suggestion){ .word = word, .size = size, .distance = SIZE_MAX };
}

void suggest_consider(struct suggestion *s, const char *name)
{
    size_t d = distance(s->word, s->size, name);

    if (d >= s->distance)
        return;
    s->distance = d;
    s->nearest = name;
}

const char *suggest_word(const struct suggestion *s)
{
    return s->distance <= s->size / 2 ? s->nearest : NULL;
}
