/* places.h - where the headers of a unit were looked for: a file that newly stands in front of one of them changes the
 * unit, although nothing has changed that it was made from.
 *
 * libclang does not tell where it looked in vain. But there are few folders that it can have looked into, and a folder's
 * list of names changes when something is put there; only then is it asked whether that has the name of a header.
 */
#ifndef PLACES_H
#define PLACES_H

#include "inputs.h"

/* Folders, as numbers of inputs: those of the sources and of the search path, and what of them the headers' own folders
 * stand for, whether they are there or not. files: numbers of the unit's inputs, the source first. */
uint32_t *places_of(struct inputs *inputs, const char *directory, const char *const *arguments, const uint32_t *files,
                    uint32_t file_count, uint32_t *count);
/* Of which headers' names are where, in these folders. */
uint64_t  places_found(struct inputs *inputs, const uint32_t *places, uint32_t count, const uint32_t *files,
                       uint32_t file_count);

#endif
