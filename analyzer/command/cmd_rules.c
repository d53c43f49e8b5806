/* explain and rules: what can be found. */
#include <string.h>

#include "session.h"
#include "suggest.h"

/* What to say of a name that no rule has. */
static enum status unknown_rule(struct session *session, const char *name)
{
    struct suggestion meant = suggest_for(name, strlen(name));

    for (uint32_t i = 0; i < session->rules.count; i++)
        suggest_consider(&meant, session->rules.list[i].name);
    return session_complain(suggest_word(&meant)
        ? arena_printf(session->arena, "no rule '%s', did you mean '%s'?", name, suggest_word(&meant))
        : arena_printf(session->arena, "no rule '%s', see chanleak rules", name));
}

enum status command_explain(struct session *session)
{
    const struct rule *rule;

    if (session->options->file_count != 1)
        return session_complain("explain needs the name of a rule, see chanleak rules");
    rule = rules_find(&session->rules, session->options->files[0]);
    if (!rule)
        return unknown_rule(session, session->options->files[0]);
    fputs(rule->text, stdout);
    return STATUS_CLEAN;
}

enum status command_rules(struct session *session)
{
    if (session->options->file_count)
        return session_complain(arena_printf(session->arena, "rules takes no operand, but '%s' was given",
                                             session->options->files[0]));
    for (uint32_t i = 0; i < session->rules.count; i++)
        printf("%-20s %-8s %s\n", session->rules.list[i].name,
               session->rules.list[i].off ? "off" : severity_name(session->rules.list[i].severity), session->rules.list[i].title);
    return STATUS_CLEAN;
}
