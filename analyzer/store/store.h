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
#include "outcome.h"

struct store;
struct rules;
struct suppressions;

/* Open or make the file at path with the folder it stands in. One that is not a
 * database of this version is built anew; what another build of the program has found is
 * forgotten, but for what runs have shown; a file that cannot be written is
 * replaced by memory for this run. *note says so, or is NULL. NULL path: memory. A file that is
 * no database of ours stays as it is: NULL, and *note is the error.
 * Strings of the store live in `arena`. */
struct store *store_open(const char *path, struct arena *arena, const char **note);
/* Open what this build's last check has written, and nothing else; the file stays as it is. NULL and one
 * line in *error otherwise. */
struct store *store_open_last(const char *path, struct arena *arena, const char **error);
/* Open what a check of this version, perhaps another build of it, has written there; nothing can be
 * written, and the folder need not be writable. As above. */
struct store *store_open_reading(const char *path, struct arena *arena, const char **error);
/* All that is in the store, in memory: what is written there is nowhere else. */
struct store *store_copy(struct store *store, struct arena *arena);
void          store_close(struct store *store);         /* NULL is fine */
/* How long to wait for others that write, at most, in all stores that this process opens from now on: 20 seconds where
 * nothing else is said. */
void          store_hurry(int milliseconds);
/* Remove a database of ours, and a .chanleak that holds nothing else: the files that were there, ended by NULL. *error: why it stays, or NULL. */
const char *const *store_remove(const char *path, struct arena *arena, const char **error);

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

/* The units that were parsed before, and where those that are parsed now are kept. What it writes is
 * there for good after store_cache_commit, and after each half second. Of `arena`. */
const struct unit_cache *store_cache(struct store *store, const struct unit_file *overlay, size_t overlay_count,
                                     struct arena *arena);
void    store_cache_commit(const struct unit_cache *cache);
/* A file that was asked for and cannot be parsed at all. */
void    store_failed(struct store *store, const char *file, const char *reason);

/* The program of that name, if it is known with that hash; 0: it is not. */
int64_t store_find_program(struct store *store, const char *name, uint64_t hash);
/* It was checked, and is as it was. */
void    store_use_program(struct store *store, int64_t program);
/* Its functions are now these; explorations stay, until store_program_done. hash: as above; 0: it
 * is not to be found by it. functions: a hash of each, those known by it stay as they are. */
int64_t store_program(struct store *store, const struct front_program *program, uint64_t hash, const uint64_t *functions);
/* Was the program of that name explored from a root of that key (root_key.h)? *partial: but not in full. */
bool    store_knows_facts(struct store *store, const char *program, uint64_t key, bool *partial);
/* If so, that exploration stays. */
bool    store_keep_facts(struct store *store, int64_t program, uint64_t key);
int64_t store_facts(struct store *store, int64_t program, const struct flow *flow, const struct facts *facts,
                    uint64_t key, bool whole);
/* Explorations that were neither kept nor stored since store_program go. */
void    store_program_done(struct store *store, int64_t program);

/* Why something was not explored in full: as in the table coverage. */
struct gap_record {
    const char *root, *kind, *text, *file;
    uint32_t    line, col;
};

/* Of the roots of a program: how many there are, are not explored in full, and of these
 * for want of budget. The gaps are of `arena`, *count of them. */
struct gap_record *store_gaps(struct store *store, int64_t program, struct arena *arena, uint32_t *count,
                              uint32_t *roots, uint32_t *partial, uint32_t *cut);

/* A run whose outcome is known: false when there is none with that key. */
bool    store_find_run(struct store *store, uint64_t key, uint32_t *files, struct arena *arena, int64_t **programs,
                       uint32_t *program_count);
void    store_keep_run(struct store *store, uint64_t key, uint32_t files, const int64_t *programs, uint32_t count);

/* What was found in the program in the state of that number (check_state); false: it is not known. A few states of
 * a program are kept: before the last commits, and what is being worked on. */
bool    store_outcome(struct store *store, uint64_t state, struct outcome *outcome, struct arena *arena);
void    store_keep_outcome(struct store *store, const char *program, uint64_t state, struct outcome outcome);

/* What is written from here on, by whatever transactions, is forgotten in the end: to look at another state of a
 * program without losing what is known of the last one. */
void    store_trial_begins(struct store *store);
void    store_trial_ends(struct store *store);

/* Let the rules name the facts of a program; adds to `findings`. */
void    store_findings(struct store *store, const struct rules *rules, int64_t program,
                       struct findings *findings);
/* Those of a program, as the rules named them when it was stored. */
void    store_program_findings(struct store *store, const struct rules *rules, int64_t program, struct findings *findings);
/* The comments of the last check that ask for silence, and whether it is known of each if it is of use; adds what the
 * rules say of them to `findings`. */
void    store_suppressions(struct store *store, const struct suppressions *suppressions, const bool *judged,
                           const struct rules *rules, struct findings *findings);
/* Remember of these whether they were told. */
void    store_silence(struct store *store, const struct findings *findings);
/* Every finding that the last check told of a program, as the rules named them when it was written. */
void    store_read_findings(struct store *store, struct findings *findings);
/* Is there a function of that name, or one that the pattern matches? And the names of all. */
bool    store_has_function(struct store *store, const char *pattern);
void    store_function_names(struct store *store, void (*each)(void *to, const char *name), void *to);
/* What the check tells, in this order; and that again, with nothing but rules and places;
 * `program` is 0 where it is of a comment. */
void    store_tell(struct store *store, const struct findings *findings);
void    store_read_told(struct store *store, struct findings *findings);
/* The text of the line it is at, as finding_key_line has it, for every finding there. */
void    store_finding_text(struct store *store, const struct finding *finding, const char *text);
/* The compile database of the last check, or NULL. */
const char *store_last_database(struct store *store);
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
