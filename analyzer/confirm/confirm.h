/* confirm.h - from a claim to a proof: run the program, see whether the finding happens. */
#ifndef CONFIRM_H
#define CONFIRM_H

#include <stdio.h>

#include "build.h"
#include "store.h"

struct confirm_options {
    const char *const   *names;     /* findings: "3" (the third that check prints), "a.c:20", "a.c"; */
    size_t               name_count;    /* none: all */
    const char          *program;   /* a binary that is there, or NULL: build it */
    const char *const   *arguments; /* of the program; ends with NULL */
    uint64_t             runs;      /* seeds to try when the trace does not show it */
    double               timeout;   /* seconds for one run; 0: no limit */
    struct build_options build;
};

/* 0: each was confirmed, but for those that no run can show; 1: some were not; 2: a name is no
 * finding's, or a program could not be built or run; 130: interrupted. A line for each on `out`, why not and
 * the sum on stderr. The store remembers. */
int confirm(struct store *store, const struct confirm_options *options, struct arena *arena,
            FILE *out);

#endif
