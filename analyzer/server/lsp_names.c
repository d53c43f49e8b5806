#include "lsp_names.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"

/* Without links; the last part need not exist. NULL: its folder does not. */
static const char *real_of(const char *path, struct arena *arena)
{
    char real[PATH_MAX];

    if (realpath(path, real))
        return arena_strdup(arena, real);
    if (!realpath(path_folder(path, arena), real))
        return NULL;
    return arena_printf(arena, "%s/%s", strcmp(real, "/") ? real : "", path_last(path));
}

/* What follows the folder's name in the path, with its slash; NULL: it is not below it. */
static const char *below(const char *path, const char *folder)
{
    size_t size = strcmp(folder, "/") ? strlen(folder) : 0;

    return !strncmp(path, folder, size) && path[size] == '/' ? path + size : NULL;
}

/* ---- what there is ---------------------------------------------------------------------------------- */

void lsp_names_root(struct lsp_names *n, const char *path)
{
    if (!n->arena)
        n->arena = arena_new();
    n->root = path ? path_absolute("/", path, n->arena) : NULL;
    n->real_root = path ? real_of(path, n->arena) : NULL;
}

static void add_folder(struct lsp_names *n, const char *folder)
{
    const char *real;

    for (uint32_t i = 0; i < n->folder_count; i++)
        if (!strcmp(n->folders[i].name, folder))
            return;
    real = real_of(folder, n->arena);
    if (real)
        ARENA_PUSH(n->arena, n->folders, n->folder_count, n->folder_capacity) = (struct lsp_name){ real, folder };
}

static void add_file(struct lsp_names *n, const char *file)
{
    const char *real = real_of(file, n->arena);

    if (real && strcmp(real, file))
        ARENA_PUSH(n->arena, n->files, n->file_count, n->file_capacity) =
            (struct lsp_name){ real, arena_strdup(n->arena, file) };
}

static void add_search_folders(struct lsp_names *n, const struct compdb_entry *e)
{
    static const char *const options[] = { "-I", "-iquote", "-isystem", "-idirafter" };

    for (uint32_t i = 0; i < e->argument_count; i++)
        for (size_t k = 0; k < sizeof options / sizeof *options; k++) {
            size_t size = strlen(options[k]);
            const char *folder = e->arguments[i] + size;

            if (strncmp(e->arguments[i], options[k], size))
                continue;
            if (!*folder && i + 1 < e->argument_count)
                folder = e->arguments[i + 1];
            add_folder(n, path_absolute(e->directory, folder, n->arena));
        }
}

void lsp_names_load(struct lsp_names *n, const struct compdb *db)
{
    struct lsp_names fresh = { 0 };

    lsp_names_root(&fresh, n->root);
    for (uint32_t i = 0; db && i < db->count; i++) {
        const struct compdb_entry *e = &db->entries[i];

        add_file(&fresh, e->file);
        add_folder(&fresh, path_folder(e->file, fresh.arena));
        add_folder(&fresh, path_absolute("/", e->directory, fresh.arena));
        add_search_folders(&fresh, e);
    }
    lsp_names_free(n);
    *n = fresh;
}

void lsp_names_free(struct lsp_names *n)
{
    arena_free(n->arena);
    *n = (struct lsp_names){ 0 };
}

/* ---- which is which --------------------------------------------------------------------------------- */

const char *lsp_names_ours(const struct lsp_names *n, const char *path, struct arena *arena)
{
    const char *real = real_of(path, arena), *best = NULL, *rest = "";
    size_t best_size = 0;

    for (uint32_t i = 0; real && i < n->file_count; i++)
        if (!strcmp(n->files[i].name, path))
            return path;
    for (uint32_t i = 0; real && i < n->file_count; i++)
        if (!strcmp(n->files[i].real, real))
            return arena_strdup(arena, n->files[i].name);
    for (uint32_t i = 0; real && i < n->folder_count; i++) {
        const struct lsp_name *f = &n->folders[i];
        const char *tail = below(real, f->real);

        if (!tail || (best && strlen(f->real) < best_size) ||
            (best && strlen(f->real) == best_size && !below(path, f->name)))
            continue;
        best = f->name;
        best_size = strlen(f->real);
        rest = tail;
    }
    return best ? path_absolute("/", arena_printf(arena, "%s%s", best, rest), arena) : path;
}

const char *lsp_names_theirs(const struct lsp_names *n, const char *path, struct arena *arena)
{
    const char *real, *tail;

    if (!n->root || !n->real_root || below(path, n->root))
        return path;
    real = real_of(path, arena);
    tail = real ? below(real, n->real_root) : NULL;
    return tail ? arena_printf(arena, "%s%s", n->root, tail) : path;
}
