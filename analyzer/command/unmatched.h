/* unmatched.h - names of the configuration that nothing in the programs has: misspelt, or left behind. */
#ifndef UNMATCHED_H
#define UNMATCHED_H

#include "session.h"

/* After a check of everything: a note on standard error for each name of roots and daemons that is no function's. */
void unmatched_tell(const struct session *session);

#endif
