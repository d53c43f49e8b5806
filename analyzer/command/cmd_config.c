/* config show: what holds, and where each value comes from. It is YAML again, with the places as comments. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "configure.h"
#include "session.h"
#include "triage.h"

enum { COMMENT_COLUMN = 40 };

/* key and value, and the origin in a column of its own */
__attribute__((format(printf, 2, 3)))
static void line(const char *origin, const char *format, ...)
{
    va_list args;
    int size;

    va_start(args, format);
    size = vprintf(format, args);
    va_end(args);
    printf("%*s  # %s\n", size < COMMENT_COLUMN ? COMMENT_COLUMN - size : 0, "", origin);
}

/* A path, or that there is none. */
static void path(struct session *s, const char *key, const char *text, const char *option,
                 const struct config_value *value)
{
    if (text)
        line(configure_origin(s->options, option, s->config, value, s->arena), "%s: %s", key,
             source_path(text, s->arena));
    else
        line("default", "# %s: none", key);
}

static void list(struct session *s, const char *key, const struct config_list *list, bool paths)
{
    if (!list->count)
        line("default", "%s: []", key);
    else
        printf("%s:\n", key);
    for (uint32_t i = 0; i < list->count; i++)
        line(config_place(s->config, list->values[i].line, s->arena), "  - '%s'",
             paths ? source_path(list->values[i].text, s->arena) : list->values[i].text);
}

/* Those of the configuration come first, see configure.c. */
static void models(struct session *s)
{
    const struct options *o = s->options;

    if (!o->model_count)
        line("default", "models: []");
    else
        printf("models:\n");
    for (size_t i = 0; i < o->model_count; i++)
        line(i < s->config->models.count ? config_place(s->config, s->config->models.values[i].line, s->arena)
                                         : "command line",
             "  - '%s'", source_path(o->models[i], s->arena));
}

static void rules(struct session *s)
{
    printf("rules:\n");
    for (uint32_t i = 0; i < s->rules.count; i++) {
        const struct rule *rule = &s->rules.list[i];

        line(rule->origin ? rule->origin : "default", "  %s: %s", rule->name,
             rule->off ? "off" : severity_name(rule->severity));
    }
}

static void budget(struct session *s)
{
    const struct options *o = s->options;
    const struct config *c = s->config;
    const char *all = options_given(o, "--exhaustive") ? "--exhaustive" : NULL;

    printf("budget:\n");
    line(configure_origin(o, all ? all : "--max-states", c, &c->max_states, s->arena),
         "  max-states: %" PRIu64, o->max_states);
    line(configure_origin(o, all ? all : "--max-memory", c, &c->max_memory, s->arena),
         "  max-memory: %zu", o->max_memory >> 20);
    line(configure_origin(o, all ? all : "--timeout", c, &c->timeout, s->arena), "  timeout: %g", o->timeout);
}

enum status command_config(struct session *s)
{
    const struct options *o = s->options;
    const struct config *c = s->config;

    if (o->file_count != 1 || strcmp(o->files[0], "show"))
        return session_complain("config has one subcommand: chanleak config show");
    printf("# %s\n", c->path ? source_path(c->path, s->arena) : "no .chanleak.yaml here or in a parent folder");
    path(s, "database", o->database, "-p", &c->database);
    rules(s);
    path(s, "rule-folder", o->rules, "--rules", &c->rule_folder);
    models(s);
    list(s, "roots", &c->roots, false);
    list(s, "daemons", &c->daemons, false);
    list(s, "exclude", &c->exclude, false);
    path(s, "baseline", o->no_baseline ? NULL : triage_baseline_path(s), "--baseline", &c->baseline);
    budget(s);
    return STATUS_CLEAN;
}
