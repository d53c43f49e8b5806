/* compdb.h - the compile database: which files there are and how each is compiled. */
#ifndef COMPDB_H
#define COMPDB_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

struct compdb_entry {
    const char  *file;          /* absolute */
    const char  *directory;     /* absolute */
    const char **arguments;     /* for libclang: without compiler, source, output; ends with NULL */
    uint32_t     argument_count;
    const char  *command;       /* all its words as they are, one a line */
    const char  *target;        /* ".../CMakeFiles/name.dir" of the output, or "" */
};

struct compdb {
    const char          *path;
    struct compdb_entry *entries;   /* of C sources only, in the order of the file */
    uint32_t             count;
    bool                 given;     /* by the command line: no file of its own */
    const char          *there;     /* a directory that is there, or NULL */
};

/* Read the database `where` (the file, or a folder that holds it; NULL: look in
 * the folder `near` or of the file `near`, its parents, and the build/ of each), or a compile_flags.txt.
 * NULL and in *error one line that names the file and the remedy. All of `arena`. */
struct compdb *compdb_load(const char *where, const char *near, struct arena *arena, const char **error);

/* One of these sources, or all in these folders, each compiled in the working directory with these flags, which end with
 * NULL: "a.c -- -Iinclude". */
struct compdb *compdb_given(const char *const *files, size_t count, const char *const *flags, struct arena *arena);

/* Why the entry cannot be read, its file or directory being gone; NULL: it can. found: its file is known to be there. */
const char *compdb_gone(struct compdb *db, const struct compdb_entry *entry, bool found, struct arena *arena);

#endif
