/* panic.h - the one line before an abort. */
#ifndef RT_PANIC_H
#define RT_PANIC_H

#include <stddef.h>

/* "chanrt: what (made at made, capacity n) at site in task 7 (spawned at ...)";
 * without the parenthesis when made is NULL. */
_Noreturn void rt_panic_chan(const char *what, const char *made, size_t capacity, const char *site);
_Noreturn void rt_panic(const char *what, const char *site);
/* "chanrt: what", of the process as a whole; takes no lock. */
_Noreturn void rt_give_up(const char *what);
_Noreturn void rt_out_of_memory(void);

#define RT_FORKED "a child of fork waits, but tasks run only in its parent: it can exec or _exit"

#endif
