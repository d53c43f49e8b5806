/* lsp_run.h - the server's side of an analysis (lsp_check.h): the process it runs in. */
#ifndef LSP_RUN_H
#define LSP_RUN_H

#include <sys/types.h>

#include "lsp_buffer.h"
#include "lsp_check.h"

struct lsp_run {
    pid_t             pid;          /* 0: nothing runs */
    int               out, errors;  /* what it writes; -1: it has ended */
    struct lsp_buffer lines, said;
    json_t           *outcome;      /* once there is one, until it is taken */
    json_t           *lenses;       /* likewise */
    bool              told;         /* there was an outcome */
    json_t           *doing;        /* the last it said of that */
    json_t           *versions;     /* of the documents when it began: path -> version */
    bool              whole, known; /* what was asked for */
    double            started, oldest;  /* when; and when the first change it looks at was made */
    double            heard;        /* when it has last said something */
};

/* False: there can be no process. */
bool  lsp_run_start(struct lsp_run *run, const struct lsp_request *request, double now);
/* Take what has been written to one of its descriptors. The last thing it did goes to *progress (of the
 * run, until the next call), or NULL. */
void  lsp_run_read(struct lsp_run *run, int fd, const char **progress);
/* Both descriptors are at their end: the process is gone. */
bool  lsp_run_ended(const struct lsp_run *run);
/* What went wrong, of `arena`; NULL: nothing. */
char *lsp_run_trouble(struct lsp_run *run, struct arena *arena);
void  lsp_run_end(struct lsp_run *run);     /* killed if need be */

#endif
