/* git.h - what git knows of the files, asked by running git.
 *
 * Run in the working directory with the environment as it is, so that GIT_DIR, GIT_WORK_TREE and GIT_INDEX_FILE mean
 * what they mean to git: a hook of `git commit PATH` is asked of the index of that commit. Nothing is written, the
 * index is not even refreshed.
 */
#ifndef GIT_H
#define GIT_H

#include <stdbool.h>
#include <stdint.h>

#include "source.h"

struct git {
    struct arena *arena;
    const char   *top;              /* the work tree, absolute */
    const char   *error;            /* NULL, or why git could not be asked: one line */
};

struct git_change {
    char        status;             /* of git-diff: A, D, M, R, T, U */
    unsigned    old_mode, mode;     /* 0: there is none */
    const char *old_path, *path;    /* absolute; the same but of a renamed file */
    const char *old_blob, *blob;    /* names of objects; zeros: only on disk */
};

struct git_changes {
    struct git_change *list;
    uint32_t           count, capacity;
};

enum { GIT_LINK = 0120000, GIT_SUBMODULE = 0160000 };      /* modes */

/* Lines of a file that differ: from `from` on, `count` of them. */
struct git_hunk {
    uint32_t from, count;           /* count 0: something was removed after line `from` */
};

struct git_lines {
    const char      *path;          /* absolute */
    bool             whole;         /* all of it is new */
    struct git_hunk *hunks;
    uint32_t         count, capacity;
};

/* Find the work tree. False: *error says why. */
bool               git_open(struct git *git, struct arena *arena, const char **error);
/* The full name of a revision's commit; NULL: there is none. */
const char        *git_commit(struct git *git, const char *revision);
/* The commits that are being merged into HEAD, ends with NULL. */
const char       **git_merge_heads(struct git *git);

/* Where git looks for a hook, absolute: core.hooksPath and worktrees have a say. NULL: see error. */
const char        *git_hook(struct git *git, const char *name);

/* Each of these sets git->error when it fails.
 *
 * From the commit to the index; commit NULL: before the first one. */
struct git_changes git_staged(struct git *git, const char *commit);
/* From the commit (NULL: the index) to the work tree; renames: they are told from deletions. */
struct git_changes git_unstaged(struct git *git, const char *commit, bool renames);
/* Files of the work tree that git does not know and is not told to ignore. Ends with NULL. */
const char       **git_untracked(struct git *git);
/* What of the work tree, or of the index, differs from the commit; untracked files are wholly new. */
struct git_lines  *git_changed_lines(struct git *git, const char *commit, bool staged, uint32_t *count);
/* The texts of `count` blobs; NULL for what is none. */
const char       **git_texts(struct git *git, const char *const *blobs, uint32_t count);

#endif
