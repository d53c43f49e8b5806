/* store_internal.h - what store*.c share. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include <sqlite3.h>

#include "store.h"

/* The words of the columns `object` and `steps.kind`, in the order of their enums. */
enum { STORE_OBJECT_COUNT = OBJECT_EXTERNAL + 1, STORE_STEP_COUNT = STEP_ROUND + 1 };
extern const char *const store_object_words[STORE_OBJECT_COUNT];
extern const char *const store_step_words[STORE_STEP_COUNT];

enum statement {
    INSERT_UNIT, INSERT_FAILED, DELETE_OLD_UNITS, DELETE_UNIT_STATES, SELECT_UNITS, SELECT_UNIT_FLOW, SELECT_USERS,
    INSERT_INPUT, SELECT_INPUTS, SELECT_LAST_INPUT,
    SELECT_PROGRAM, INSERT_PROGRAM, USE_PROGRAM, DELETE_PARTS, INSERT_PART, SELECT_PARTS, SELECT_MAIN,
    SELECT_FUNCTIONS, INSERT_FUNCTION, DELETE_FUNCTION, INSERT_OPERATION, INSERT_TASK, INSERT_CHANNEL, INSERT_CALL,
    INSERT_EXPLORATION, SELECT_KNOWN, SELECT_EXPLORATION, INSERT_KEPT, DELETE_KEPT, DELETE_EXPLORATIONS, INSERT_COVERAGE,
    SELECT_ROOTS, SELECT_COVERAGE, INSERT_FACT, INSERT_STEP,
    SELECT_RUN, SELECT_RUN_PROGRAMS, INSERT_RUN, INSERT_RUN_PROGRAM, DELETE_RUNS,
    SELECT_OUTCOME, INSERT_OUTCOME, DELETE_OUTCOMES, INSERT_OUTCOME_FINDING, SELECT_OUTCOME_FINDINGS,
    SET_NOW, ADD_NOW, ADD_LAST, INSERT_RULE, SELECT_FACT, SELECT_NAMED, SET_NAMED, DELETE_FINDINGS, INSERT_FINDING, SELECT_FINDINGS, SELECT_STEPS, SET_TEXT, SELECT_DATABASE,
    CLEAR_LAST, INSERT_LAST, CLEAR_CHECKED, INSERT_CHECKED, DROP_PROGRAMS, SELECT_ENGINE, INSERT_ENGINE, SET_STAMP,
    SET_SILENCE, INSERT_PLACES, SET_PLACES, SELECT_FUNCTION_NAMED, SELECT_FUNCTION_NAMES, SELECT_TOLD, DELETE_TOLD, INSERT_TOLD, SELECT_SUPPRESSIONS, DELETE_SUPPRESSIONS, INSERT_SUPPRESSION, CLEAR_DAEMONS, INSERT_DAEMON, SET_FINGERPRINT, SELECT_CONFIRMATION, INSERT_CONFIRMATION, DROP_CONFIRMATIONS,
    STATEMENT_COUNT,
};

struct store {
    struct arena *arena;
    sqlite3      *db;
    const char   *path;         /* as people see it */
    const char   *checking;     /* compile database that is being checked, or NULL */
    sqlite3_stmt *statements[STATEMENT_COUNT];
    sqlite3_stmt **queries;     /* of the rules, in their order; NULL: not prepared */
    uint32_t      query_count;
    bool          has_rules;    /* the rules' rows are written */
    const char   *error;
    bool          corrupt;      /* the error says that the file is */
    bool          rebuilt;
    bool          reading;      /* nothing is written */
    bool          trial;        /* between store_trial_begins and store_trial_ends */
};

/* The statement, reset and bound: letters of `types` are s (text or NULL),
 * i (int64_t), o (int64_t, negative: NULL), h (uint64_t hash), d (double), b (bool), f (bytes that
 * stay where they are, and their size_t). NULL after an error. */
sqlite3_stmt *store_bind(struct store *store, enum statement statement, const char *types, ...);
/* One more row? Notes errors. */
bool          store_step(struct store *store, sqlite3_stmt *statement);
/* Run an insertion; the row's number. */
int64_t       store_insert(struct store *store, sqlite3_stmt *statement);
/* Run statements; false after an error. */
bool          store_run(struct store *store, const char *text);
/* The tables of this session, for what reads findings. */
bool          store_session(struct store *store);
/* A column's text, of `arena`, or NULL. */
const char   *store_text(sqlite3_stmt *row, int column, struct arena *arena);
const char   *store_string(sqlite3_stmt *row, int column, struct arena *arena);     /* likewise, or "" */
void          store_forget_queries(struct store *store);
/* Look up whether findings of the last check, of the rows below, are confirmed. */
void          store_fingerprints(struct store *store, struct finding *findings, uint32_t count);
/* XXH3 of a file's bytes; 0 when it cannot be read. */
uint64_t      store_file_hash(const char *path);
/* Let the rules that read the table suppressions say what is wrong with them. */
void          store_name_suppressions(struct store *store, const struct rules *rules, struct findings *findings);
void          store_fail(struct store *store);          /* note the database's error */
const char   *store_read_error(struct store *store);    /* why it cannot be read, and what to do */

/* A place of a flow, as columns; line and col are -1 where there is none. */
struct columns { const char *file; int64_t line, col; };
struct columns store_place_of(const struct flow *flow, struct loc loc);
struct columns store_place_at(const struct flow *flow, struct place place);
const char    *store_word_at(const struct flow *flow, struct place place);  /* of the operation, or NULL */
const char    *store_name_at(const struct flow *flow, struct place place);  /* of its object, or NULL */

#endif
