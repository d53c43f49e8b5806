/* store.h - the product's memory: one SQLite file, described in schema.sql.
 *
 * What is written between store_begin and store_commit is there as a whole or
 * not at all, so a run may be killed at any moment and two may run at once.
 * Errors are kept: after the first one nothing is written, and store_commit says so.
 */
#ifndef STORE_H
#define STORE_H

#include "finding.h"
#include "front.h"

struct store;
struct rules;

/* Open or make the file at path with the folder it stands in. One that is not a
 * database of this version is built anew; what another build of the program has found is
 * forgotten, but for what runs have shown; a file that cannot be written is
 * replaced by memory for this run. *note says so, or is NULL. NULL path: memory.
 * Strings of the store live in `arena`. */
struct store *store_open(const char *path, struct arena *arena, const char **note);
/* Open what this build's last check has written, and nothing else; the file stays as it is. NULL and one
 * line in *error otherwise. */
struct store *store_open_last(const char *path, struct arena *arena, const char **error);
void          store_close(struct store *store);         /* NULL is fine */

struct unit_record {
    const char        *file, *directory;
    const char *const *arguments;   /* of the compiler, normalised; ends with NULL */
    uint64_t           hash;
    const char        *reason;      /* why it was not analysed; NULL: it was */
};

enum store_result {
    STORE_DONE,
    STORE_AGAIN,        /* the file was corrupt and has been built anew: do it once more */
    STORE_FAILED,       /* for good, see store_error() */
};

void              store_begin(struct store *store);     /* waits for other runs */
enum store_result store_commit(struct store *store);
const char       *store_error(const struct store *store);   /* NULL, or why writing failed */

/* Between begin and commit each: what is stored between them is the last check, of the compile database
 * at `database`. When that was checked as a whole, programs it no longer has go, and what runs have shown of
 * findings that are gone. */
void    store_check_begins(struct store *store, const char *database);
void    store_check_ends(struct store *store, bool whole);

void    store_unit(struct store *store, const struct unit_record *unit);
/* Replaces what is known of the program of that name. */
int64_t store_program(struct store *store, const struct front_program *program);
int64_t store_facts(struct store *store, int64_t program, const struct flow *flow,
                    const struct facts *facts);
/* Let the rules name the facts of a program just stored; adds to `findings`. */
void    store_findings(struct store *store, const struct rules *rules, int64_t program,
                       struct findings *findings);
/* Every finding of the last check, as the rules named them when it was written. */
void    store_read_findings(struct store *store, struct findings *findings);
/* What a program is built from, *has_main whether it is one, and *changed a file that is another
 * than when it was checked, or NULL. */
const struct front_part *store_parts(struct store *store, int64_t program, uint32_t *count,
                                     bool *has_main, const char **changed);
/* A run has shown the finding. how: as in confirmations.how; arguments: the program's, one
 * a line; binary: the one that was given, or NULL. */
void    store_confirm(struct store *store, const struct finding *finding, const char *how,
                      const char *arguments, const char *binary);
/* NULL, or what is wrong with a rule: "rules/x.md:30: no such column: y". */
const char *store_check_rules(struct store *store, const struct rules *rules);

#endif
