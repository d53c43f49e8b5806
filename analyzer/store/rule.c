#include "rule.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "embedded.h"
#include "fix_plan.h"

struct page {
    struct arena *arena;
    struct rule  *rule;
    const char   *at;           /* the next line */
    unsigned      line;         /* number of the line read last */
    unsigned      fence_line;   /* of the first line of the fence read last */
    const char   *error;
};

static void fail(struct page *p, const char *what)
{
    if (!p->error)
        p->error = arena_printf(p->arena, "%s:%u: %s", p->rule->path, p->line, what);
}

/* The next line without its end, or NULL. */
static const char *next_line(struct page *p)
{
    size_t size = strcspn(p->at, "\n");

    if (!*p->at)
        return NULL;

    char *line = arena_printf(p->arena, "%.*s", (int)size, p->at);

    p->at += size + (p->at[size] == '\n');
    p->line++;
    if (size && line[size - 1] == '\r')
        line[size - 1] = 0;
    return line;
}

/* ---- parts of a page ------------------------------------------------------ */

/* "# name: title" */
static void read_title(struct page *p)
{
    const char *line = next_line(p);
    size_t size = strlen(p->rule->name);

    if (!line || strncmp(line, "# ", 2) || strncmp(line + 2, p->rule->name, size)
        || strncmp(line + 2 + size, ": ", 2) || !line[4 + size])
        fail(p, arena_printf(p->arena, "expected '# %s: ' and a title", p->rule->name));
    else
        p->rule->title = line + 4 + size;
}

static enum severity read_severity(struct page *p, const char *word)
{
    for (enum severity s = SEVERITY_ERROR; s <= SEVERITY_NOTE; s++)
        if (!strcmp(word, severity_name(s)))
            return s;
    fail(p, "severity is error, warning or note");
    return SEVERITY_ERROR;
}

static const char *text_without_bracket(struct page *p, const char *text)
{
    if (strchr(text, '['))
        fail(p, "a message holds no '['");
    return text;
}

static const char *known_repairs(struct page *p, const char *words)
{
    if (!fix_plan_knows(words))
        fail(p, arena_printf(p->arena, "a repair is one of: %s", fix_plan_words()));
    return words;
}

/* "- severity: error" */
static void read_field(struct page *p, const char *line)
{
    if (!strncmp(line, "- severity: ", 12))
        p->rule->severity = read_severity(p, line + 12);
    else if (!strncmp(line, "- message: ", 11))
        p->rule->message = text_without_bracket(p, line + 11);
    else if (!strncmp(line, "- help: ", 8))
        p->rule->help = text_without_bracket(p, line + 8);
    else if (!strncmp(line, "- repair: ", 10))
        p->rule->repairs = known_repairs(p, line + 10);
    else
        fail(p, "expected severity, message, help or repair");
}

/* What stands between ```language and ```, from the next fence on. */
static const char *read_fence(struct page *p, const char *language)
{
    const char *line = next_line(p), *start;

    while (line && strncmp(line, "```", 3) && strncmp(line, "## ", 3))
        line = next_line(p);
    if (!line || strncmp(line, "```", 3) || strcmp(line + 3, language)) {
        fail(p, arena_printf(p->arena, "expected a fence: ```%s", language));
        return "";
    }
    start = p->at;
    p->fence_line = p->line + 1;
    for (const char *end = start; (line = next_line(p)); end = p->at)
        if (!strcmp(line, "```"))
            return arena_printf(p->arena, "%.*s", (int)(end - start), start);
    fail(p, "a fence without an end");
    return "";
}

static void read_section(struct page *p, const char *title)
{
    struct rule *rule = p->rule;

    if (!strcmp(title, "Leaks")) {
        const char *mark = arena_printf(p->arena, "// leak: %s", rule->name);

        rule->has_leaks = true;
        if (!strstr(read_fence(p, "c"), mark))
            fail(p, arena_printf(p->arena, "no line is marked '%s'", mark));
    } else if (!strcmp(title, "Fixed")) {
        rule->has_fixed = true;
        read_fence(p, "c");
    } else if (!strcmp(title, "Query")) {
        rule->query = read_fence(p, "sql");
        rule->query_line = p->fence_line;
    } else {
        fail(p, "expected Leaks, Fixed or Query");
    }
}

static void check_complete(struct page *p)
{
    const struct rule *r = p->rule;

    if (!r->message || !r->help)
        fail(p, "a rule needs severity, message and help");
    else if (!r->has_leaks || !r->has_fixed || !r->query)
        fail(p, "a rule needs the sections Leaks, Fixed and Query");
}

static const char *read_page(struct rule *rule, struct arena *arena)
{
    struct page p = { .arena = arena, .rule = rule, .at = rule->text };
    const char *line;

    read_title(&p);
    while (!p.error && (line = next_line(&p))) {
        if (!strncmp(line, "## ", 3))
            read_section(&p, line + 3);
        else if (!strncmp(line, "- ", 2) && !rule->has_leaks)
            read_field(&p, line);
    }
    check_complete(&p);
    return p.error;
}

/* ---- loading -------------------------------------------------------------- */

bool rules_add(struct rules *rules, const char *path, const char *text, struct arena *arena,
               const char **error)
{
    const char *slash = strrchr(path, '/');
    char *name = arena_strdup(arena, slash ? slash + 1 : path);
    struct rule rule = { .name = name, .path = path, .text = text };

    name[strlen(name) - strlen(".md")] = 0;
    *error = read_page(&rule, arena);
    for (uint32_t i = 0; i < rules->count && !*error; i++) {
        if (strcmp(rules->list[i].name, name))
            continue;
        rules->list[i] = rule;
        return true;
    }
    ARENA_PUSH(arena, rules->list, rules->count, rules->capacity) = rule;
    return !*error;
}

static int is_rule_file(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);

    return size > 3 && !strcmp(entry->d_name + size - 3, ".md") && strcmp(entry->d_name, "README.md");
}

static bool load_folder(struct rules *rules, const char *folder, struct arena *arena,
                        const char **error)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_rule_file, alphasort);

    if (count < 0) {
        *error = arena_printf(arena, "cannot read rules in '%s': %s", folder, strerror(errno));
        return false;
    }
    for (int i = 0; i < count; i++) {
        char *path = arena_printf(arena, "%s/%s", folder, entries[i]->d_name);
        char *text = *error ? NULL : source_read(path, arena);

        if (!text && !*error)
            *error = arena_printf(arena, "cannot open '%s': %s", path, strerror(errno));
        if (!*error)
            rules_add(rules, path, text, arena, error);
        free(entries[i]);
    }
    free(entries);
    return !*error;
}

static int compare_rules(const void *a, const void *b)
{
    return strcmp(((const struct rule *)a)->name, ((const struct rule *)b)->name);
}

bool rules_load(struct rules *rules, const char *folder, struct arena *arena, const char **error)
{
    *error = NULL;
    for (const struct embedded *e = embedded_rules; e->name; e++)
        if (!rules_add(rules, arena_printf(arena, "rules/%s", e->name), e->text, arena, error))
            return false;
    for (uint32_t i = 0; i < rules->count; i++)
        rules->list[i].built_in = true;
    if (folder && !load_folder(rules, folder, arena, error))
        return false;
    if (rules->count)
        qsort(rules->list, rules->count, sizeof *rules->list, compare_rules);
    return true;
}

const struct rule *rules_find(const struct rules *rules, const char *name)
{
    for (uint32_t i = 0; i < rules->count; i++)
        if (!strcmp(rules->list[i].name, name))
            return &rules->list[i];
    return NULL;
}

uint64_t rules_hash(const struct rules *rules)
{
    XXH3_state_t *state = XXH3_createState();
    uint64_t hash;

    XXH3_64bits_reset(state);
    for (uint32_t i = 0; i < rules->count; i++) {
        const struct rule *rule = &rules->list[i];

        XXH3_64bits_update(state, rule->name, strlen(rule->name) + 1);
        XXH3_64bits_update(state, &rule->severity, sizeof rule->severity);
        XXH3_64bits_update(state, &rule->off, sizeof rule->off);
        XXH3_64bits_update(state, rule->text, strlen(rule->text) + 1);
    }
    for (uint32_t i = 0; i < rules->daemon_count; i++)
        XXH3_64bits_update(state, rules->daemons[i], strlen(rules->daemons[i]) + 1);
    hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}
