#include "triage.h"

#include <string.h>

#include "baseline.h"
#include "paths.h"
#include "suppress.h"

/* ---- excluded files ---------------------------------------------------------------- */

/* What is named itself is never left out. */
static bool is_asked_for(const struct session *session, const char *file)
{
    const struct options *o = session->options;

    for (size_t i = 0; i < o->file_count; i++)
        if (!strcmp(path_absolute(path_working_directory(session->arena), o->files[i], session->arena), file))
            return true;
    return false;
}

static bool is_excluded(const struct session *session, const char *file)
{
    if (!session->config->exclude.count || !file)
        return false;
    file = path_absolute("/", file, session->arena);
    return config_excludes(session->config, file, session->arena) && !is_asked_for(session, file);
}

static void drop_excluded(struct session *session)
{
    struct findings *all = &session->findings;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < all->count; i++)
        if (!is_excluded(session, all->list[i].at.file))
            all->list[kept++] = all->list[i];
    all->count = kept;
}

/* ---- comments ------------------------------------------------------------------------ */

static void read_file(struct session *session, uint32_t number, struct suppressions *to)
{
    struct inputs *inputs = session->cache->inputs;
    const struct input *input = &inputs->list[number];
    const char *text = inputs_overlay(inputs, number);

    if (text ? !input_is_marked(text, strlen(text)) : !input->checked || !input->marked)
        return;
    if (!text)
        text = source_text(input->path, session->arena);
    if (text && !is_excluded(session, input->path))
        suppress_read(to, input->path, text, &session->rules);
}

static void silence(struct session *session, struct suppressions *suppressions)
{
    struct findings *all = &session->findings, *to = &session->silenced;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < all->count; i++) {
        struct finding *f = &all->list[i];
        const struct suppression *s = suppress_find(suppressions, f);

        if (s) {
            f->silence = SILENCE_COMMENT;
            f->justification = s->reason;
            ARENA_PUSH(session->arena, to->list, to->count, to->capacity) = *f;
        } else {
            f->silence = SILENCE_NONE;
            all->list[kept++] = *f;
        }
    }
    session->summary.suppressed = all->count - kept;
    all->count = kept;
}

/* Is a source among those that were asked for? Of a header nobody knows: another unit may need the comment. */
static bool is_wanted(const struct session *session, const char *file)
{
    if (!session->options->file_count)
        return true;
    for (uint32_t i = 0; i < session->front->unit_count; i++)
        if (session->front->units[i].wanted && !strcmp(session->front->units[i].file, file))
            return true;
    return false;
}

/* Whether the comment silences anything is known where all that could be found there was looked for. */
static bool is_judged(const struct session *session, const struct suppression *s)
{
    const struct rule *rule = rules_find(&session->rules, s->rule);

    return !s->conditional && !(rule && rule->off) && !session->summary.partial_roots && !session->summary.failed_count
        && is_wanted(session, s->at.file);
}

static void tell_of_comments(struct session *session, const struct suppressions *suppressions)
{
    struct store *store = session->store;
    bool *judged = ARENA_ARRAY(session->arena, bool, suppressions->count + 1);

    for (uint32_t i = 0; i < suppressions->count; i++)
        judged[i] = is_judged(session, &suppressions->list[i]);
    store_begin(store);
    store_suppressions(store, suppressions, judged, &session->rules, &session->findings);
    store_commit(store);
}

/* ---- the baseline -------------------------------------------------------------------- */

static const char baseline_name[] = ".chanleak-baseline.json";

const char *triage_baseline_path(const struct session *session)
{
    const struct options *o = session->options;
    const struct config *c = session->config;
    const char *found;

    if (o->baseline)
        return path_absolute(path_working_directory(session->arena), o->baseline, session->arena);
    if (c->baseline.text)
        return c->baseline.text;
    found = c->path ? NULL : config_find(baseline_name, session->arena);
    return found ? found : path_absolute(c->folder, baseline_name, session->arena);
}

/* Found no more, as far as anybody can know: its rule was asked, its file looked at. */
static bool is_stale(const struct session *session, const struct baseline *b, const struct baseline_entry *e)
{
    const struct rule *rule = rules_find(&session->rules, e->key.rule);
    const char *file = path_absolute(b->folder, e->key.path, session->arena);

    return e->left && !(rule && rule->off) && !is_excluded(session, file);
}

static void note_stale(struct session *session, struct baseline *b)
{
    struct summary *s = &session->summary;

    if (session->options->file_count || s->failed_count || s->partial_roots)
        return;
    for (uint32_t i = 0; i < b->count; i++) {
        const struct baseline_entry *e = &b->entries[i];

        if (!is_stale(session, b, e))
            continue;
        if (!s->stale)
            s->first_stale = arena_printf(session->arena, "%s in %s", e->key.rule, e->key.path);
        s->stale += e->left;
    }
}

bool triage_prepare(struct session *session)
{
    const char *error = NULL;

    if (session->options->no_baseline)
        return true;
    session->baseline = baseline_read(triage_baseline_path(session), session->arena, &error);
    if (!session->baseline)
        session_complain(error);
    return session->baseline != NULL;
}

static void leave_out_baseline(struct session *session)
{
    struct findings *all = &session->findings, *to = &session->silenced;
    struct baseline *b = session->baseline;
    uint32_t kept = 0;

    if (!b || !b->there)
        return;
    for (uint32_t i = 0; i < all->count; i++) {
        struct finding *f = &all->list[i];
        struct finding_key key = baseline_key(b, f);

        if (baseline_take(b, &key)) {
            f->silence = SILENCE_BASELINE;
            f->justification = arena_printf(session->arena, "in the baseline %s", source_path(b->path, session->arena));
            ARENA_PUSH(session->arena, to->list, to->count, to->capacity) = *f;
        } else {
            all->list[kept++] = *f;
        }
    }
    session->summary.baseline = b->path;
    session->summary.in_baseline = all->count - kept;
    all->count = kept;
    note_stale(session, b);
}

/* ---- all of it ------------------------------------------------------------------------- */

void triage(struct session *session)
{
    struct suppressions suppressions = { .arena = session->arena };

    session->silenced = (struct findings){ .arena = session->arena };
    drop_excluded(session);
    for (uint32_t i = 0; session->cache && i < session->cache->inputs->count; i++)
        read_file(session, i, &suppressions);
    silence(session, &suppressions);
    tell_of_comments(session, &suppressions);
    findings_sort(&session->findings);
    leave_out_baseline(session);
    store_begin(session->store);
    store_silence(session->store, &session->findings);
    store_silence(session->store, &session->silenced);
    store_commit(session->store);
}
