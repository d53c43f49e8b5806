/* lsp_check.h - one analysis for the server, in a process of its own: it may be killed at any moment, and when it
 * crashes, the server does not.
 */
#ifndef LSP_CHECK_H
#define LSP_CHECK_H

#include "lsp_documents.h"
#include "session.h"

struct lsp_request {
    const struct options       *options;
    const struct lsp_documents *documents;  /* that are open */
    const char *const          *files;      /* what changed, absolute; none: everything is checked */
    size_t                      file_count;
    bool                        known;      /* nothing is checked: only what the last check left is told */
    const json_t               *wanted;     /* names of findings to be repaired (lsp_prove.h); NULL: it is a check */
    bool                        related;    /* the client shows relatedInformation */
    bool                        described;  /* and codeDescription */
    int                         keeper;     /* as in parser.h */
};

/* Writes lines of JSON to `out`:
 *     {"progress": "exploring main"}      while it works
 *     {"whole": true,                     the outcome, once: these are all programs
 *      "programs": {"7": {URI: [Diagnostic, ...]}},
 *      "checked": {URI: true},            files that were asked for, and are in these programs or in none
 *      "failed": {URI: [Diagnostic]},     files that could not be analysed, of those that were asked for
 *      "summary": "checked 3 of 3 files, ..."}
 *     {"lenses": {URI: [{"range": ..., "title": ...}]}}   then, of the open documents
 * or says on standard error why there is none. */
void lsp_check(const struct lsp_request *request, int out);

#endif
