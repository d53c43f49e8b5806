#include "worktree.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "compdb.h"

/* git tells the folder without symbolic links, the compile database perhaps as somebody came there: files are called
 * as the database has them. */
static void use_names_of_database(struct git *git, const struct options *o)
{
    const char *error = NULL;
    struct compdb *db = compdb_load(o->database, o->file_count ? o->files[0] : NULL, git->arena, &error);
    size_t top = strlen(git->top);

    for (uint32_t i = 0; db && i < db->count; i++) {
        const char *file = db->entries[i].file;
        size_t size = strlen(file), rest;
        char real[PATH_MAX];

        if (!realpath(file, real) || strncmp(real, git->top, top) || real[top] != '/')
            continue;
        rest = strlen(real) - top;
        if (size > rest && !strcmp(file + size - rest, real + top))
            git->top = arena_printf(git->arena, "%.*s", (int)(size - rest), file);
        return;
    }
}

bool worktree_open(struct git *git, const struct session *session)
{
    const char *error = NULL;

    if (!git_open(git, session->arena, &error)) {
        session_complain(error);
        return false;
    }
    use_names_of_database(git, session->options);
    return true;
}
