/* Messages of the client: what each asks for. */
#include "lsp_server.h"

#include <string.h>
#include <unistd.h>

#include "paths.h"

/* ---- initialize ------------------------------------------------------------------------------------------------ */

/* A member of a member; NULL: there is none. */
static json_t *in(const json_t *object, const char *path)
{
    char name[64];

    while (object && *path) {
        size_t size = strcspn(path, ".");

        snprintf(name, sizeof name, "%.*s", (int)size, path);
        object = json_object_get(object, name);
        path += size + (path[size] == '.');
    }
    return (json_t *)object;
}

static bool can(const json_t *capabilities, const char *path)
{
    return json_is_true(in(capabilities, path));
}

static bool lists(const json_t *array, const char *word)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (json_is_string(json_array_get(array, i)) && !strcmp(json_string_value(json_array_get(array, i)), word))
            return true;
    return false;
}

static void read_client(struct lsp_server *s, const json_t *capabilities)
{
    const json_t *encodings = in(capabilities, "general.positionEncodings");

    s->client = (struct lsp_client){
        .related = can(capabilities, "textDocument.publishDiagnostics.relatedInformation"),
        .described = can(capabilities, "textDocument.publishDiagnostics.codeDescriptionSupport"),
        .pulls = json_is_object(in(capabilities, "textDocument.diagnostic")),
        .progress = can(capabilities, "window.workDoneProgress"),
        .watches = can(capabilities, "workspace.didChangeWatchedFiles.dynamicRegistration"),
        .markdown = lists(in(capabilities, "textDocument.hover.contentFormat"), "markdown"),
        .refreshes_diagnostics = can(capabilities, "workspace.diagnostics.refreshSupport"),
        .refreshes_lenses = can(capabilities, "workspace.codeLens.refreshSupport"),
        .versions = can(capabilities, "workspace.workspaceEdit.documentChanges"),
        .resolves = can(capabilities, "textDocument.codeAction.dataSupport")
                    && lists(in(capabilities, "textDocument.codeAction.resolveSupport.properties"), "edit"),
    };
    /* what is asked for and what is sent look the same: 3.18 says so, clients did before */
    s->client.related = s->client.related || can(capabilities, "textDocument.diagnostic.relatedInformation");
    s->documents.encoding = lists(encodings, "utf-8") ? LSP_UTF8 : LSP_UTF16;
}

/* Where the project is: facts are kept below it, and paths shown relative to it. */
static void enter_project(struct lsp_server *s, const json_t *params)
{
    const json_t *folder = json_array_get(json_object_get(params, "workspaceFolders"), 0);
    const char *uri = json_string_value(json_object_get(folder ? folder : params, folder ? "uri" : "rootUri"));
    const char *path = lsp_path(uri, s->scratch);

    if (!path)
        path = json_string_value(json_object_get(params, "rootPath"));
    if (path && chdir(path))
        lsp_log(s, 2, arena_printf(s->scratch, "cannot enter '%s': %m", path));
    lsp_names_root(&s->documents.names, path);
}

/* compilationDatabasePath is what clangd calls it, too. */
static void read_options(struct lsp_server *s, const json_t *options)
{
    const char *database = json_string_value(json_object_get(options, "compilationDatabasePath"));
    const json_t *debounce = json_object_get(options, "debounce");

    if (database && *database)
        s->options.database = arena_strdup(s->kept, database);
    if (json_is_number(debounce) && json_number_value(debounce) >= 0 && json_number_value(debounce) < 60000)
        s->debounce = json_number_value(debounce) / 1000;
}

static json_t *initialize(struct lsp_server *s, const json_t *params)
{
    json_t *capabilities;

    read_client(s, json_object_get(params, "capabilities"));
    enter_project(s, params);
    read_options(s, json_object_get(params, "initializationOptions"));
    s->parent = (pid_t)json_integer_value(json_object_get(params, "processId"));
    s->phase = LSP_RUNNING;
    lsp_configure(s);
    lsp_look_at_database(s);
    s->known_due = s->whole_due = true;
    s->due = session_now();
    capabilities = json_pack(
        "{s:s, s:{s:b, s:i, s:{s:b}}, s:b, s:{s:[s], s:b}, s:{s:b}, s:{s:{s:b}}}",
        "positionEncoding", s->documents.encoding == LSP_UTF8 ? "utf-8" : "utf-16",
        "textDocumentSync", "openClose", 1, "change", 2, "save", "includeText", 0, "hoverProvider", 1,
        "codeActionProvider", "codeActionKinds", "quickfix", "resolveProvider", s->client.resolves, "codeLensProvider", "resolveProvider", 0,
        "workspace", "workspaceFolders", "supported", 0);
    if (s->client.pulls)
        json_object_set_new(capabilities, "diagnosticProvider", json_pack(
            "{s:s, s:b, s:b}", "identifier", "chanleak", "interFileDependencies", 1, "workspaceDiagnostics", 1));
    return json_pack("{s:o, s:{s:s, s:s}}", "capabilities", capabilities, "serverInfo", "name", "chanleak",
                     "version", CHANLEAK_VERSION);
}

static void initialized(struct lsp_server *s, const json_t *params)
{
    static const char *const patterns[] = {
        "**/compile_commands.json", "**/compile_flags.txt", "**/.chanleak.yaml", "**/*.c", "**/*.h",
    };
    json_t *watchers = json_array();

    (void)params;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        json_array_append_new(watchers, json_pack("{s:s}", "globPattern", patterns[i]));
    if (s->client.watches)
        lsp_request(&s->transport, arena_printf(s->scratch, "chanleak-%u", ++s->requests), "client/registerCapability",
                    json_pack("{s:[{s:s, s:s, s:{s:o}}]}", "registrations", "id", "watch", "method",
                              "workspace/didChangeWatchedFiles", "registerOptions", "watchers", watchers));
    else
        json_decref(watchers);
}

/* ---- documents --------------------------------------------------------------------------------------------------- */

static const char *path_in(struct lsp_server *s, const json_t *params, const char **uri)
{
    *uri = json_string_value(in(params, "textDocument.uri"));
    return lsp_documents_path(&s->documents, *uri, s->scratch);
}

static void did_open(struct lsp_server *s, const json_t *params)
{
    const json_t *text = in(params, "textDocument.text");
    const char *uri, *path;

    if (!s->database)
        lsp_look_at_database(s);
    path = path_in(s, params, &uri);
    if (!path || !json_is_string(text))
        return;
    if (!lsp_document_find(&s->documents, path))
        lsp_rename_findings(s, lsp_documents_uri(&s->documents, path, s->scratch), uri);
    lsp_document_open(&s->documents, path, uri, json_string_value(text), json_string_length(text),
                      json_integer_value(in(params, "textDocument.version")));
    lsp_forget_shown(s, uri);
    lsp_changed(s, path);
}

static void did_change(struct lsp_server *s, const json_t *params)
{
    const char *uri, *path = path_in(s, params, &uri);
    struct lsp_document *doc = path ? lsp_document_at(&s->documents, uri) : NULL;
    const json_t *version = in(params, "textDocument.version");

    if (!doc)
        return;
    if (!lsp_document_change(&s->documents, doc, json_object_get(params, "contentChanges")))
        lsp_log(s, 2, "a change of a document is malformed");
    doc->version = json_is_integer(version) ? json_integer_value(version) : doc->version + 1;
    lsp_changed(s, doc->path);
}

static void did_save(struct lsp_server *s, const json_t *params)
{
    (void)params;
    lsp_check_all(s);
}

static void did_close(struct lsp_server *s, const json_t *params)
{
    const char *uri, *path = path_in(s, params, &uri);
    struct lsp_document *doc = path ? lsp_document_at(&s->documents, uri) : NULL;

    if (!doc)
        return;
    path = arena_strdup(s->scratch, path);
    lsp_document_close(&s->documents, doc);
    lsp_rename_findings(s, uri, lsp_documents_uri(&s->documents, path, s->scratch));
    lsp_changed(s, path);       /* what is on disk counts again */
}

/* Of files that are not open: units know by their contents whether they are up to date. */
static void files_changed(struct lsp_server *s, const json_t *params)
{
    const json_t *changes = json_object_get(params, "changes");

    for (size_t i = 0; i < json_array_size(changes); i++) {
        const char *path = lsp_documents_path(
            &s->documents, json_string_value(json_object_get(json_array_get(changes, i), "uri")), s->scratch);

        if (path && !strcmp(path_last(path), ".chanleak.yaml"))
            lsp_configure(s);
        if (path && !strncmp(path_last(path), "compile_", strlen("compile_")))
            lsp_look_at_database(s);
        if (path && !lsp_document_find(&s->documents, path))
            lsp_check_all(s);
    }
}

static void configuration_changed(struct lsp_server *s, const json_t *params)
{
    const json_t *settings = json_object_get(params, "settings");
    const json_t *ours = json_object_get(settings, "chanleak");

    read_options(s, ours ? ours : settings);
    lsp_configure(s);
    lsp_look_at_database(s);
    lsp_check_all(s);
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

static json_t *shut_down(struct lsp_server *s, const json_t *params)
{
    (void)params;
    s->phase = LSP_SHUT_DOWN;
    lsp_answer_deferred(s, true);
    lsp_run_end(&s->run);
    lsp_run_end(&s->proof);
    return json_null();
}

static void cancel_request(struct lsp_server *s, const json_t *params)
{
    for (size_t i = 0; i < json_array_size(s->deferred); i++) {
        json_t *id = json_object_get(json_array_get(s->deferred, i), "id");

        if (!json_equal(id, json_object_get(params, "id")))
            continue;
        lsp_refuse(&s->transport, json_incref(id), LSP_REQUEST_CANCELLED, "cancelled");
        json_array_remove(s->deferred, i);
        lsp_actions_cancelled(s);
        return;
    }
}

/* ---- what has to wait until a file is up to date ------------------------------------------------------------------- */

static bool file_waits(struct lsp_server *s, const json_t *params)
{
    const char *uri, *path = path_in(s, params, &uri);

    return path && lsp_is_pending(s, path);
}

/* They come behind the findings. */
static bool lenses_wait(struct lsp_server *s, const json_t *params)
{
    const char *uri;

    return file_waits(s, params) || (path_in(s, params, &uri) && s->run.pid);
}

/* ---- which is which -------------------------------------------------------------------------------------------------- */

static const struct method {
    const char *name;
    json_t   *(*answer)(struct lsp_server *s, const json_t *params);    /* of a request */
    void      (*take)(struct lsp_server *s, const json_t *params);      /* of a notification */
    bool      (*waits)(struct lsp_server *s, const json_t *params);     /* is there no answer yet? NULL: there is */
} methods[] = {
    { "initialize", initialize, NULL, NULL },
    { "initialized", NULL, initialized, NULL },
    { "shutdown", shut_down, NULL, NULL },
    { "$/cancelRequest", NULL, cancel_request, NULL },
    { "textDocument/didOpen", NULL, did_open, NULL },
    { "textDocument/didChange", NULL, did_change, NULL },
    { "textDocument/didSave", NULL, did_save, NULL },
    { "textDocument/didClose", NULL, did_close, NULL },
    { "textDocument/hover", lsp_hover, NULL, NULL },
    { "textDocument/codeAction", lsp_code_actions, NULL, lsp_actions_wait },
    { "codeAction/resolve", lsp_resolve_action, NULL, NULL },
    { "textDocument/codeLens", lsp_code_lenses, NULL, lenses_wait },
    { "textDocument/diagnostic", lsp_pull, NULL, file_waits },
    { "workspace/diagnostic", lsp_pull_all, NULL, NULL },
    { "workspace/didChangeWatchedFiles", NULL, files_changed, NULL },
    { "workspace/didChangeConfiguration", NULL, configuration_changed, NULL },
};

static const struct method *method_named(const char *name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (!strcmp(methods[i].name, name))
            return &methods[i];
    return NULL;
}

/* Takes over the id. */
static void answer(struct lsp_server *s, const struct method *m, json_t *id, const json_t *params)
{
    json_t *result = m->answer(s, params);

    if (result)
        lsp_respond(&s->transport, id, result);
    else
        lsp_refuse(&s->transport, id, LSP_CONTENT_MODIFIED, "the text has changed since: ask again");
}

void lsp_answer_deferred(struct lsp_server *s, bool all)
{
    for (size_t i = 0; i < json_array_size(s->deferred);) {
        json_t *message = json_array_get(s->deferred, i);
        const struct method *m = method_named(json_string_value(json_object_get(message, "method")));

        if (!all && m->waits(s, json_object_get(message, "params"))) {
            i++;
            continue;
        }
        answer(s, m, json_incref(json_object_get(message, "id")), json_object_get(message, "params"));
        json_array_remove(s->deferred, i);
    }
}

static void handle_request(struct lsp_server *s, json_t *message, const char *name, json_t *id)
{
    const struct method *m = method_named(name);
    bool first = !strcmp(name, "initialize");

    if (s->phase == LSP_FRESH && !first)
        lsp_refuse(&s->transport, id, LSP_NOT_INITIALIZED, "initialize comes first");
    else if (s->phase == LSP_SHUT_DOWN)
        lsp_refuse(&s->transport, id, LSP_INVALID_REQUEST, "the server has been shut down");
    else if (s->phase == LSP_RUNNING && first)
        lsp_refuse(&s->transport, id, LSP_INVALID_REQUEST, "initialized already");
    else if (!m || !m->answer)
        lsp_refuse(&s->transport, id, LSP_METHOD_NOT_FOUND, arena_printf(s->scratch, "no method '%.100s'", name));
    else if (m->waits && m->waits(s, json_object_get(message, "params")))
        json_array_append(s->deferred, message), json_decref(id);
    else
        answer(s, m, id, json_object_get(message, "params"));
}

void lsp_handle(struct lsp_server *s, json_t *message)
{
    const char *name = json_string_value(json_object_get(message, "method"));
    json_t *id = json_object_get(message, "id");
    const struct method *m = name ? method_named(name) : NULL;

    if (name && !strcmp(name, "exit")) {
        s->orderly = s->phase == LSP_SHUT_DOWN;
        s->phase = LSP_EXITED;
    } else if (name && id) {
        handle_request(s, message, name, json_incref(id));
    } else if (m && m->take && s->phase == LSP_RUNNING) {
        m->take(s, json_object_get(message, "params"));
    }                                   /* else an answer to what the server has asked: nothing depends on it */
    json_decref(message);
    arena_reset(s->scratch);
}
