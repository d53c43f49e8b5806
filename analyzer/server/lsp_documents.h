/* lsp_documents.h - the files a client has open: their text is the client's, whatever the disk holds. */
#ifndef LSP_DOCUMENTS_H
#define LSP_DOCUMENTS_H

#include "lsp_names.h"
#include "lsp_text.h"
#include "source.h"

struct lsp_document {
    char           *path;       /* absolute, as the compile database has it */
    char           *uri;        /* as the client has it */
    struct lsp_text text;
    json_int_t      version;
};

struct lsp_documents {
    struct lsp_document *list;
    size_t               count, capacity;
    enum lsp_encoding    encoding;
    struct lsp_names     names;
};

struct lsp_document *lsp_document_find(const struct lsp_documents *documents, const char *path);    /* or NULL */
/* By the client's name: two of them may be one file, whose text is that of the first. NULL: it is not open. */
struct lsp_document *lsp_document_at(const struct lsp_documents *documents, const char *uri);
/* Open it, or give it another text. */
struct lsp_document *lsp_document_open(struct lsp_documents *documents, const char *path, const char *uri,
                                       const char *text, size_t size, json_int_t version);
/* contentChanges of didChange, in their order. False: one of them is malformed; the others are made. */
bool                 lsp_document_change(const struct lsp_documents *documents, struct lsp_document *document,
                                         const json_t *changes);
void                 lsp_document_close(struct lsp_documents *documents, struct lsp_document *document);
/* The compile database is another one: call them as that does. */
void                 lsp_documents_rename(struct lsp_documents *documents, const struct compdb *db);
void                 lsp_documents_free(struct lsp_documents *documents);

/* Their texts in place of files; `documents` must stay as it is while they are used. */
struct unit_file    *lsp_documents_overlay(const struct lsp_documents *documents, size_t *count, struct arena *arena);

/* file:///a%20b is /a b; NULL: not a file. Of `arena`. */
char *lsp_path(const char *uri, struct arena *arena);
char *lsp_uri(const char *path, struct arena *arena);
/* The same in the database's names, and in the client's. */
const char *lsp_documents_path(const struct lsp_documents *documents, const char *uri, struct arena *arena);
const char *lsp_documents_uri(const struct lsp_documents *documents, const char *path, struct arena *arena);

#endif
