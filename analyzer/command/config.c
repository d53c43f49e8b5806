#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "paths.h"
#include "pattern.h"
#include "source.h"
#include "suggest.h"

struct reader {
    struct arena   *arena;
    struct config  *config;
    yaml_document_t document;
    const char     *error;      /* the first */
};

struct key {
    const char *name;
    void      (*read)(struct reader *r, const struct key *key, const yaml_node_t *value);
    size_t      at;             /* offset of what is read in struct config */
};

__attribute__((format(printf, 3, 4)))
static void fail(struct reader *r, size_t line, const char *format, ...)
{
    char what[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (!r->error)
        r->error = arena_printf(r->arena, "%s: %s", config_place(r->config, (unsigned)line + 1, r->arena), what);
}

static const char *text_of(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

/* A scalar that is something; false: said. */
static bool is_word(struct reader *r, const yaml_node_t *node, const char *what)
{
    if (node->type == YAML_SCALAR_NODE && *text_of(node)
        && strlen(text_of(node)) == node->data.scalar.length)
        return true;
    fail(r, node->start_mark.line, "expected %s", what);
    return false;
}

static struct config_value value_of(struct reader *r, const yaml_node_t *node, bool path)
{
    const char *text = text_of(node);

    return (struct config_value){
        .text = path ? path_absolute(r->config->folder, text, r->arena) : arena_strdup(r->arena, text),
        .line = (unsigned)node->start_mark.line + 1,
    };
}

/* ---- kinds of values ------------------------------------------------------------------ */

static void read_path(struct reader *r, const struct key *key, const yaml_node_t *value)
{
    if (is_word(r, value, "a path"))
        *(struct config_value *)((char *)r->config + key->at) = value_of(r, value, true);
}

static void read_list(struct reader *r, const struct key *key, const yaml_node_t *value, const char *what, bool paths)
{
    struct config_list *list = (void *)((char *)r->config + key->at);

    if (value->type != YAML_SEQUENCE_NODE) {
        fail(r, value->start_mark.line, "expected a list: %s: [...]", key->name);
        return;
    }
    for (const yaml_node_item_t *i = value->data.sequence.items.start; i < value->data.sequence.items.top; i++) {
        const yaml_node_t *item = yaml_document_get_node(&r->document, *i);

        if (is_word(r, item, what))
            ARENA_PUSH(r->arena, list->values, list->count, list->capacity) = value_of(r, item, paths);
    }
}

static void read_paths(struct reader *r, const struct key *key, const yaml_node_t *value)
{
    read_list(r, key, value, "a path", true);
}

static void read_functions(struct reader *r, const struct key *key, const yaml_node_t *value)
{
    read_list(r, key, value, "the name of a function", false);
}

static void read_patterns(struct reader *r, const struct key *key, const yaml_node_t *value)
{
    read_list(r, key, value, "a path or a pattern", false);
}

/* No sign, no exponent, nothing left over; 0 is "never give up". */
static bool is_number(const char *text, bool fraction, double *number)
{
    char *end;

    if (text[strspn(text, fraction ? "0123456789." : "0123456789")])
        return false;
    *number = strtod(text, &end);
    return end != text && !*end && *number < 1e15;
}

static void read_number(struct reader *r, const struct key *key, const yaml_node_t *value)
{
    bool seconds = key->at == offsetof(struct config, timeout);
    const char *what = seconds ? "a number of seconds"
                       : key->at == offsetof(struct config, max_memory) ? "a number of MiB" : "a number of states";
    struct config_value *to = (void *)((char *)r->config + key->at);

    if (!is_word(r, value, what))
        return;
    *to = value_of(r, value, false);
    if (!is_number(to->text, seconds, &to->number))
        fail(r, value->start_mark.line, "'%s' is not %s", to->text, what);
}

/* ---- mappings --------------------------------------------------------------------------- */

static void unknown_key(struct reader *r, const yaml_node_t *at, const struct key *keys, size_t count)
{
    struct suggestion meant = suggest_for(text_of(at), strlen(text_of(at)));
    char *all = arena_strdup(r->arena, "");

    for (size_t i = 0; i < count; i++) {
        suggest_consider(&meant, keys[i].name);
        all = arena_printf(r->arena, "%s%s%s", all, i == 0 ? "" : i + 1 < count ? ", " : " or ", keys[i].name);
    }
    if (suggest_word(&meant))
        fail(r, at->start_mark.line, "unknown key '%s', did you mean '%s'?", text_of(at), suggest_word(&meant));
    else
        fail(r, at->start_mark.line, "unknown key '%s', expected %s", text_of(at), all);
}

/* Each key is there once: which of two would hold is nothing to guess. */
static void check_once(struct reader *r, const yaml_node_t *map, const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = yaml_document_get_node(&r->document, pair->key);

    for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < pair; p++) {
        const yaml_node_t *before = yaml_document_get_node(&r->document, p->key);

        if (before->type == YAML_SCALAR_NODE && !strcmp(text_of(before), text_of(key)))
            fail(r, key->start_mark.line, "'%s' is there twice, first in line %zu", text_of(key),
                 before->start_mark.line + 1);
    }
}

static void read_mapping(struct reader *r, const yaml_node_t *map, const struct key *keys, size_t count)
{
    for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        const yaml_node_t *name = yaml_document_get_node(&r->document, p->key);
        size_t i = 0;

        if (!is_word(r, name, "a key"))
            return;
        check_once(r, map, p);
        while (i < count && strcmp(keys[i].name, text_of(name)))
            i++;
        if (i == count)
            unknown_key(r, name, keys, count);
        else
            keys[i].read(r, &keys[i], yaml_document_get_node(&r->document, p->value));
    }
}

static bool is_mapping(struct reader *r, const yaml_node_t *node, const char *what)
{
    if (node->type != YAML_MAPPING_NODE)
        fail(r, node->start_mark.line, "expected keys and values%s", what);
    return node->type == YAML_MAPPING_NODE;
}

static void read_budget(struct reader *r, const struct key *key, const yaml_node_t *value)
{
    static const struct key keys[] = {
        { "max-states", read_number, offsetof(struct config, max_states) },
        { "max-memory", read_number, offsetof(struct config, max_memory) },
        { "timeout", read_number, offsetof(struct config, timeout) },
    };

    (void)key;
    if (is_mapping(r, value, ", as in 'timeout: 10'"))
        read_mapping(r, value, keys, sizeof keys / sizeof *keys);
}

/* YAML has many words for no. */
static const char *level_of(const char *word)
{
    static const char *const words[][2] = {
        { "off", "off" }, { "false", "off" }, { "no", "off" }, { "on", "on" }, { "true", "on" }, { "yes", "on" },
        { "error", "error" }, { "warning", "warning" }, { "note", "note" },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(word, words[i][0]))
            return words[i][1];
    return NULL;
}

/* Whether there is a rule of that name is known when the rules are. */
static void read_rules(struct reader *r, const struct key *key, const yaml_node_t *value)
{
    struct config *c = r->config;

    (void)key;
    if (!is_mapping(r, value, ", as in 'polling-select: off'"))
        return;
    for (const yaml_node_pair_t *p = value->data.mapping.pairs.start; p < value->data.mapping.pairs.top; p++) {
        const yaml_node_t *name = yaml_document_get_node(&r->document, p->key);
        const yaml_node_t *word = yaml_document_get_node(&r->document, p->value);
        const char *level;

        if (!is_word(r, name, "the name of a rule")
            || !is_word(r, word, "off, on, error, warning or note"))
            return;
        check_once(r, value, p);
        level = level_of(text_of(word));
        if (!level)
            fail(r, word->start_mark.line, "'%s' is no severity: off, on, error, warning or note", text_of(word));
        ARENA_PUSH(r->arena, c->rules, c->rule_count, c->rule_capacity) = (struct config_rule){
            arena_strdup(r->arena, text_of(name)), level, (unsigned)name->start_mark.line + 1 };
    }
}

static const struct key keys[] = {
    { "database", read_path, offsetof(struct config, database) },
    { "rules", read_rules, 0 },
    { "rule-folder", read_path, offsetof(struct config, rule_folder) },
    { "models", read_paths, offsetof(struct config, models) },
    { "roots", read_functions, offsetof(struct config, roots) },
    { "daemons", read_functions, offsetof(struct config, daemons) },
    { "exclude", read_patterns, offsetof(struct config, exclude) },
    { "baseline", read_path, offsetof(struct config, baseline) },
    { "budget", read_budget, 0 },
};

/* ---- the file ------------------------------------------------------------------------------ */

/* Comments alone, or a mark that a document begins. */
static bool is_nothing(const yaml_node_t *root)
{
    return root->type == YAML_SCALAR_NODE && !root->data.scalar.length;
}

static void read_document(struct reader *r, yaml_parser_t *parser)
{
    const yaml_node_t *root;
    yaml_document_t second;

    if (!yaml_parser_load(parser, &r->document)) {
        fail(r, parser->problem_mark.line, "not YAML: %s", parser->problem ? parser->problem : "out of memory");
        return;
    }
    root = yaml_document_get_root_node(&r->document);
    if (root && !is_nothing(root) && is_mapping(r, root, ", as in 'database: build'"))
        read_mapping(r, root, keys, sizeof keys / sizeof *keys);
    yaml_document_delete(&r->document);
    if (r->error || !root)
        return;
    if (!yaml_parser_load(parser, &second))
        fail(r, parser->problem_mark.line, "not YAML: %s", parser->problem ? parser->problem : "out of memory");
    else if (yaml_document_get_root_node(&second))
        fail(r, second.start_mark.line, "a second document: there is one configuration");
    if (!parser->error)
        yaml_document_delete(&second);
}

const char *config_find(const char *name, struct arena *arena)
{
    const char *folder = path_working_directory(arena);

    for (;;) {
        const char *path = path_absolute(folder, name, arena);

        if (access(path, F_OK) == 0)
            return path;
        if (!folder[1])
            return NULL;
        folder = path_folder(folder, arena);
    }
}

struct config *config_none(struct arena *arena)
{
    struct config *config = ARENA_NEW(arena, struct config);

    config->folder = path_working_directory(arena);
    return config;
}

struct config *config_load(const char *path, struct arena *arena, const char **error)
{
    struct config *config = config_none(arena);
    struct reader r = { .arena = arena, .config = config };
    yaml_parser_t parser;
    FILE *in;

    *error = NULL;
    path = path ? path_absolute(config->folder, path, arena) : config_find(".chanleak.yaml", arena);
    if (!path)
        return config;
    config->path = path;
    config->folder = path_folder(path, arena);
    errno = 0;
    in = fopen(path, "rb");
    if (!in || fgetc(in) == EOF) {
        *error = errno && (!in || ferror(in))
            ? arena_printf(arena, "cannot read '%s': %s", source_path(path, arena), strerror(errno)) : NULL;
        if (in)
            fclose(in);
        return *error ? NULL : config;
    }
    rewind(in);
    if (yaml_parser_initialize(&parser)) {
        yaml_parser_set_input_file(&parser, in);
        read_document(&r, &parser);
        yaml_parser_delete(&parser);
    }
    fclose(in);
    *error = r.error;
    return r.error ? NULL : config;
}

/* ---- what it says ---------------------------------------------------------------------------- */

bool config_excludes(const struct config *config, const char *file, struct arena *arena)
{
    size_t size = strlen(config->folder);

    if (!config->exclude.count)
        return false;
    file = path_absolute("/", file, arena);
    for (uint32_t i = 0; i < config->exclude.count; i++) {
        const char *pattern = config->exclude.values[i].text;
        bool below = !strncmp(file, config->folder, size) && (file[size] == '/' || size == 1);

        if (*pattern == '/' ? pattern_names(pattern, file) : below && pattern_names(pattern, file + size + (size > 1)))
            return true;
    }
    return false;
}

const char *config_place(const struct config *config, unsigned line, struct arena *arena)
{
    return arena_printf(arena, "%s:%u", source_path(config->path, arena), line);
}
