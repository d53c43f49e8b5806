/* suppress.h - comments that ask chanleak to be silent.
 *
 *     chan_send(ch, &v);   // chanleak-ignore(forgotten-sender): the peer outlives us
 *
 * On the line of what is found, on a later line of the same statement, or on lines of its own above. A rule and a
 * reason are needed. What clang-tidy's users know is understood too: NOLINT(chanleak-forgotten-sender) on the line,
 * NOLINTNEXTLINE(chanleak-forgotten-sender) above.
 */
#ifndef SUPPRESS_H
#define SUPPRESS_H

#include "finding.h"
#include "rule.h"

struct suppression {
    struct site at;             /* of the comment */
    uint32_t    first, last;    /* lines it covers */
    const char *rule;           /* "*": all; "" when it names none */
    const char *reason;         /* "": none is given */
    const char *problem;        /* why it is none, or NULL */
    bool        conditional;    /* within #if: what it covers may not be compiled */
    bool        used;           /* it silences a finding */
};

struct suppressions {
    struct arena       *arena;
    struct suppression *list;
    uint32_t            count, capacity;
};

/* Those of a file. Rules by their names; a comment that names several is several. */
void suppress_read(struct suppressions *suppressions, const char *file, const char *text, const struct rules *rules);
/* The one that silences the finding, marked as used; NULL: none does. */
const struct suppression *suppress_find(struct suppressions *suppressions, const struct finding *finding);

#endif
