/* session.h - one call of the program: what was asked for, and what all commands share. */
#ifndef SESSION_H
#define SESSION_H

#include <stdio.h>

#include "config.h"
#include "front.h"
#include "options.h"
#include "output.h"
#include "patience.h"
#include "report.h"
#include "rule.h"
#include "store.h"

enum status { STATUS_CLEAN = 0, STATUS_FINDINGS = 1, STATUS_FAILED = 2, STATUS_INTERRUPTED = 130 };

/* What a run has done, for --stats. */
struct work {
    uint32_t explored;              /* roots; the others were explored before */
    uint64_t states, transitions;
    double   opened, read;          /* when that was done: seconds, see session_now */
};

struct session {
    const struct options *options;
    const struct config  *config;
    struct arena         *arena;
    struct rules          rules;
    struct store         *store;
    struct front         *front;
    struct findings       findings;
    struct baseline      *baseline;     /* NULL: none is asked for */
    struct findings       silenced;     /* not told of, see triage.h */
    struct summary        summary;
    double                started;      /* seconds, see session_now */
    bool                  terminal;     /* standard error is one: progress is shown */
    uint32_t              done;         /* programs that are checked */
    bool                  timed;        /* something was cut for want of time */
    const struct unit_file *overlay;    /* texts that stand in for files */
    size_t                overlay_count;
    int                   keeper;       /* as in parser.h */
    void                (*progress)(const char *what, const char *name);    /* in place of the terminal's line; may be NULL */
    int64_t              *programs;     /* in the store: those that were checked */
    uint32_t              program_count;
    bool                  some;         /* as in front.h */
    struct front_options  front_options;
    const struct unit_cache *cache;
    const int64_t        *program_rows; /* of the front's programs in the store, once they are checked */
    struct work           work;
    struct patience       patience;
    struct output        *output;       /* -o, while it is written */
};

/* A command as it is typed, and what does it: one file cmd_*.c for those that belong together. */
struct command {
    const char *name;
    enum status (*run)(struct session *session);
    const char *operands;       /* as its usage has them: "[FILE...]" */
    const char *formats;        /* of --format, the first is the default: "table|csv|json"; NULL: those of report.h */
    const char *summary;        /* one sentence */
    const char *more;           /* what else its help says, or "" */
};

extern const struct command commands[];     /* the last one has no name; the first one is the default */

enum status command_baseline(struct session *session);
enum status command_check(struct session *session);
enum status command_config(struct session *session);
enum status command_clean(struct session *session);
enum status command_confirm(struct session *session);
enum status command_demo(struct session *session);
enum status command_diff(struct session *session);
enum status command_doctor(struct session *session);
enum status command_dump(struct session *session);
enum status command_explain(struct session *session);
enum status command_generate(struct session *session);
enum status command_graph(struct session *session);
enum status command_help(struct session *session);
enum status command_query(struct session *session);
enum status command_init(struct session *session);
enum status command_rules(struct session *session);
enum status command_server(struct session *session);

/* Prints one line, "chanleak: what", and is STATUS_FAILED. */
enum status session_complain(const char *what);
/* Configuration and rules; what the command line leaves open is filled in. False: said. */
bool        session_configure(struct session *session, struct options *options);
double      session_now(void);          /* seconds of a clock that only goes forward */

/* On a terminal, of a run that takes more than a second: a bar in the line below the last one. */
void session_progress(const struct session *session, const char *what, uint32_t done, uint32_t of, const char *name);
void session_progress_end(const struct session *session);

/* Where the output goes, -o or standard output. NULL and false are said. */
FILE *session_output(struct session *session);
bool  session_close(struct session *session, FILE *out);
/* Nothing is written after all: a file of -o is left as it was. */
void  session_abandon(struct session *session);
bool  session_color(const struct session *session);

/* Find out what the options ask for: session->front, with the cache of session->store if that is
 * open. False: said. */
bool  session_open(struct session *session);
/* Read its programs; what of it could not be read is in the summary. False: said. */
bool  session_read(struct session *session);
/* The programs that were read; rows: of each in the store, or NULL. */
const struct report_program *session_programs(const struct session *session, const int64_t *rows, uint32_t *count);
/* If the options ask for it, say what was odd about the units: flags left out, calls of what is declared nowhere. */
void  session_explain_units(const struct session *session);
/* Open session->store, and check the rules against it. False: said. */
bool  session_store(struct session *session);
/* The same, kept nowhere. */
bool  session_store_memory(struct session *session);
/* The same, of what the last check left there. */
bool  session_store_last(struct session *session);

/* One more entry of a list of the summary. */
void  session_gap(struct session *session, struct gap **list, uint32_t *count, uint32_t *capacity, struct gap gap);

#endif
