/* parser.h - units are parsed in processes of their own.
 *
 * chanleak itself does not load libclang: chanleak-parse does, which lies beside it. So a run in which
 * nothing changed starts at once, units are parsed side by side, and a crash in libclang costs
 * one file: it is parsed again alone, and when that crashes too, that is its error.
 */
#ifndef PARSER_H
#define PARSER_H

#include "bytes.h"
#include "flow.h"
#include "model.h"
#include "outline.h"
#include "source.h"

struct parser;

struct parse_job {
    uint32_t           number;              /* for whoever asks */
    const char        *file, *directory;    /* absolute */
    const char *const *arguments;           /* as in compdb.h */
    uint32_t           argument_count;
    /* filled in; of the parser's arena: */
    int64_t            started;             /* nanoseconds since 1970 */
    const char        *error, *warning;     /* as in struct unit */
    const char       **includes;
    uint32_t           include_count;
    struct bytes       flow;                /* flow_pack.h; none after an error */
};

struct parser_options {
    unsigned                processes;      /* at most; 0: one a CPU */
    const char *const      *models;         /* model headers */
    size_t                  model_count;
    const struct unit_file *overlay;        /* text that stands in for files */
    size_t                  overlay_count;
    int                     keeper;         /* a connection of keeper.h: parses the overlaid sources; 0: none */
    /* after each job; may be NULL */
    void                  (*parsed)(void *self, const struct parse_job *job);
    void                   *self;
};

/* Nothing is started yet. Strings of the options stay in use. */
struct parser *parser_new(const struct parser_options *options, struct arena *arena);
/* There will be jobs: a process that parses takes a while to be ready, and may be about it already. */
void           parser_prepare(struct parser *parser);
/* Let the first of the jobs be parsed while the caller does something else. */
void           parser_begin(struct parser *parser, struct parse_job *jobs, uint32_t count);
/* Parse all jobs; each one's outcome is in it. NULL, or why nothing can be parsed: one line. Blocks. */
const char    *parser_run(struct parser *parser, struct parse_job *jobs, uint32_t count);
/* The models, read by a process: of the arena. NULL: *error says why. */
struct models *parser_models(struct parser *parser, const char **error);
/* Nothing more will be asked: the processes end while the caller goes on. */
void           parser_dismiss(struct parser *parser);
/* Which build it is, to be compared with parser_build, and the libclang it has. NULL, or why it cannot be asked. */
const char    *parser_about(struct parser *parser, const char **build, const char **version);
/* The outline of a job's source, of the arena: false: job->error says why. Blocks. */
bool           parser_outline(struct parser *parser, struct parse_job *job, struct outline *outline);
/* What tells one chanleak-parse from another, and from other models: a part of every cache key.
 * 0: it is not there. */
uint64_t       parser_identity(const struct parser *parser);
extern const char parser_build[];   /* a hash of what both sides of the pipe must have in common */
void           parser_free(struct parser *parser);          /* ends the processes; NULL is fine */
/* Where chanleak-parse lies; NULL: nowhere. */
const char    *parser_program(struct arena *arena);

/* ---- what both sides of the pipe know ------------------------------------------------- */

/* A request is one of these words, then: nothing; or file, directory, arguments, overlay as
 * counted lists of strings. The answer: error, then the models; or error, warning, the
 * included files as a counted list, flow. */
#define PARSE_ABOUT  "about"        /* the answer: build, version of libclang */
#define PARSE_MODELS "models"
#define PARSE_UNIT   "unit"
#define PARSE_KEPT   "kept"         /* a unit that will be asked for again soon (unit_open_kept) */
#define PARSE_KEEPS  "--keeps"      /* first argument: standard input is the socket of keeper.h */
/* As a unit, but for the answer: error, then outline.h's parts. */
#define PARSE_OUTLINE "outline"

#endif
