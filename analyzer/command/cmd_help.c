/* help: what a command does and takes. */
#include <string.h>

#include "help.h"
#include "session.h"
#include "suggest.h"

enum status command_help(struct session *session)
{
    const struct options *o = session->options;
    struct suggestion near;

    if (!o->file_count) {
        help_print(NULL, stdout);
        return STATUS_CLEAN;
    }
    near = suggest_for(o->files[0], strlen(o->files[0]));
    for (const struct command *c = commands; c->name; c++) {
        if (!strcmp(c->name, o->files[0])) {
            help_print(c, stdout);
            return STATUS_CLEAN;
        }
        suggest_consider(&near, c->name);
    }
    if (suggest_word(&near))
        return session_complain(arena_printf(session->arena, "no command '%s', did you mean '%s'?", o->files[0],
                                             suggest_word(&near)));
    return session_complain(arena_printf(session->arena, "no command '%s', see chanleak help", o->files[0]));
}
