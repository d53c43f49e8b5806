/* lsp_names.h - one file, several names: what the client calls it, and what the compile database does, where folders or
 * files are links. Findings and texts are kept by the database's name.
 */
#ifndef LSP_NAMES_H
#define LSP_NAMES_H

#include "compdb.h"

struct lsp_name {
    const char *real, *name;        /* a file or a folder, without links, and as the database has it */
};

struct lsp_names {
    struct arena    *arena;
    const char      *root, *real_root;  /* the client's folder, as it calls it; NULL: unknown */
    struct lsp_name *files;   uint32_t file_count, file_capacity;       /* that are links, or below one */
    struct lsp_name *folders; uint32_t folder_count, folder_capacity;   /* of sources, and where headers are looked for */
};

void lsp_names_root(struct lsp_names *names, const char *path);     /* once; NULL is fine */
void lsp_names_load(struct lsp_names *names, const struct compdb *db);      /* NULL: there is none */
void lsp_names_free(struct lsp_names *names);

/* The database's name of what the client calls `path`, and the client's of what the database does: `path` itself where that is
 * all there is to know. Of `arena`. */
const char *lsp_names_ours(const struct lsp_names *names, const char *path, struct arena *arena);
const char *lsp_names_theirs(const struct lsp_names *names, const char *path, struct arena *arena);

#endif
