/* options.h - what the command line asks for. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dump { DUMP_NOTHING, DUMP_FLOW, DUMP_ROOTS, DUMP_STATES };

struct command;
struct explore_options;
struct report_format;

struct options {
    const struct command *command;  /* see session.h */
    const char  *database;          /* -p: folder or file of the compile database; NULL: look for it */
    const char **files;             /* or rules, or findings: the operands of the command */
    size_t       file_count;
    enum dump    dump;
    const char  *dump_function;     /* NULL: all */
    const struct report_format *format;     /* see report.h */
    const char  *output;            /* NULL: stdout */
    const char  *color;             /* auto, always, never */
    const char  *rules;             /* folder of more rules, or NULL */
    const char  *store;             /* the facts file */
    const char **models;            /* more model headers */
    size_t       model_count;
    uint64_t     max_states;        /* for one root; 0: no limit */
    size_t       max_memory;        /* bytes for one root; 0: no limit */
    double       timeout;           /* seconds for one root; 0: no limit */
    unsigned     processes;         /* that parse; 0: one a CPU */
    bool         full_trace;
    bool         explain_coverage;
    /* of confirm, as in confirm.h */
    const char **arguments;         /* after --; ends with NULL */
    const char  *program, *runtime, *link;
    uint64_t     runs;
};

/* Parse the arguments. Returns -1 to go on, or the status to exit with: 0 when
 * help or the version was asked for and has been printed, 2 after a usage error. */
int  options_parse(struct options *options, int argc, char **argv);
void options_release(struct options *options);

/* What one root may take. */
struct explore_options options_budget(const struct options *options);

#endif
