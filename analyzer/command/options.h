/* options.h - what the command line asks for. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dump { DUMP_NOTHING, DUMP_FLOW, DUMP_ROOTS, DUMP_STATES };

struct arena;
struct command;
struct explore_options;
struct options;
struct report_format;

/* One line of the table in options.c, of which the help, the completions and the manual page are made. */
struct option {
    const char *name;           /* "--format"; a short one has one dash */
    const char *value;          /* what stands for its value: "FILE", "auto|always|never"; NULL: it has none; "[REV]":
                                 * it may have one, after = */
    const char *of;             /* the commands that take it: "check graph"; NULL: all */
    int       (*set)(struct options *options, const char *value);   /* -1, or the status to exit with */
    const char *help;           /* one sentence; %s: the formats of the command; NULL: another name of the one before */
};

extern const struct option option_table[];      /* the last one has no name */

struct options {
    struct arena         *arena;    /* of its lists */
    const struct command *command;  /* see session.h */
    bool         named;             /* the command was; else it is the default */
    bool         only_files;        /* -- came */
    const char  *database;          /* -p: folder or file of the compile database; NULL: look for it */
    const char **files;             /* or rules, or findings: the operands of the command */
    uint32_t     file_count, file_capacity;
    enum dump    dump;
    const char  *dump_function;     /* NULL: all */
    const struct report_format *format;     /* see report.h; NULL: the command has formats of its own */
    const char  *format_name;
    const char  *output;            /* NULL: stdout */
    const char  *color;             /* auto, always, never */
    const char  *rules;             /* folder of more rules, or NULL */
    const char  *store;             /* the facts file */
    const char **models;            /* more model headers */
    uint32_t     model_count, model_capacity;
    const char  *config;            /* --config; NULL: look for it */
    bool         no_config;
    const char  *baseline;          /* --baseline; NULL: beside the configuration */
    bool         no_baseline;
    const char **selected, **ignored;   /* names of rules, separated by commas */
    uint32_t     selected_count, selected_capacity, ignored_count, ignored_capacity;
    const char *const *roots;       /* functions to start from besides; from the configuration */
    uint32_t     root_count;
    uint64_t     max_states;        /* for one root; 0: no limit */
    size_t       max_memory;        /* bytes for one root; 0: no limit */
    double       timeout;           /* seconds for one root; 0: no limit */
    unsigned     processes;         /* that parse; 0: one a CPU */
    bool         full_trace;
    bool         explain_coverage;
    bool         stats;
    bool         exit_zero;
    bool         fix, fix_diff;     /* --fix, --fix=diff */
    bool         schema;            /* of query: print it */
    bool         staged;            /* the index is looked at, not the work tree */
    const char  *diff;              /* the revision whose changed lines matter; NULL: all lines do */
    const char  *new_from;          /* the revision whose findings are known; NULL: none (staged: HEAD) */
    const char  *stdin_file;        /* standard input stands in for it; NULL */
    bool         hook;              /* of init */
    bool         flags;             /* after the FILEs and -- stand the flags they are compiled with */
    const char **arguments;         /* these, or those of confirm's programs; ends with NULL */
    uint32_t     argument_count, argument_capacity;
    /* of confirm, as in confirm.h */
    const char  *program, *runtime, *link;
    uint64_t     runs;
    const struct option **given;    /* options of the command line */
    uint32_t     given_count, given_capacity;
};

/* Is the option one of the command's? */
bool option_is_of(const struct option *option, const struct command *command);

/* Parse the arguments. Returns -1 to go on, or the status to exit with: 0 when
 * help or the version was asked for and has been printed, 2 after a usage error. */
int  options_parse(struct options *options, int argc, char **argv);
/* Was the option, "--timeout", on the command line? */
bool options_given(const struct options *options, const char *name);
void options_release(struct options *options);

/* What one root may take. */
struct explore_options options_budget(const struct options *options);

#endif
