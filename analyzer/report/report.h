/* report.h - findings for people and for programs. Only report* prints them.
 *
 * Paths are printed relative to the working directory where they lie below it.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "finding.h"
#include "rule.h"
#include "source.h"

/* A file that was not analysed, or a root that was not explored in full. */
struct gap {
    const char *file;           /* absolute path */
    uint32_t    line, col;      /* 0: the file as a whole */
    const char *root;           /* NULL: a file */
    const char *reason;
};

/* What a run looked at, and what it did not. */
struct summary {
    uint32_t    files;          /* asked for */
    uint32_t    roots;
    double      seconds;
    struct gap *failed;  uint32_t failed_count, failed_capacity;    /* files */
    struct gap *partial; uint32_t partial_count, partial_capacity;  /* roots; one entry a reason */
    struct gap *bounded; uint32_t bounded_count, bounded_capacity;  /* roots explored in full, but loops only up to the bound */
    uint32_t    suppressed;     /* findings that a comment silences */
    uint32_t    in_baseline;    /* findings that are in the baseline */
    uint32_t    stale;          /* findings of the baseline that are found no more */
    const char *baseline, *first_stale; /* its path; "RULE in FILE" */
    uint32_t    partial_roots, cut_roots;   /* not explored in full; of these, for want of budget */
};

/* A program that was read. */
struct report_program {
    const char        *name;
    const struct flow *flow;
    int64_t            row;     /* as in finding.program */
};

struct report {
    const struct findings *findings;
    const struct findings *silenced;    /* what is not told of; NULL: nothing */
    const struct rules    *rules;
    const struct summary  *summary;
    struct arena          *arena;
    FILE                  *out;
    bool                   color;
    bool                   full_trace;  /* every step, not those that matter alone */
    const struct report_program *programs;  uint32_t program_count;     /* when the format draws */
};

/* A format as it is asked for, and what prints it: one line of report.c and one file each. */
struct report_format {
    const char *name;
    const char *words;          /* whom it is for, one line of the help */
    void (*print)(const struct report *report);
    bool        draws;          /* needs the programs */
};

const struct report_format *report_format_named(const char *name);  /* or NULL */
const char                 *report_format_names(void);              /* "text, json or sarif" */
void                        report_format_help(FILE *out);          /* a line each, indented */

void report_text(const struct report *report);
void report_json(const struct report *report);
void report_jsonl(const struct report *report);
void report_sarif(const struct report *report);     /* SARIF 2.1.0 */
void report_github(const struct report *report);
void report_gitlab(const struct report *report);
void report_junit(const struct report *report);
void report_checkstyle(const struct report *report);
void report_rdjson(const struct report *report);
void report_html(const struct report *report);

/* "checked 41 of 42 files, explored 212 of 214 roots, 3 findings in 0.8 s; 2 cut"; what was not
 * looked at is said, and with `coverage` listed. */
void report_summary(const struct report *report, bool coverage, FILE *out);

/* Who starts, sends, receives and closes: Graphviz DOT of one program. */
void report_graph(const struct flow *program, const char *name, FILE *out);
/* The same as one of several parts of a digraph, whose first lines are REPORT_GRAPH_STYLE. */
void report_graph_part(const struct flow *program, const char *name, uint32_t number, FILE *out);
#define REPORT_GRAPH_STYLE "    rankdir=LR;\n    bgcolor=transparent;\n"                \
    "    node [fontname=\"sans-serif\", fontsize=11];\n"                                \
    "    edge [fontname=\"sans-serif\", fontsize=9];\n"

/* Each digraph of the DOT text as an SVG element, drawn by Graphviz's program `dot`. Returns how many; 0: *error says
 * why there is none. */
uint32_t report_draw(const char *dot, const char ***svgs, struct arena *arena, const char **error);
/* One picture of all programs as a file, light or dark as its viewer is. False: *error, nothing is printed. */
bool     report_svg(const struct report_program *programs, uint32_t count, FILE *out, struct arena *arena,
                    const char **error);

/* ---- parts ----------------------------------------------------------------- */

/* One step of the schedule in words. */
struct trace_note {
    struct site at;
    uint32_t    task;           /* FLOW_NONE: of none, such as where a channel is made */
    uint32_t    step;           /* of the finding that it tells, or FLOW_NONE */
    const char *text;
    const char *turns;          /* goes on in the schedule of all tasks: ", in turn with the next step", or "" */
};

/* The notes of a finding in the order of time: those that matter, or all. */
uint32_t trace_notes(const struct finding *finding, bool all, struct arena *arena,
                     struct trace_note **notes);
/* "main" or "T1" */
const char *trace_task_name(const struct finding *finding, uint32_t task, struct arena *arena);

/* How a run has shown the finding; NULL: none has. */
const char *confirmed_words(const struct finding *finding, struct arena *arena);

/* Of finding_key.h, in words of a host; path: what it calls the file. */
const char *report_fingerprint(const struct report *report, const struct finding *finding, const char *path);
/* One that no other finding of the report has. */
const char *report_unique_fingerprint(const struct report *report, const struct finding *finding, const char *path);
/* The path from the folder that the environment variable names, where a code host has the repository; else as
 * source_path. */
const char *report_host_path(const struct report *report, const char *path, const char *variable);
/* The finding with its schedule and help, a line each, for formats that have one text. */
const char *report_words(const struct report *report, const struct finding *finding);
/* What was not analysed or not explored in full: "not analysed: ...", "root main: ..." */
const char *report_gap_words(const struct report *report, const struct gap *gap);

#endif
