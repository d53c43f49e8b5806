/* changed.h - check --diff: findings that touch the lines somebody has changed, or whose schedule does. */
#ifndef CHANGED_H
#define CHANGED_H

#include "git.h"
#include "session.h"

/* Keep those findings of the session alone. False: said why it cannot be known. */
bool changed_only(struct session *session);
/* Is the place on one of the lines? */
bool changed_at(const struct git_lines *lines, uint32_t count, struct site at);

#endif
