/* refuse.h - a process for which the system is an older or a poorer one. */
#ifndef REFUSE_H
#define REFUSE_H

#include <stdbool.h>

/* From now on madvise knows no guards, as before Linux 6.13; when all, mprotect takes no access
 * away either, as when a process has used up its mappings. Exits with status 77 when the system
 * has no system call filters. */
void refuse_guards(bool all);

/* From now on membarrier fails. Exits likewise. */
void refuse_barriers(void);

#endif
