/* check.h - what the runtime's tests share. */
#ifndef CHECK_H
#define CHECK_H

#include "chanrt.h"

#include <stdatomic.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MS TASK_MILLISECOND

/* n, or less where everything is slow: under a sanitizer or valgrind. */
int scaled(int n);
bool sanitized(void);           /* built with a sanitizer, which handles faults itself */

int64_t now(void);
void    wait_until_blocked(size_t tasks);  /* that many tasks live, and none can move */

/* Fails the test when tasks spawned since begin are left. */
#define assert_all_finished(begin)                                       \
    assert_int_equal(leak_check_end((begin), 10 * TASK_SECOND, stderr), 0)

/* ---- programs that end badly: run in a process of their own ---- */

struct scenario {
    const char *name;
    void      (*run)(void);     /* in the child; returning is exit status 0 */
};

/* For main: runs the scenario that check_child asked for, if so. */
void check_scenarios(int argc, char **argv, const struct scenario *scenarios);

struct ended {
    int  status;                /* as waitpid gives it */
    char err[8192];             /* what it wrote to stderr */
};

/* Run the scenario with "NAME=value" added to the environment (or NULL, NULL). */
struct ended check_child(const char *name, const char *env1, const char *env2);

/* Take the stacks out of a report: all lines that begin with a space. Returns text. */
const char *check_headings(char *text);

/* text with each @mark replaced by the "file:line" of the line in file that holds the
 * comment slash-star @mark star-slash. The result is static. */
const char *check_places(const char *file, const char *text);

#endif
