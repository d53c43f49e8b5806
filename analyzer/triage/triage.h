/* triage.h - which findings are told: not those in excluded files, not those that a comment silences (suppress.h), not
 * those of the baseline (baseline.h). What is wrong with the comments themselves is told instead.
 */
#ifndef TRIAGE_H
#define TRIAGE_H

#include "session.h"

/* Of a run that is over: session->findings become those to tell, session->silenced the others that have a reason. */
void        triage(struct session *session);
/* Before it: read the baseline. False: said. */
bool        triage_prepare(struct session *session);
/* Where the baseline is, or would be: absolute. */
const char *triage_baseline_path(const struct session *session);

#endif
