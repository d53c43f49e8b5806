/* fix_edit.h - changes of a text, and how they fit its style: indentation and line ends are those of the lines
 * around them.
 */
#ifndef FIX_EDIT_H
#define FIX_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

struct fix_edit {
    uint32_t    begin, end;     /* bytes of the text, end exclusive: equal where something is put in */
    const char *text;           /* that takes their place */
};

/* A file as a string of `arena`; NULL: it cannot be read, is empty, or holds a byte 0. */
char *fix_read(const char *path, struct arena *arena);
/* The text with the edits, which are in the order of their places and do not overlap. */
char *fix_apply(const char *text, const struct fix_edit *edits, uint32_t count, struct arena *arena);

/* Where a statement ends whose last word ends at `at`: past the ';' behind it, if there is one. */
uint32_t fix_statement_end(const char *text, uint32_t at);

/* Statements are calls joined by "; ", without the last ';'. */

/* What to put in before the statement that begins at `at`: lines of their own when it begins its line. */
char *fix_before(const char *text, uint32_t at, const char *statements, struct arena *arena);
/* Likewise behind the one that begins at `begin`. */
char *fix_after(const char *text, uint32_t begin, const char *statements, struct arena *arena);
/* `if (condition) statements` for the statement that begins at `at`, with its ';'. The function's first statement begins
 * at `first`: it shows how far one level is indented. */
char *fix_if(const char *text, uint32_t at, uint32_t first, const char *condition, const char *statements,
             struct arena *arena);
/* Three edits that put statements before one without braces, from `begin` to `end`, and braces around both; `head`: where
 * the if or loop begins that it belongs to. False: there is no place for a brace. */
bool fix_braces(const char *text, uint32_t head, uint32_t begin, uint32_t end, const char *statements,
                struct arena *arena, struct fix_edit edits[3]);

#endif
