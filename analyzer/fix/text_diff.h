/* text_diff.h - two texts as a unified diff, for people and for git apply. */
#ifndef TEXT_DIFF_H
#define TEXT_DIFF_H

#include <stdio.h>

#include "arena.h"

/* Nothing when they are equal. path: as the diff names the file, below a/ and b/. */
void text_diff(const char *path, const char *before, const char *after, struct arena *arena, FILE *out);

#endif
