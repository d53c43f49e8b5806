/* confirm: what the last check found is run. */
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

    if (!session_store_last(session))
        return STATUS_FAILED;
    status = confirm(session->store, &options, session->arena, stdout);
    return store_error(session->store) ? session_complain(store_error(session->store)) : (enum status)status;
}
