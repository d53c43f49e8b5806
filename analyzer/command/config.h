/* config.h - what .chanleak.yaml asks for, and in which line.
 *
 *     database: build                 # the folder of compile_commands.json
 *     rules:
 *       polling-select: off           # off, on, error, warning or note
 *     rule-folder: lint/rules         # more rules
 *     models: [lint/model.h]          # what the functions of a library mean
 *     roots: [on_request]             # functions that code we cannot see calls
 *     daemons: [janitor, 'log_*']     # entry functions of tasks that may live for ever
 *     exclude: [third_party/, 'gen_*.c']
 *     baseline: .chanleak-baseline.json
 *     budget:                         # of one root
 *       max-states: 1000000
 *       max-memory: 512               # MiB
 *       timeout: 10                   # seconds
 *
 * Paths are relative to the file's own folder, and absolute here.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

struct config_value {
    const char *text;           /* NULL: the file does not say */
    double      number;         /* where it is one */
    unsigned    line;
};

struct config_list {
    struct config_value *values;
    uint32_t             count, capacity;
};

struct config_rule {
    const char *name, *level;   /* off, on, error, warning, note */
    unsigned    line;
};

struct config {
    const char         *path;   /* absolute; NULL: there is none */
    const char         *folder; /* absolute: its own, or the working directory */
    struct config_value database, rule_folder, baseline;
    struct config_value max_states, max_memory, timeout;
    struct config_list  models, roots, daemons, exclude;
    struct config_rule *rules;
    uint32_t            rule_count, rule_capacity;
};

/* Read the file `path`; NULL: the first .chanleak.yaml upwards from the working directory, if any. NULL and in
 * *error "file:line: what" when it cannot be read as a whole. Strings are of the arena. */
struct config *config_load(const char *path, struct arena *arena, const char **error);
/* The first file of that name upwards from the working directory, or NULL. */
const char    *config_find(const char *name, struct arena *arena);
/* Without a file. */
struct config *config_none(struct arena *arena);

/* Is the file, an absolute path, among those that are excluded? */
bool        config_excludes(const struct config *config, const char *file, struct arena *arena);
/* "conf/.chanleak.yaml:3" */
const char *config_place(const struct config *config, unsigned line, struct arena *arena);

#endif
