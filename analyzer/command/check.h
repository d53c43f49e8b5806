/* check.h - from what the options ask for to what the rules say of it: check, and the server. */
#ifndef CHECK_H
#define CHECK_H

#include "session.h"

/* With the store and the front open: read, explore what is new, and let the rules name what was found; or tell what
 * was found when nothing has changed since. Fills session->findings, sorted, and the summary. False: said. */
bool check_run(struct session *session);
/* The number that store_outcome knows this state of a program by. */
uint64_t check_state(const struct session *session, const struct front_program *program);

/* Its two halves. Nothing has changed since a run that asked for the same: what it said is told again. */
bool check_again(struct session *session);
/* After session_read. False: said. */
bool check_read(struct session *session);

#endif
