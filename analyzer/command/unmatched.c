#include "unmatched.h"

#include <string.h>

#include "suggest.h"

static void consider(void *to, const char *name)
{
    suggest_consider(to, name);
}

/* As near as rules' names have to be; a pattern is like nothing. */
static const char *nearest(const struct session *session, const char *name)
{
    struct suggestion meant = suggest_for(name, strlen(name));

    if (!strpbrk(name, "*?["))
        store_function_names(session->store, consider, &meant);
    return suggest_word(&meant);
}

static void tell(const struct session *session, const struct config_list *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        const struct config_value *v = &names->values[i];
        const char *meant;

        if (store_has_function(session->store, v->text))
            continue;
        meant = nearest(session, v->text);
        fprintf(stderr, "chanleak: note: %s: no function is called '%s'%s\n",
                config_place(session->config, v->line, session->arena), v->text,
                meant ? arena_printf(session->arena, ", did you mean '%s'?", meant) : "");
    }
}

void unmatched_tell(const struct session *session)
{
    if (session->options->file_count || session->summary.failed_count)
        return;                         /* it may be in what was not read */
    tell(session, &session->config->roots);
    tell(session, &session->config->daemons);
}
