/* fix.h - repairs of findings, each proved: the program with the repair in it is analysed again, the
 * finding is gone, nothing new is found, and nothing is less understood than before.
 *
 * GCatch's GFix (Liu et al., "Automatically Detecting and Fixing Concurrency Bugs in Go Software Systems", 2021)
 * is the model for what is tried; the proof takes the place of its conditions. Nothing is written to a file here.
 */
#ifndef FIX_H
#define FIX_H

#include "fix_edit.h"
#include "session.h"

/* A repair of one file that is proved. */
struct fix {
    const char            *title;   /* "give 'found' capacity 1" */
    const char            *file;    /* absolute */
    const struct fix_edit *edits;   /* of its text as it was; in the order of their places, apart from one another */
    uint32_t               edit_count;
    const char            *before;  /* that text */
    const char            *text;    /* the same with them */
};

struct fixer;

/* Of the programs that `session` has checked, with its overlay: its store is copied, and not written to. The session
 * and the overlay stay in use; all is of `arena`. */
struct fixer *fixer_new(const struct session *session, struct arena *arena);
void          fixer_free(struct fixer *fixer);      /* ends what parses; NULL is fine */

/* The least intrusive repair of the finding that can be proved, on top of those that were accepted. False: there is none.
 * Takes an analysis of the file's programs for each that is tried, a dozen at most; `stop` may be NULL, and
 * ends the search when it returns true. */
bool fixer_find(struct fixer *fixer, const struct finding *finding, bool (*stop)(void *self), void *self,
                struct fix *fix);
/* What is looked for from now on is proved on top of it. */
void fixer_accept(struct fixer *fixer, const struct fix *fix);

#endif
