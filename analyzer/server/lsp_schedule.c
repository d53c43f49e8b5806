/* When what is analysed. */
#include "lsp_server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compdb.h"
#include "inputs.h"

static const double patience = 1.0;     /* seconds: who goes on typing for so long gets an answer anyway */
static const double silence = 5;       /* an analysis that says nothing for so long waits for somebody */
static const double show_after = 0.5;   /* an analysis that takes longer is worth showing its progress */

/* ---- asking for it -------------------------------------------------------------------------------------- */

static void put_off(struct lsp_server *s, double delay)
{
    double now = session_now(), last;

    if (!s->oldest)
        s->oldest = now;
    last = s->oldest + patience;
    s->due = now + delay < last ? now + delay : last;
}

static void end_progress(struct lsp_server *s)
{
    if (s->begun)
        lsp_notify(&s->transport, "$/progress", json_pack("{s:s, s:{s:s}}", "token", "chanleak/check",
                                                          "value", "kind", "end"));
    s->begun = false;
}

/* What it would say is out of date. One that began late enough may still say it. */
static void cancel(struct lsp_server *s)
{
    bool late = s->run.oldest && s->run.started - s->run.oldest >= patience * 0.9;

    if (!s->run.pid || s->run.known || (late && !s->run.whole && !s->run.told))
        return;
    s->whole_due = s->whole_due || (s->run.whole && !s->run.told);
    if (s->run.oldest && !s->run.told)
        s->oldest = s->run.oldest;
    lsp_run_end(&s->run);
    end_progress(s);
}

void lsp_changed(struct lsp_server *s, const char *path)
{
    json_object_set_new(s->dirty, path, json_true());
    lsp_repairs_stale(s);
    s->whole_due = s->whole_due || s->whole_wanted;
    s->whole_wanted = false;
    cancel(s);
    put_off(s, s->debounce);
}

void lsp_check_all(struct lsp_server *s)
{
    s->whole_due = true;
    lsp_repairs_stale(s);
    if (!s->due)
        put_off(s, s->debounce);
}

void lsp_look_at_database(struct lsp_server *s)
{
    const char *error;
    struct compdb *db = compdb_load(s->options.database, s->documents.count ? s->documents.list[0].path : NULL,
                                    s->scratch, &error);
    uint64_t stamp = db ? inputs_stamp(db->path) : 0;

    if (!stamp || stamp == s->database)
        return;
    lsp_documents_rename(&s->documents, db);
    if (s->database)
        lsp_check_all(s);
    s->database = stamp;
}

static uint64_t stamp_of_configuration(struct lsp_server *s)
{
    const char *path = s->options.config ? s->options.config : config_find(".chanleak.yaml", s->scratch);

    return path && !s->options.no_config ? inputs_stamp(path) : 0;
}

void lsp_look_at_configuration(struct lsp_server *s)
{
    if (stamp_of_configuration(s) == s->configured_by)
        return;
    lsp_configure(s);
    lsp_check_all(s);
}

/* What is wrong with it is said by the analysis, which reads it, too. */
void lsp_configure(struct lsp_server *s)
{
    struct options *options;

    s->configured_by = stamp_of_configuration(s);
    arena_free(s->configuration);
    s->configuration = arena_new();
    options = ARENA_NEW(s->configuration, struct options);
    *options = s->options;
    s->configured = (struct session){ .options = options, .arena = s->configuration };
    session_configure(&s->configured, options);
    keeper_stop(&s->keeper);        /* it may have to read other models */
}

/* ---- doing it --------------------------------------------------------------------------------------------- */

static const char **dirty_files(const struct lsp_server *s, size_t *count)
{
    const char **files = ARENA_ARRAY(s->scratch, const char *, json_object_size(s->dirty) + 1), *path;
    const json_t *value;

    *count = 0;
    json_object_foreach((json_t *)s->dirty, path, value)
        files[(*count)++] = path;
    return files;
}

static void start(struct lsp_server *s)
{
    struct lsp_request request = {
        .options = &s->options, .documents = &s->documents, .known = s->known_due,
        .related = s->client.related, .described = s->client.described,
    };

    if (!request.known) {
        request.files = dirty_files(s, &request.file_count);
        request.keeper = keeper_connect(&s->keeper, s->configured.options->models, s->configured.options->model_count);
        if (request.keeper < 0)
            request.keeper = 0;
        if (!request.file_count)
            s->whole_due = false;
    }
    if (lsp_run_start(&s->run, &request, session_now())) {
        s->run.oldest = s->oldest;
        s->oldest = s->known_due ? s->oldest : 0;
    }
    s->known_due = false;
    if (request.keeper > 0)
        close(request.keeper);
}

void lsp_schedule(struct lsp_server *s)
{
    bool edits = json_object_size(s->dirty) > 0;

    if (s->phase != LSP_RUNNING || s->run.pid)
        return;
    if (!s->known_due && !edits && !s->whole_due) {
        s->due = 0;
        return;
    }
    if (s->known_due || session_now() >= s->due)
        start(s);
}

int lsp_patience(const struct lsp_server *s)
{
    double until;

    if (s->run.pid)
        return s->begun || !s->client.progress ? -1 : (int)(show_after * 1000) + 1;
    if (s->phase != LSP_RUNNING || (!json_object_size(s->dirty) && !s->whole_due && !s->known_due))
        return -1;
    until = s->due - session_now();
    return until > 0 ? (int)(until * 1000) + 1 : 0;
}

bool lsp_is_pending(const struct lsp_server *s, const char *path)
{
    return json_object_get(s->dirty, path) || (s->run.pid && s->run.whole && !s->run.told) || s->whole_due || s->known_due;
}

/* libclang may never come back from a file. Whoever waits for the keeper parses alone when it is gone. */
void lsp_look_after(struct lsp_server *s)
{
    if (s->run.pid && session_now() - s->run.heard > silence)
        keeper_stop(&s->keeper);
}

/* ---- what comes of it --------------------------------------------------------------------------------------- */

/* What was analysed as it is now is no longer dirty. */
static void settle(struct lsp_server *s)
{
    const char *path;
    const json_t *version;

    for (size_t i = 0; i < s->documents.count; i++) {
        const struct lsp_document *doc = &s->documents.list[i];

        if (json_integer_value(json_object_get(s->run.versions, doc->path)) == doc->version)
            json_object_del(s->dirty, doc->path);
    }
    void *next;
    for (void *at = json_object_iter(s->dirty); at; at = next) {
        path = json_object_iter_key(at);
        version = json_object_get(s->run.versions, path);
        next = json_object_iter_next(s->dirty, at);
        if (!version && !lsp_document_find(&s->documents, path))
            json_object_del(s->dirty, path);
    }
}

static void take_outcome(struct lsp_server *s)
{
    s->run.told = true;
    s->whole_wanted = s->whole_wanted || (s->run.whole && !json_is_true(json_object_get(s->run.outcome, "whole")));
    if (!s->run.known)
        settle(s);
    lsp_take_outcome(s, s->run.outcome, s->run.known ? NULL : s->run.versions);
    s->run.outcome = NULL;
    lsp_answer_deferred(s, false);
}

static void end(struct lsp_server *s)
{
    const char *trouble = lsp_run_trouble(&s->run, s->scratch);
    bool told = s->run.told || s->run.known;        /* there may have been no last check */

    if (!told)
        settle(s);
    if (trouble && told)
        lsp_log(s, 3, trouble);
    else if (trouble && (!s->trouble || strcmp(s->trouble, trouble))) {
        lsp_show(s, 1, trouble);        /* once */
        free(s->trouble);
        s->trouble = strdup(trouble);
    }
    end_progress(s);
    lsp_run_end(&s->run);
    lsp_answer_deferred(s, false);
}

static void show_progress(struct lsp_server *s, const char *what)
{
    if (!s->client.progress || s->run.known || session_now() - s->run.started < show_after)
        return;
    if (!s->begun) {
        lsp_request(&s->transport, arena_printf(s->scratch, "chanleak-%u", ++s->requests),
                    "window/workDoneProgress/create", json_pack("{s:s}", "token", "chanleak/check"));
        lsp_notify(&s->transport, "$/progress", json_pack("{s:s, s:{s:s, s:s, s:b}}", "token", "chanleak/check",
                                                          "value", "kind", "begin", "title", "chanleak",
                                                          "cancellable", 0));
        s->begun = true;
    }
    lsp_notify(&s->transport, "$/progress", json_pack("{s:s, s:{s:s, s:o}}", "token", "chanleak/check", "value",
                                                      "kind", "report", "message", lsp_string(what)));
}

void lsp_hear_run(struct lsp_server *s, int fd)
{
    const char *progress;

    lsp_run_read(&s->run, fd, &progress);
    s->run.heard = session_now();
    if (progress)
        show_progress(s, progress);
    if (s->run.outcome)
        take_outcome(s);
    if (s->run.lenses)
        lsp_take_lenses(s, s->run.lenses);
    s->run.lenses = NULL;
    if (lsp_run_ended(&s->run))
        end(s);
}
