#include "lsp_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "lsp_transport.h"
#include "paths.h"

enum { PATIENCE_MILLISECONDS = 2000 };      /* with others that write into the facts: somebody is typing */

/* ---- lines to the server ------------------------------------------------------------------------- */

static int output;                  /* of this process: it does one analysis */

void lsp_work_says(json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    size_t size = text ? strlen(text) : 0, at = 0;

    if (text)
        text[size++] = '\n';        /* in place of the NUL */
    while (at < size) {
        ssize_t n = write(output, text + at, size - at);

        if (n <= 0)
            break;
        at += (size_t)n;
    }
    free(text);
    json_decref(line);
}

static void progress(const char *what, const char *name)
{
    static double last;
    char text[160];

    if (session_now() - last < 0.1)
        return;
    last = session_now();
    snprintf(text, sizeof text, "%s %s", what, name);
    lsp_work_says(json_pack("{s:o}", "progress", lsp_string(text)));
}

/* ---- what to check ---------------------------------------------------------------------------------- */

static bool has_file(const struct compdb *db, const char *file)
{
    for (uint32_t i = 0; i < db->count; i++)
        if (!strcmp(db->entries[i].file, file))
            return true;
    return false;
}

/* Sources of the database alone need only their programs; after anything else (a header, a new file) everything
 * is checked, which costs little when little depends on it. */
static bool only_sources(const struct lsp_request *r, const struct compdb *db)
{
    for (size_t i = 0; db && i < r->file_count; i++)
        if (!has_file(db, r->files[i]))
            return false;
    return db && r->file_count;
}

static const char *folder_of(const char *store, struct arena *arena)
{
    const char *path = path_absolute(path_working_directory(arena), store, arena);

    return arena_printf(arena, "%s/pages", path_folder(path, arena));
}

bool lsp_work_begins(struct lsp_work *w, const struct lsp_request *r, int out)
{
    struct arena *arena = arena_new();
    const char *error;
    const struct compdb *db = compdb_load(r->options->database, r->file_count ? r->files[0] : NULL, arena, &error);

    output = out;
    store_hurry(PATIENCE_MILLISECONDS);
    *w = (struct lsp_work){ .arena = arena, .options = *r->options, .database = db,
                            .whole = r->known || !only_sources(r, db) };
    w->session = (struct session){
        .options = &w->options, .arena = arena, .started = session_now(), .progress = progress,
        .keeper = r->keeper, .findings = { .arena = arena },
    };
    w->session.overlay = lsp_documents_overlay(r->documents, &w->session.overlay_count, arena);
    w->words = (struct lsp_words){ .rules = &w->session.rules, .documents = r->documents, .arena = arena,
                                   .related = r->related, .described = r->described,
                                   .pages = folder_of(w->options.store, arena) };
    source_overlay(w->session.overlay, w->session.overlay_count);
    w->options.files = w->whole ? NULL : (const char **)r->files;
    w->options.file_count = w->whole ? 0 : r->file_count;
    return session_configure(&w->session, &w->options);
}

static void note_user(void *to, const char *source)
{
    bool *found = to;

    (void)source;
    *found = true;
}

const char *lsp_work_left_out(const struct lsp_work *w, const char *path)
{
    const struct unit_cache *cache = w->session.cache;
    const char *end = strrchr(path_last(path), '.');
    bool header = end && !strcmp(end, ".h"), found = !cache || !w->database || has_file(w->database, path);

    if (header && (!w->whole || w->session.summary.failed_count))
        return NULL;                /* who knows what those include that were not read */
    if (!found)
        cache->users(cache->self, path, note_user, &found);
    return found ? NULL : header ? "no unit includes it"
                        : arena_printf(w->arena, "not in the compile database '%s'", w->database->path);
}

void lsp_work_ends(struct lsp_work *w)
{
    store_close(w->session.store);
    front_free(w->session.front);
    arena_free(w->arena);
}

/* ---- an analysis ---------------------------------------------------------------------------------------- */

/* Half a word is typed, and the file does not parse: what was said of it before is of more use than what can be
 * said of a program without it. */
static bool is_being_typed(const struct session *s, const struct lsp_documents *documents)
{
    for (uint32_t i = 0; i < s->summary.failed_count; i++)
        if (lsp_document_find(documents, s->summary.failed[i].file))
            return true;
    return false;
}

bool lsp_work_check(struct lsp_work *work)
{
    struct session *s = &work->session;

    if (!session_store(s) || !session_open(s))
        return false;
    if (check_again(s))
        return true;
    if (!session_read(s))
        return false;
    if (!is_being_typed(s, work->words.documents))
        return check_read(s);
    work->whole = false;
    work->typed = true;
    return true;
}
