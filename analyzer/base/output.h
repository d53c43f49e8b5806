/* output.h - a file that is there as a whole or not at all: who reads it meanwhile sees the old one, and a run
 * that fails, is interrupted or killed leaves it.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct output;

/* NULL: errno. What is no regular file, such as a pipe or /dev/stdout, is written as it comes. One at a time. */
struct output *output_open(const char *path);
FILE          *output_file(struct output *output);
/* Put it into its place; with `keep` false the file is left as it was. False: errno. */
bool           output_close(struct output *output, bool keep);
/* From a signal handler that ends the process: nothing stays behind. */
void           output_interrupted(void);

#endif
