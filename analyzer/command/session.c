#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "configure.h"
#include "paths.h"
#include "triage.h"

enum status session_complain(const char *what)
{
    fprintf(stderr, "chanleak: %s\n", what);
    return STATUS_FAILED;
}

bool session_configure(struct session *session, struct options *options)
{
    struct arena *arena = session->arena;
    const char *error = NULL;
    const struct config *config = options->no_config ? config_none(arena)
                                                     : config_load(options->config, arena, &error);

    session->config = config;
    if (config)
        configure_options(options, config, arena);
    if (config && rules_load(&session->rules, options->rules, arena, &error)
        && configure_rules(&session->rules, options, config, arena, &error))
        return true;
    session_complain(error);
    return false;
}

double session_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void session_progress(const struct session *session, const char *what, uint32_t done, uint32_t of, const char *name)
{
    enum { WIDTH = 24 };
    static const char bar[] = "########################";
    int part = of ? (int)((uint64_t)done * WIDTH / of) : 0;

    if (session->progress)
        session->progress(what, name);
    if (session->terminal && session_now() - session->started > 1)
        fprintf(stderr, "\r\033[K[%-*.*s] %" PRIu32 "/%" PRIu32 " %s %.40s", WIDTH, part, bar, done, of, what, name);
}

void session_progress_end(const struct session *session)
{
    if (session->terminal && session_now() - session->started > 1)
        fputs("\r\033[K", stderr);
}

/* ---- output --------------------------------------------------------------------- */

bool session_color(const struct session *session)
{
    const struct options *options = session->options;
    const char *none = getenv("NO_COLOR");

    if (strcmp(options->color, "auto"))
        return !strcmp(options->color, "always");
    return !options->output && !(none && *none) && isatty(STDOUT_FILENO);
}

FILE *session_output(struct session *session)
{
    const char *path = session->options->output;

    if (!path)
        return stdout;
    session->output = output_open(path);
    if (!session->output)
        session_complain(arena_printf(session->arena, "cannot write '%s': %s", path, strerror(errno)));
    return session->output ? output_file(session->output) : NULL;
}

bool session_close(struct session *session, FILE *out)
{
    struct output *output = session->output;
    bool fine = output ? output_close(output, true) : !ferror(out) && fflush(out) == 0;

    session->output = NULL;
    if (!fine)
        session_complain(arena_printf(session->arena, "cannot write '%s': %s",
                              session->options->output ? session->options->output : "stdout",
                              strerror(errno)));
    return fine;
}

void session_abandon(struct session *session)
{
    if (session->output)
        output_close(session->output, false);
    session->output = NULL;
}

const struct report_program *session_programs(const struct session *session, const int64_t *rows, uint32_t *count)
{
    const struct front *front = session->front;
    struct report_program *programs = ARENA_ARRAY(session->arena, struct report_program, front->program_count + 1);

    for (uint32_t i = 0; i < front->program_count; i++)
        programs[i] = (struct report_program){ front->programs[i].name, front->programs[i].flow, rows ? rows[i] : 0 };
    *count = front->program_count;
    return programs;
}

/* ---- what is read and remembered --------------------------------------------------- */

void session_gap(struct session *session, struct gap **list, uint32_t *count, uint32_t *capacity, struct gap gap)
{
    ARENA_PUSH(session->arena, *list, *count, *capacity) = gap;
}

void session_explain_units(const struct session *session)
{
    for (uint32_t i = 0; i < session->front->unit_count && session->options->explain_coverage; i++) {
        const struct front_unit *u = &session->front->units[i];

        if (u->error && !u->wanted)
            fprintf(stderr, "chanleak: note: what %s defines is not known: %s\n", u->file, u->error);
        if (u->warning)
            fprintf(stderr, "chanleak: note: %s: %s\n", u->file, u->warning);
    }
}

/* Of the files that were asked for; others were read only because a program needs them. */
static void note_units(struct session *session)
{
    struct summary *s = &session->summary;

    for (uint32_t i = 0; i < session->front->unit_count; i++) {
        const struct front_unit *u = &session->front->units[i];

        s->files += u->wanted;
        if (u->error && u->wanted)
            session_gap(session, &s->failed, &s->failed_count, &s->failed_capacity,
                     (struct gap){ .file = u->file, .reason = u->error });
    }
    session_explain_units(session);
}

static void parsed(void *self, const char *file, uint32_t done, uint32_t of)
{
    session_progress(self, "read", done, of, path_last(file));
}

static bool excluded(void *self, const char *file)
{
    const struct session *session = self;

    return config_excludes(session->config, file, session->arena);
}

bool session_open(struct session *session)
{
    const struct options *o = session->options;
    const char *error = NULL;

    if (session->store && !triage_prepare(session))
        return false;
    if (session->store)
        session->cache = store_cache(session->store, session->overlay, session->overlay_count, session->arena);
    session->front_options = (struct front_options){
        .database = o->database, .flags = o->flags ? o->arguments : NULL, .files = o->files, .file_count = o->file_count,
        .models = o->models, .model_count = o->model_count, .processes = o->processes,
        .roots = o->roots, .root_count = o->root_count, .excluded = excluded,
        .overlay = session->overlay, .overlay_count = session->overlay_count, .keeper = session->keeper,
        .some = session->some, .cache = session->cache, .parsed = parsed, .self = session,
    };
    session->front = front_open(&session->front_options, session->arena, &error);
    if (session->cache)
        store_cache_commit(session->cache);     /* what is known of the files by now */
    if (!session->front)
        session_complain(error);
    session->work.opened = session_now();
    return session->front != NULL;
}

bool session_read(struct session *session)
{
    const char *error = NULL;

    if (!session->front && !session_open(session))
        return false;
    if (!front_read(session->front, &error)) {
        session_complain(error);
        return false;
    }
    session->work.read = session_now();
    if (session->cache)
        store_cache_commit(session->cache);
    note_units(session);
    return true;
}

static bool open_store(struct session *session, const char *path)
{
    const char *note, *wrong;

    session->store = store_open(path, session->arena, &note);
    if (!session->store) {
        session_complain(note);
        return false;
    }
    if (note)
        fprintf(stderr, "chanleak: note: %s\n", note);
    wrong = store_check_rules(session->store, &session->rules);
    if (wrong)
        session_complain(wrong);
    return !wrong;
}

bool session_store(struct session *session)
{
    return open_store(session, session->options->store);
}

bool session_store_memory(struct session *session)
{
    return open_store(session, NULL);
}

bool session_store_last(struct session *session)
{
    const char *error;

    session->store = store_open_last(session->options->store, session->arena, &error);
    if (!session->store)
        session_complain(error);
    return session->store != NULL;
}
