/* overlay.h - another state of the files than the one on disk, as texts that stand in for them: nothing is stashed or
 * checked out.
 */
#ifndef OVERLAY_H
#define OVERLAY_H

#include "git.h"

struct overlay {
    struct unit_file *list;
    uint32_t          count, capacity;
};

/* Is it text that a unit may be made from, going by its name? */
bool overlay_is_source(const char *path);

/* The files as they are in the index. changes: what is staged. */
struct overlay overlay_of_index(struct git *git, const struct git_changes *changes);
/* As they are in a commit. changes: from that to the state that is looked at. */
struct overlay overlay_of_commit(struct git *git, const char *commit, const struct git_changes *changes);
/* As they are on disk: only what is no longer there does not count. */
struct overlay overlay_of_disk(struct git *git, const struct git_changes *changes);

#endif
