/* fix_run.h - check --fix: repair what can be repaired, and say what was. */
#ifndef FIX_RUN_H
#define FIX_RUN_H

#include "session.h"

/* Of what the session has checked, look for repairs and write them into the files; with `diff`, print them there as a
 * unified diff and write nothing. What was repaired is said on standard error. *count: files with repairs. False: something
 * could not be written, which is said. */
bool fix_run(struct session *session, FILE *diff, uint32_t *count);

#endif
