/* unit.h - one translation unit, parsed by libclang. */
#ifndef UNIT_H
#define UNIT_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct unit_file {              /* text that stands in for a file, on disk or not */
    const char *path, *text;
};

struct unit {
    void        *tu;            /* CXTranslationUnit; NULL: could not be parsed */
    const char  *error;         /* then: why, "file:line:col: error: ..." */
    const char  *warning;       /* flags that had to be dropped, or NULL */
    const char **includes;      /* files read besides the source, each once */
    uint32_t     include_count;
};

/* Parse `file` in `directory` with the arguments of compdb.h, which hold neither
 * compiler nor output. Strings are of the arena. The unit is closed with
 * unit_close. Parsing is serialised by the caller: the working directory of
 * the process is not changed. */
struct unit unit_open(const char *directory, const char *file, const char *const *args, size_t count,
                      const struct unit_file *overlay, size_t overlay_count, struct arena *arena);
void unit_close(struct unit *unit);

/* One identifier for the libclang in use, for cache keys. */
const char *unit_compiler_version(void);

#endif
