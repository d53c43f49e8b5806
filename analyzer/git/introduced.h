/* introduced.h - check --staged and --new-from: what a change introduces.
 *
 * Two states of the programs that the change touches are looked at, the new one and the one before it (for a merge,
 * each of its parents), and findings that an old state has, too, are left out. They are told by finding_key.h, never
 * by line numbers. The old state is usually known (outcome.h): it was the new one some commits ago.
 */
#ifndef INTRODUCED_H
#define INTRODUCED_H

#include "session.h"

/* With the store open: in place of session_open and check_run. Leaves in session->findings what the change
 * introduces, wherever it shows: a header may break what includes it. False: said. */
bool introduced_run(struct session *session);

#endif
