/* unit_kept.h - translation units of files that are being edited: between unit.c and unit_kept.c. */
#ifndef UNIT_KEPT_H
#define UNIT_KEPT_H

#include <clang-c/Index.h>

#include "unit.h"

struct source {
    const char           *path;
    struct CXUnsavedFile *overlay;
    unsigned              overlay_count;
    bool                  kept;
};

/* Parse it, or parse it again. NULL: libclang could not. It stays until another takes its place. */
CXTranslationUnit kept_parse(const struct source *source, const char *const *arguments, uint32_t count);

#endif
