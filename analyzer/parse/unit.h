/* unit.h - one translation unit, parsed by libclang. */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source.h"

struct unit {
    void        *tu;            /* CXTranslationUnit; NULL: could not be parsed */
    const char  *error;         /* then: why, "file:line:col: error: ..." */
    const char  *warning;       /* flags that had to be dropped, or NULL */
    const char **includes;      /* files read besides the source, each once */
    uint32_t     include_count;
    bool         kept;          /* by unit_open_kept */
};

/* Parse `file` in `directory` with the arguments of compdb.h, which hold neither
 * compiler nor output. Strings are of the arena. The unit is closed with
 * unit_close. Parsing is serialised by the caller: the working directory of
 * the process is not changed. */
struct unit unit_open(const char *directory, const char *file, const char *const *args, size_t count,
                      const struct unit_file *overlay, size_t overlay_count, struct arena *arena);
void unit_close(struct unit *unit);

/* The same, of a file that is being edited: the translation unit stays after unit_close, and is parsed again
 * with what comes before the first declaration already compiled. A few are kept; the one that was
 * used least recently goes. */
struct unit unit_open_kept(const char *directory, const char *file, const char *const *args, size_t count,
                           const struct unit_file *overlay, size_t overlay_count, struct arena *arena);
void unit_forget_kept(void);

/* One identifier for the libclang in use, for cache keys. */
const char *unit_compiler_version(void);

#endif
