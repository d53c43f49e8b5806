/* inputs.h - what is in the files that units are made from: hashes of contents, so that what was computed
 * from them is known to be still right. Of a folder the contents are the names that may be headers' or folders'.
 *
 * A file whose size and time of change are those of last time is not read again. Times are trusted
 * once they lie back far enough that a change after them would show (as git does with its index).
 */
#ifndef INPUTS_H
#define INPUTS_H

#include "bytes.h"
#include "source.h"

struct input {
    const char *path;           /* absolute */
    int64_t     size;           /* bytes; -1: there is no such file */
    int64_t     changed;        /* nanoseconds since 1970; 0: not to be trusted */
    int64_t     written;        /* likewise, as the file says; 0: not looked at */
    uint64_t    hash;           /* XXH3 of the contents, 0: no such file */
    bool        marked;         /* it may hold comments for chanleak: input_is_marked */
    bool        checked;        /* is so now */
    bool        regular;        /* a file, no folder or device; known once it is checked */
    bool        fresh;          /* and was otherwise when it was remembered */
    const char **names;         /* of a folder, sorted, once it has been read */
    uint32_t    name_count;
    bool        listed;
    uint8_t    *has;            /* by number of an input: does the folder have its name; 0: not asked yet */
    uint32_t    has_size;
};

struct inputs {
    struct arena  *arena;
    struct input  *list;
    uint32_t       count, capacity;
    uint32_t      *table;       /* open addressing: index + 1, 0 empty */
    uint32_t       table_size;  /* a power of two */
    const struct unit_file *overlay;
    size_t         overlay_count;
    uint64_t      *hashes;      /* room for those of one unit's inputs */
    uint32_t       room;
    bool           moves;       /* with it there are other files than on disk */
};

/* May the text hold comments that ask chanleak to be silent? Cheap: they name it. */
bool           input_is_marked(const char *text, size_t size);

/* The overlay's texts stand in for files, and stay in use. */
struct inputs *inputs_new(const struct unit_file *overlay, size_t overlay_count, struct arena *arena);
/* The number of a path, the same each time. */
uint32_t       inputs_number(struct inputs *inputs, const char *path);
/* What was known of a path when it was last looked at. */
void           inputs_remember(struct inputs *inputs, uint32_t number, int64_t size, int64_t changed, uint64_t hash,
                               bool marked);
/* Of the contents now, or of the texts that stand in for them. */
uint64_t       inputs_hash_all(struct inputs *inputs, const uint32_t *numbers, uint32_t count);
/* Is it a file, and no folder, on disk? */
bool           inputs_is_file(struct inputs *inputs, const char *path);
/* Has one of them been written since `time`, or in the same tick, or since it was hashed? */
bool           inputs_newer(struct inputs *inputs, const uint32_t *numbers, uint32_t count, int64_t time);
/* Nanoseconds since 1970, by the clock that files' times are of: it moves with the kernel's ticks, and what is written
 * later has no earlier time. */
int64_t        inputs_now(void);
/* Does the folder have a name, on disk, that is the last one of the file's path? */
bool           inputs_has_name(struct inputs *inputs, uint32_t folder, uint32_t file);
/* Of a file's path, size and times: another when it was replaced. */
uint64_t       inputs_stamp(const char *path);
/* The text that stands in for it, or NULL. */
const struct unit_file *inputs_text(const struct inputs *inputs, const char *path);
const char    *inputs_overlay(const struct inputs *inputs, uint32_t number);

#endif
