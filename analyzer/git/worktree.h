/* worktree.h - git's work tree, its files called as the compile database calls them. */
#ifndef WORKTREE_H
#define WORKTREE_H

#include "git.h"
#include "session.h"

/* False: said. */
bool worktree_open(struct git *git, const struct session *session);

#endif
