#include "configure.h"

#include <string.h>
#include <xxhash.h>

#include "suggest.h"

/* ---- options ------------------------------------------------------------------------- */

/* What the values say, and room for some more. */
static const char **texts(const struct config_list *list, uint32_t more, struct arena *arena)
{
    const char **all = ARENA_ARRAY(arena, const char *, list->count + more + 1);

    for (uint32_t i = 0; i < list->count; i++)
        all[i] = list->values[i].text;
    return all;
}

/* The configuration's, then the command line's, which may say more of the same functions. */
static void add_models(struct options *o, const struct config_list *models, struct arena *arena)
{
    const char **all = texts(models, o->model_count, arena);

    for (uint32_t i = 0; i < o->model_count; i++)
        all[models->count + i] = o->models[i];
    o->models = all;
    o->model_count += models->count;
    o->model_capacity = o->model_count;
}

void configure_options(struct options *o, const struct config *c, struct arena *arena)
{
    bool exhaustive = options_given(o, "--exhaustive");

    if (c->database.text && !options_given(o, "-p"))
        o->database = c->database.text;
    if (c->rule_folder.text && !options_given(o, "--rules"))
        o->rules = c->rule_folder.text;
    if (c->max_states.text && !exhaustive && !options_given(o, "--max-states"))
        o->max_states = (uint64_t)c->max_states.number;
    if (c->max_memory.text && !exhaustive && !options_given(o, "--max-memory"))
        o->max_memory = (size_t)c->max_memory.number << 20;
    if (c->timeout.text && !exhaustive && !options_given(o, "--timeout"))
        o->timeout = c->timeout.number;
    add_models(o, &c->models, arena);
    o->roots = texts(&c->roots, 0, arena);
    o->root_count = c->roots.count;
}

const char *configure_origin(const struct options *o, const char *option, const struct config *config,
                             const struct config_value *value, struct arena *arena)
{
    if (option && options_given(o, option))
        return "command line";
    return value->text ? config_place(config, value->line, arena) : "default";
}

/* ---- rules --------------------------------------------------------------------------- */

/* The rule of that name, not ended by a NUL; NULL: *error says what comes near. */
static struct rule *find_rule(struct rules *rules, const char *name, size_t size, const char *where,
                              struct arena *arena, const char **error)
{
    struct suggestion meant = suggest_for(name, size);
    const char *nearest;

    for (uint32_t i = 0; i < rules->count; i++) {
        if (strlen(rules->list[i].name) == size && !memcmp(rules->list[i].name, name, size))
            return &rules->list[i];
        suggest_consider(&meant, rules->list[i].name);
    }
    nearest = suggest_word(&meant);
    if (!*error && nearest)
        *error = arena_printf(arena, "%s: unknown rule '%.*s', did you mean '%s'?", where, (int)size, name, nearest);
    else if (!*error)
        *error = arena_printf(arena, "%s: unknown rule '%.*s', see chanleak rules", where, (int)size, name);
    return NULL;
}

static void set_level(struct rule *rule, const char *level, const char *origin)
{
    rule->origin = origin;
    rule->off = !strcmp(level, "off");
    for (enum severity s = SEVERITY_ERROR; s <= SEVERITY_NOTE; s++)
        if (!strcmp(level, severity_name(s)))
            rule->severity = s;
}

/* Names separated by commas, as --select and --ignore have them. */
static void set_named(struct rules *rules, const char *names, bool off, const char *option, struct arena *arena,
                      const char **error)
{
    if (!names[strspn(names, ",")])
        *error = arena_printf(arena, "%s: the name of a rule is missing, see chanleak rules", option);
    while (*names) {
        size_t size = strcspn(names, ",");
        struct rule *rule = size ? find_rule(rules, names, size, option, arena, error) : NULL;

        if (rule) {
            rule->off = off;
            rule->origin = "command line";
        }
        names += size;
        names += *names == ',';
    }
}

bool configure_rules(struct rules *rules, const struct options *o, const struct config *config, struct arena *arena,
                     const char **error)
{
    *error = NULL;
    for (uint32_t i = 0; i < config->rule_count; i++) {
        const struct config_rule *r = &config->rules[i];
        const char *place = config_place(config, r->line, arena);
        struct rule *rule = find_rule(rules, r->name, strlen(r->name), place, arena, error);

        if (rule)
            set_level(rule, r->level, place);
    }
    rules->daemons = texts(&config->daemons, 0, arena);
    rules->daemon_count = config->daemons.count;
    for (uint32_t i = 0; i < rules->count && o->selected_count; i++)
        set_level(&rules->list[i], "off", "command line");
    for (uint32_t i = 0; i < o->selected_count; i++)
        set_named(rules, o->selected[i], false, "--select", arena, error);
    for (uint32_t i = 0; i < o->ignored_count; i++)
        set_named(rules, o->ignored[i], true, "--ignore", arena, error);
    return !*error;
}

/* ---- what it changes ------------------------------------------------------------------ */

uint64_t configure_roots_hash(const struct config *config)
{
    XXH3_state_t *state = XXH3_createState();
    uint64_t hash;

    XXH3_64bits_reset(state);
    for (uint32_t i = 0; i < config->roots.count; i++)
        XXH3_64bits_update(state, config->roots.values[i].text, strlen(config->roots.values[i].text) + 1);
    hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}
