/* clean: the database of facts is removed, and nothing else. */
#include "session.h"

enum status command_clean(struct session *session)
{
    const struct options *o = session->options;
    const char *error, *const *removed;

    if (o->file_count)
        return session_complain(arena_printf(session->arena, "clean takes no operand, but '%s' was given: say which "
                                             "database with --db=FILE", o->files[0]));
    removed = store_remove(o->store, session->arena, &error);
    if (error)
        return session_complain(error);
    if (!*removed)
        printf("nothing to remove: there is no '%s'\n", o->store);
    for (; *removed; removed++)
        printf("removed %s\n", *removed);
    return STATUS_CLEAN;
}
