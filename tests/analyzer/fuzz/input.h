/* input.h - what the fuzz targets share: their input as text, and how texts of lines
 * and words are changed. */
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* libFuzzer's */
int    LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* The input as a string; it ends at its first NUL. */
char *input_text(const uint8_t *data, size_t size, struct arena *arena);

/* Most changes take lines and words for what they are: a line is left out, said again or
 * moved; a word becomes another word of the text. What is left of the grammar then reaches
 * what stands behind the reader. The others are libFuzzer's own. Returns the new size. */
size_t input_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#endif
