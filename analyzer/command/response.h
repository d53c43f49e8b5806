/* response.h - @FILE on the command line: more words of it, from a file. */
#ifndef RESPONSE_H
#define RESPONSE_H

#include "arena.h"

/* The words of a file, parted by blanks and line ends; quotes '...' and "..." and the backslash are the
 * shell's. Ends with NULL; of the arena. NULL: *error says why not. */
char *const *response_read(const char *path, struct arena *arena, const char **error);
/* A whole file as text, "-": standard input. NULL: *error says why not. */
char        *response_text(const char *path, struct arena *arena, const char **error);

#endif
