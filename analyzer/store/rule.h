/* rule.h - a rule is one Markdown file: its query, its manual page and its test.
 *
 *     # forgotten-sender: a send whose receiver may have left
 *
 *     - severity: error
 *     - message: this send{on_object} can block for ever: its receiver may have left
 *     - help: give the channel capacity 1 so that the send never waits ({made_at})
 *     - repair: capacity
 *
 *     Why it matters, in prose.
 *
 *     ## Leaks
 *     (a fence of C, the line marked `// leak: forgotten-sender`)
 *     ## Fixed
 *     (a fence of C)
 *     ## Query
 *     (a fence of SQL over the views of schema.sql; it has a column `fact`, and a
 *     column for every {placeholder} of message and help)
 *
 * The line `repair` may be left out. The name is the file's. Rules are built into the program; more come from a folder.
 */
#ifndef RULE_H
#define RULE_H

#include "finding.h"

struct rule {
    const char   *name;
    const char   *path;         /* "rules/forgotten-sender.md" */
    const char   *text;         /* the whole page */
    const char   *title;        /* what follows the name */
    const char   *message, *help;
    const char   *repairs;      /* what might repair a finding, as in fix_plan.h; NULL: nothing is tried */
    const char   *query;
    unsigned      query_line;   /* of the page */
    enum severity severity;
    bool          has_leaks, has_fixed;
    bool          built_in;     /* part of the program, and tested with it */
    bool          off;          /* says nothing (configure.h) */
    const char   *origin;       /* of severity and off; NULL: the page */
};

struct rules {
    struct rule *list;          /* by name */
    uint32_t     count, capacity;
    const char *const *daemons; /* patterns of entry functions whose tasks may live for ever: no rule sees them idle */
    uint32_t     daemon_count;
};

/* The built-in rules and those of `folder` (NULL: none); one of the same name
 * takes the place of a built-in. False: *error is "file:line: what". */
bool rules_load(struct rules *rules, const char *folder, struct arena *arena, const char **error);

/* One more page, whose path ends in ".md". Its text must last as long as the rules. As above. */
bool rules_add(struct rules *rules, const char *path, const char *text, struct arena *arena, const char **error);

/* XXH3 of all their pages. */
uint64_t           rules_hash(const struct rules *rules);
const struct rule *rules_find(const struct rules *rules, const char *name);     /* or NULL */

#endif
