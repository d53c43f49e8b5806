#include "doctor.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build.h"
#include "compdb.h"
#include "config.h"
#include "configure.h"
#include "parser.h"
#include "paths.h"
#include "response.h"
#include "store_query.h"

enum { PROBES = 32 };           /* sets of flags that are tried */

static void say(struct doctor *d, enum health health, const char *about, const char *text)
{
    ARENA_PUSH(d->arena, d->list, d->count, d->capacity) = (struct remark){ health, about, text };
}

/* ---- configuration ------------------------------------------------------------------- */

static void examine_configuration(struct doctor *d)
{
    const char *error = NULL;
    const struct config *config = d->no_config ? config_none(d->arena) : config_load(d->config, d->arena, &error);
    struct options options = { .rules = d->rules };
    struct rules rules = { 0 };

    if (config && !options.rules)
        options.rules = config->rule_folder.text;
    if (config && !d->database)
        d->database = config->database.text;
    if (!config || !rules_load(&rules, options.rules, d->arena, &error) ||
        !configure_rules(&rules, &options, config, d->arena, &error))
        say(d, HEALTH_ERROR, "configuration", error);
    else if (config->path)
        say(d, HEALTH_OK, "configuration", arena_printf(d->arena, "%s, %u rules", config->path, rules.count));
    else
        say(d, HEALTH_OK, "configuration", arena_printf(d->arena, "none (.chanleak.yaml), %u rules", rules.count));
}

/* ---- what parses ---------------------------------------------------------------------- */

static const char headers_text[] = "#include <stddef.h>\n#include <stdarg.h>\n#include <stdint.h>\n"
                                   "#include <limits.h>\n#include <stdio.h>\n";

static void examine_parser(struct doctor *d)
{
    struct parser *parser = parser_new(&(struct parser_options){ .processes = 1 }, d->arena);
    const char *build, *version, *error = parser_about(parser, &build, &version);

    if (error)
        say(d, HEALTH_ERROR, "chanleak-parse", error);
    else if (strcmp(build, parser_build))
        say(d, HEALTH_ERROR, "chanleak-parse", "it is of another build than chanleak: install both anew");
    else
        say(d, HEALTH_OK, "chanleak-parse", arena_printf(d->arena, "found, with %s", version));
    parser_free(parser);
}

/* libclang's own headers, and those of the C library, as a program without any flags has them. */
static void examine_headers(struct doctor *d)
{
    static const char *const none[] = { NULL };
    struct unit_file text = { "/chanleak-doctor.c", headers_text };
    struct parser_options options = { .processes = 1, .overlay = &text, .overlay_count = 1 };
    struct parse_job job = { .file = text.path, .directory = "/", .arguments = none };
    struct parser *parser = parser_new(&options, d->arena);
    const char *error = parser_run(parser, &job, 1);

    if (!error)
        error = job.error;
    if (error)
        say(d, HEALTH_ERROR, "headers", arena_printf(d->arena, "%s; on Debian: apt-get install libclang-common-19-dev libc6-dev",
                                                     error));
    else
        say(d, HEALTH_OK, "headers", "those of the compiler and of the C library are found");
    parser_free(parser);
}

/* ---- the compile database ---------------------------------------------------------------- */

static void examine_entries(struct doctor *d, struct compdb *db)
{
    uint32_t gone = 0;
    const char *first = NULL;

    for (uint32_t i = 0; i < db->count; i++) {
        const char *error = compdb_gone(db, &db->entries[i], false, d->arena);

        if (error && !gone++)
            first = error;
    }
    if (!db->count)
        say(d, HEALTH_ERROR, "entries", arena_printf(d->arena, "there is no C source in '%s'", db->path));
    else if (gone)
        say(d, HEALTH_WARNING, "entries", arena_printf(d->arena, "%u of %u are of files that are gone: %s", gone, db->count,
                                                       first));
    else
        say(d, HEALTH_OK, "entries", arena_printf(d->arena, "%u, and all their files are there", db->count));
}

/* A build file that was changed after it: beside it, or a folder above. */
static void examine_age(struct doctor *d, const struct compdb *db)
{
    static const char *const builds[] = { "CMakeLists.txt", "meson.build", "Makefile", "configure.ac", "GNUmakefile" };
    char *folder = arena_strdup(d->arena, db->path);
    struct stat made, changed;

    if (stat(db->path, &made))
        return;
    for (int up = 0; up < 2 && strrchr(folder, '/'); up++) {
        *strrchr(folder, '/') = 0;
        for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
            const char *path = arena_printf(d->arena, "%s/%s", folder, builds[i]);

            if (stat(path, &changed) || changed.st_mtime <= made.st_mtime)
                continue;
            say(d, HEALTH_WARNING, "compile database", arena_printf(d->arena, "'%s' is older than '%s': make it again",
                                                                    db->path, path));
            return;
        }
    }
    say(d, HEALTH_OK, "compile database", db->path);
}

static bool same_flags(const struct compdb_entry *a, const struct compdb_entry *b)
{
    if (a->argument_count != b->argument_count)
        return false;
    for (uint32_t i = 0; i < a->argument_count; i++)
        if (strcmp(a->arguments[i], b->arguments[i]))
            return false;
    return true;
}

/* One entry of each set of flags, its file empty: only the flags are looked at. */
static uint32_t choose_probes(struct compdb *db, struct parse_job *jobs, struct unit_file *texts, struct arena *arena)
{
    const struct compdb_entry *chosen[PROBES];
    uint32_t n = 0, k;

    for (uint32_t i = 0; i < db->count && n < PROBES; i++) {
        const struct compdb_entry *e = &db->entries[i];

        for (k = 0; k < n && !same_flags(chosen[k], e) && strcmp(chosen[k]->file, e->file); k++)
            ;
        if (k < n || compdb_gone(db, e, false, arena))
            continue;
        chosen[n] = e;
        texts[n] = (struct unit_file){ e->file, "" };
        jobs[n++] = (struct parse_job){ .file = e->file, .directory = e->directory, .arguments = e->arguments,
                                        .argument_count = e->argument_count };
    }
    return n;
}

static void examine_flags(struct doctor *d, struct compdb *db)
{
    struct parse_job jobs[PROBES];
    struct unit_file texts[PROBES];
    uint32_t count = choose_probes(db, jobs, texts, d->arena), told = d->count;
    struct parser_options options = { .overlay = texts, .overlay_count = count };
    struct parser *parser = parser_new(&options, d->arena);
    const char *error = count ? parser_run(parser, jobs, count) : NULL;

    for (uint32_t i = 0; i < count && !error; i++)
        if (jobs[i].error || jobs[i].warning)
            say(d, jobs[i].error ? HEALTH_ERROR : HEALTH_WARNING, "flags",
                arena_printf(d->arena, "of %s: %s", jobs[i].file, jobs[i].error ? jobs[i].error : jobs[i].warning));
    if (error)
        say(d, HEALTH_ERROR, "flags", error);
    else if (told == d->count && count)
        say(d, HEALTH_OK, "flags", arena_printf(d->arena, "%u set%s, all of them known to libclang", count,
                                                count == 1 ? "" : "s"));
    parser_free(parser);
}

static void examine_database(struct doctor *d)
{
    const char *error = NULL;
    struct compdb *db = compdb_load(d->database, NULL, d->arena, &error);

    if (!db) {
        say(d, HEALTH_ERROR, "compile database", error);
        return;
    }
    examine_age(d, db);
    examine_entries(d, db);
    examine_flags(d, db);
}

/* ---- facts ---------------------------------------------------------------------------------- */

/* Why the file cannot be written or made there, or NULL. */
static const char *unwritable(const char *path, struct arena *arena)
{
    char *folder = arena_strdup(arena, path);

    if (!access(path, F_OK) && access(path, W_OK))
        return arena_printf(arena, "'%s' cannot be written: %s", path, strerror(errno));
    do {
        char *slash = strrchr(folder, '/');

        if (slash)
            slash[slash == folder] = 0;
        else
            folder = arena_strdup(arena, ".");
    } while (access(folder, F_OK) && strcmp(folder, ".") && strcmp(folder, "/"));
    if (access(folder, W_OK | X_OK))
        return arena_printf(arena, "'%s' cannot be written: %s; keep facts elsewhere with --db=FILE", folder, strerror(errno));
    return NULL;
}

static void examine_store(struct doctor *d)
{
    const char *error = unwritable(d->store, d->arena);
    struct store *store;
    struct table table;

    if (error) {
        say(d, HEALTH_WARNING, "facts", error);
        return;
    }
    if (access(d->store, F_OK)) {
        say(d, HEALTH_OK, "facts", arena_printf(d->arena, "'%s' will be made by the first check", d->store));
        return;
    }
    store = store_open_reading(d->store, d->arena, &error);
    if (store)
        error = store_query(store, "PRAGMA quick_check", &table);
    if (!error && table.cell_count && strcmp(table.cells[0].text, "ok"))
        error = arena_printf(d->arena, "'%s' is damaged: run chanleak check again", d->store);
    say(d, error ? HEALTH_WARNING : HEALTH_OK, "facts", error ? error : d->store);
    store_close(store);
}

/* ---- around it -------------------------------------------------------------------------------- */

static bool mentions_us(const char *path, struct arena *arena)
{
    const char *error, *text = access(path, R_OK) ? NULL : response_text(path, arena, &error);

    return text && strstr(text, "chanleak");
}

static void examine_hook(struct doctor *d)
{
    static const char *const ask[] = { "git", "rev-parse", "--git-path", "hooks/pre-commit", NULL };
    static const char *const none[] = { NULL };
    static const char *const frameworks[] = { ".pre-commit-config.yaml", "lefthook.yml", ".husky/pre-commit" };
    struct build_run run = build_run(ask, none, NULL, 10, true, d->arena);
    const char *path = run.output && !run.status ? arena_printf(d->arena, "%.*s", (int)strcspn(run.output, "\n"), run.output)
                                                 : NULL;

    if (!path) {
        say(d, HEALTH_OK, "hook", "none: this is no git repository");
        return;
    }
    if (mentions_us(path, d->arena)) {
        if (access(path, X_OK))
            say(d, HEALTH_WARNING, "hook", arena_printf(d->arena, "git passes over '%s': chmod +x it", path));
        else
            say(d, HEALTH_OK, "hook", path);
        return;
    }
    for (size_t i = 0; i < sizeof frameworks / sizeof *frameworks; i++)
        if (mentions_us(frameworks[i], d->arena)) {
            say(d, HEALTH_OK, "hook", frameworks[i]);
            return;
        }
    say(d, HEALTH_OK, "hook", "none: chanleak init --hook installs one");
}

static void examine_runtime(struct doctor *d)
{
    const char *error = NULL, *library = build_library(d->runtime, d->arena, &error);

    if (library)
        say(d, HEALTH_OK, "runtime", library);
    else
        say(d, HEALTH_WARNING, "runtime", arena_printf(d->arena, "%s; only confirm needs it", error));
}

void doctor_examine(struct doctor *d)
{
    examine_configuration(d);
    examine_parser(d);
    examine_headers(d);
    examine_database(d);
    examine_store(d);
    examine_hook(d);
    examine_runtime(d);
}
