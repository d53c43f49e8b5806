/* lsp_work.h - what processes of the server have in common that analyse: a session over the open documents, and lines
 * of JSON to the server.
 */
#ifndef LSP_WORK_H
#define LSP_WORK_H

#include "compdb.h"
#include "lsp_check.h"
#include "lsp_diagnostic.h"

struct lsp_work {
    struct arena    *arena;
    struct options   options;
    struct session   session;
    struct lsp_words words;
    const struct compdb *database;  /* NULL: there is none */
    bool             whole;     /* these are all programs, not only those of the files that were asked for */
    bool             typed;     /* nothing was checked: an open document cannot be parsed as it is */
};

/* False: the configuration is wrong, which is said. End it anyway. */
bool lsp_work_begins(struct lsp_work *work, const struct lsp_request *request, int out);
/* Fills the session as check_run does; what is half typed and cannot be parsed is not checked. False: said. */
bool lsp_work_check(struct lsp_work *work);
/* Why nothing is said of an open document that no unit is made from; NULL: some is, or it is not known yet. */
const char *lsp_work_left_out(const struct lsp_work *work, const char *path);
void lsp_work_says(json_t *line);       /* takes it over; a process has one server */
void lsp_work_ends(struct lsp_work *work);

#endif
