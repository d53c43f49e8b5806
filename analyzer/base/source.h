/* source.h - source text, places in it, and paths as people see them. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "arena.h"

struct site {
    const char *file;           /* absolute path; NULL: no place */
    uint32_t    line, col;      /* from 1 */
};

struct unit_file {              /* text that stands in for a file, on disk or not */
    const char *path, *text;    /* text NULL: as if there were no such file */
};

/* path relative to the working directory, or as it is */
const char *source_path(const char *path, struct arena *arena);
/* text with each absolute path below the working directory made relative */
const char *source_relative(const char *text, struct arena *arena);
/* Texts that stand in for files, from now on; they stay in use. */
void source_overlay(const struct unit_file *files, size_t count);
/* A file's whole text, or NULL. Of `arena`, as what follows: files are read once as long as it is the same. */
const char *source_text(const char *path, struct arena *arena);
/* A line of a file without its end, or NULL. */
const char *source_line(const char *path, uint32_t line, struct arena *arena);
/* What the call at the place is given first, without a leading &, when it stands on one line and is no more than
 * a name or a path to a member; else NULL. */
const char *source_argument(struct site at, struct arena *arena);
/* The text from at up to the end place on one line, blanks joined; NULL when it cannot be read. */
const char *source_span(struct site at, uint32_t end_line, uint32_t end_col, struct arena *arena);

/* All that is left of the stream, *size bytes and a NUL behind them; see ferror. Blocks. */
char *source_stream(FILE *in, size_t *size, struct arena *arena);
/* The bytes of a regular file as it is on disk now, and a NUL behind them. NULL: errno. */
char *source_read(const char *path, struct arena *arena);

#endif
