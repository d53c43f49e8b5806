/* comments.h - the comments of a C source, and the code each of them is about.
 *
 * A lexer of no more than comments, strings, character constants, spliced lines and directives: enough to know
 * what is a comment and where a statement begins and ends.
 */
#ifndef COMMENTS_H
#define COMMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

struct comment {
    const char *text;           /* without its marks; spliced lines are joined */
    uint32_t    line, col;      /* where it begins, from 1 */
    uint32_t    end_line;       /* where it ends */
    /* The lines of what it is about: of the statement before it on its line, else of the one that follows. */
    uint32_t    first, last;
    bool        alone;          /* nothing stands before it on its line */
    bool        conditional;    /* within #if: what it is about may not be compiled */
};

/* All comments of the text, in their order. */
struct comment *comments_read(const char *text, struct arena *arena, uint32_t *count);

#endif
