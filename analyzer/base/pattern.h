/* pattern.h - paths as people write them when they mean many. */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>

/* Does the pattern name `path`, or a folder above it? Within one component *, ? and [a-z] as in a shell; a
 * component ** is any number of folders. A pattern of one component is looked for at any depth, as in .gitignore. */
bool pattern_names(const char *pattern, const char *path);

#endif
