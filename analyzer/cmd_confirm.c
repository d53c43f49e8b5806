/* confirm: what the last check found is run. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "confirm.h"
#include "session.h"

enum status command_confirm(struct session *session)
{
    const struct options *o = session->options;
    struct confirm_options options = {
        .names = o->files, .name_count = o->file_count, .program = o->program,
        .arguments = o->arguments, .runs = o->runs, .timeout = o->timeout,
        .build = { .runtime = o->runtime, .link = o->link },
    };
    int status;

    if (access(o->store, R_OK))
        return session_complain(arena_printf(session->arena, "cannot read '%s': %s; run chanleak check first",
                                     o->store, strerror(errno)));
    if (!session_store(session))
        return STATUS_FAILED;
    status = confirm(session->store, &options, session->arena, stdout);
    return store_error(session->store) ? session_complain(store_error(session->store)) : (enum status)status;
}
