/* clean: the database of facts is removed, and what else chanleak writes beside it; no file of anybody else. */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "paths.h"
#include "session.h"

/* Pages of rules that the server has written for editors. */
static void remove_pages(const char *store, struct arena *arena)
{
    const char *folder = arena_printf(arena, "%s/pages", path_folder(store, arena));
    DIR *pages = opendir(folder);
    struct dirent *entry;

    if (!pages)
        return;
    while ((entry = readdir(pages))) {
        size_t size = strlen(entry->d_name);

        if (size > 3 && !strcmp(entry->d_name + size - 3, ".md"))
            unlink(arena_printf(arena, "%s/%s", folder, entry->d_name));
    }
    closedir(pages);
    if (!rmdir(folder))
        printf("removed %s\n", folder);
}

enum status command_clean(struct session *session)
{
    const struct options *o = session->options;
    const char *error, *const *removed;

    if (o->file_count)
        return session_complain(arena_printf(session->arena, "clean takes no operand, but '%s' was given: say which "
                                             "database with --db=FILE", o->files[0]));
    if (!strcmp(path_last(path_folder(o->store, session->arena)), ".chanleak"))
        remove_pages(o->store, session->arena);
    removed = store_remove(o->store, session->arena, &error);
    if (error)
        return session_complain(error);
    if (!*removed)
        printf("nothing to remove: there is no '%s'\n", o->store);
    for (; *removed; removed++)
        printf("removed %s\n", *removed);
    return STATUS_CLEAN;
}
