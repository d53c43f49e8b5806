/* generate: completions and manual pages, made of what the program knows of itself. */
#include <string.h>

#include "completion.h"
#include "manual.h"
#include "session.h"

enum status command_generate(struct session *session)
{
    const struct options *o = session->options;
    const char *what = o->file_count == 1 ? o->files[0] : "";
    FILE *out;

    if (strcmp(what, "bash") && strcmp(what, "zsh") && strcmp(what, "fish") && strcmp(what, "man") &&
        strcmp(what, "man-rules"))
        return session_complain("generate needs one of bash, zsh, fish, man and man-rules");
    out = session_output(session);
    if (!out)
        return STATUS_FAILED;
    if (!strcmp(what, "bash"))
        completion_bash(out);
    else if (!strcmp(what, "zsh"))
        completion_zsh(out);
    else if (!strcmp(what, "fish"))
        completion_fish(out);
    else if (!strcmp(what, "man"))
        manual_program(out);
    else
        manual_rules(&session->rules, out);
    return session_close(session, out) ? STATUS_CLEAN : STATUS_FAILED;
}
