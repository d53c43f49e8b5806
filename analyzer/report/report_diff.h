/* report_diff.h - what two databases tell apart: findings that came, that went, and that stayed. */
#ifndef REPORT_DIFF_H
#define REPORT_DIFF_H

#include <stdio.h>

#include "finding.h"

enum change { CHANGE_INTRODUCED, CHANGE_FIXED, CHANGE_UNCHANGED, CHANGE_COUNT };

struct changed_finding {
    const struct finding *finding;
    const char           *path;         /* of its file, as it is printed */
    enum change           change;
};

struct changes {
    struct changed_finding *list;
    uint32_t                count, capacity;
    uint32_t                of[CHANGE_COUNT];
};

/* "+ a.c:8:5: error: ... [rule]" for what came, "- ..." for what went; what stayed is counted on stderr. */
void report_diff_text(const struct changes *changes, bool color, FILE *out);
/* One document: a list of each. */
void report_diff_json(const struct changes *changes, FILE *out);

#endif
