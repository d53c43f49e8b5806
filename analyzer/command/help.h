/* help.h - what chanleak says of itself: help, made of the tables of commands (main.c) and of
 * options (options.c), as are completions and the manual page (manual.h), so that none of them goes stale.
 */
#ifndef HELP_H
#define HELP_H

#include <stdbool.h>
#include <stdio.h>

#include "arena.h"

struct command;
struct option;

/* Of a command, or of the whole program (NULL). */
void        help_print(const struct command *command, FILE *out);
/* The words of --format: "text|json|sarif", of the command. */
const char *help_formats(const struct command *command, struct arena *arena);
/* What an option's help says for a command (NULL: in general). */
const char *help_option(const struct option *option, const struct command *command, struct arena *arena);
/* "-o FILE, --output=FILE": the option and its other names after it. */
const char *help_spelling(const struct option *option, struct arena *arena);
/* Is the word one of "a|b|c" or "a b c"? And those as a sentence has them: "a, b or c". */
bool        help_has_word(const char *words, const char *word);
const char *help_words(const char *words, struct arena *arena);

#endif
