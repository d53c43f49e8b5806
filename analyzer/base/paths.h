/* paths.h - names of files. */
#ifndef PATHS_H
#define PATHS_H

#include <stdbool.h>

#include "arena.h"

/* path made absolute against directory, without "." and ".." */
char       *path_absolute(const char *directory, const char *path, struct arena *arena);
const char *path_last(const char *path);            /* what follows the last slash */
char       *path_folder(const char *path, struct arena *arena);     /* what precedes it; "/" at the top */
bool        path_is_file(const char *path);
bool        path_is_directory(const char *path);
const char *path_working_directory(struct arena *arena);

#endif
