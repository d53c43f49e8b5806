/* explain and rules: what can be found. */
#include "session.h"

enum status command_explain(struct session *session)
{
    const struct rule *rule;

    if (session->options->file_count != 1)
        return session_complain("explain needs the name of a rule, see chanleak rules");
    rule = rules_find(&session->rules, session->options->files[0]);
    if (!rule)
        return session_complain(arena_printf(session->arena, "no rule '%s', see chanleak rules",
                                     session->options->files[0]));
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
