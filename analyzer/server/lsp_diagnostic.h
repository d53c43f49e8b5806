/* lsp_diagnostic.h - findings as the Language Server Protocol has them. */
#ifndef LSP_DIAGNOSTIC_H
#define LSP_DIAGNOSTIC_H

#include "lsp_documents.h"
#include "report.h"

struct lsp_words {
    const struct rules         *rules;
    const struct lsp_documents *documents;  /* their addresses are the client's, their texts what columns refer to */
    const char                 *pages;      /* folder, absolute, where pages of rules may be written; NULL: none */
    bool                        related;    /* the client shows relatedInformation; else the message has it */
    bool                        described;  /* and codeDescription */
    struct arena               *arena;
};

/* The schedule is in relatedInformation, or in the message. */
json_t     *lsp_diagnostic(const struct lsp_words *words, const struct finding *finding);
/* A file that could not be analysed: where and why, from "file:line:col: error: why". */
json_t     *lsp_failure(const struct lsp_words *words, const char *file, const char *reason);
/* The address of a file: of an open one, the client's. */
const char *lsp_uri_of(const struct lsp_words *words, const char *path);
/* From there over the name, or the call, that stands there. */
json_t     *lsp_range_at(const struct lsp_words *words, struct site at);

#endif
