#include "introduced.h"

#include <stdlib.h>
#include <string.h>

#include "changed.h"
#include "check.h"
#include "config.h"
#include "outcome.h"
#include "overlay.h"
#include "paths.h"
#include "suppress.h"
#include "worktree.h"

struct names {
    const char **list;
    uint32_t     count, capacity;
};

/* A state before the change. */
struct parent {
    const char        *commit;
    struct git_changes changes;     /* from it to what is looked at */
    struct overlay     overlay;
    struct outcome     outcome;
    struct git_lines  *lines;       /* that have changed since */
    uint32_t           line_count;
    struct names       failed;      /* sources that could not be analysed then */
};

struct change {
    struct session *session;
    struct arena   *arena;
    struct git      git;
    struct parent  *parents;        /* none: the first commit */
    uint32_t        parent_count, parent_capacity;
    struct overlay  overlay;
    struct names    touched;        /* absolute paths, in the old states or the new one */
    struct options  options;        /* those of the session, but for the files */
};

static bool complain(const char *what)
{
    session_complain(what);
    return false;
}

static bool has_name(const struct names *names, const char *name)
{
    for (uint32_t i = 0; i < names->count; i++)
        if (!strcmp(names->list[i], name))
            return true;
    return false;
}

static void add_name(struct change *c, struct names *names, const char *name)
{
    if (!has_name(names, name))
        ARENA_PUSH(c->arena, names->list, names->count, names->capacity) = name;
}

/* ---- what has changed -------------------------------------------------------------------- */

static struct git_changes changes_since(struct change *c, const char *commit)
{
    struct git_changes changes;

    if (c->options.staged)
        return git_staged(&c->git, commit);
    changes = git_unstaged(&c->git, commit, true);
    for (const char **u = git_untracked(&c->git); *u; u++)
        ARENA_PUSH(c->arena, changes.list, changes.count, changes.capacity) =
            (struct git_change){ .status = 'A', .path = *u, .old_path = *u, .old_blob = "", .blob = "" };
    return changes;
}

static void add_parent(struct change *c, const char *commit)
{
    ARENA_PUSH(c->arena, c->parents, c->parent_count, c->parent_capacity) =
        (struct parent){ .commit = commit, .changes = changes_since(c, commit) };
}

static bool find_parents(struct change *c)
{
    const char *revision = c->options.new_from ? c->options.new_from : "HEAD";
    const char *commit = git_commit(&c->git, revision);

    if (!commit && c->options.new_from)
        return complain(arena_printf(c->arena, "no commit '%s' to compare with", revision));
    if (commit)
        add_parent(c, commit);
    for (const char **m = commit && !c->options.new_from ? git_merge_heads(&c->git) : NULL; m && *m; m++)
        add_parent(c, *m);
    return true;
}

/* FILEs of the command line limit what is looked at. */
static bool is_asked_for(const struct change *c, const char *path)
{
    const struct options *o = c->session->options;

    if (config_excludes(c->session->config, path, c->arena))
        return false;
    for (uint32_t i = 0; i < o->file_count; i++) {
        const char *name = path_absolute(path_working_directory(c->arena), o->files[i], c->arena);
        size_t size = strlen(name);

        if (!strncmp(path, name, size) && (!path[size] || path[size] == '/'))
            return true;
    }
    return o->file_count == 0;
}

static void touch(struct change *c, const struct git_change *change)
{
    const char *const paths[] = { change->old_path, change->path };

    if (change->mode == GIT_SUBMODULE || change->old_mode == GIT_SUBMODULE)
        fprintf(stderr, "chanleak: note: the submodule '%s' has changed: its files are looked at as they are on disk\n",
                source_path(change->path, c->arena));
    for (size_t i = 0; i < 2; i++)
        if (change->mode != GIT_SUBMODULE && change->mode != GIT_LINK && overlay_is_source(paths[i]) &&
            is_asked_for(c, paths[i]))
            add_name(c, &c->touched, paths[i]);
}

/* Both sides of the change. False: git says why not. */
static bool find_change(struct change *c)
{
    struct git_changes all;

    if (!find_parents(c))
        return false;
    all = c->parent_count ? c->parents[0].changes : changes_since(c, NULL);
    for (uint32_t i = 0; i < all.count; i++)
        touch(c, &all.list[i]);
    if (c->touched.count) {
        c->overlay = c->options.staged ? overlay_of_index(&c->git, &all) : overlay_of_disk(&c->git, &all);
        for (uint32_t i = 0; i < c->parent_count; i++)
            c->parents[i].overlay = overlay_of_commit(&c->git, c->parents[i].commit, &c->parents[i].changes);
    }
    return !c->git.error || complain(c->git.error);
}

/* ---- the state before it ----------------------------------------------------------------------- */

static void add_parts(struct change *c, struct names *files, const struct front_part *parts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        add_name(c, files, parts[i].file);
}

/* A session of its own for the old state, of the same store. */
static struct session old_session(struct change *c, const struct parent *parent, const struct names *files,
                                  struct options *options)
{
    struct session old = *c->session;

    *options = c->options;
    options->files = files->list;
    options->file_count = files->count;
    old.options = options;
    old.front = NULL;
    old.findings = (struct findings){ .arena = c->arena };
    old.summary = (struct summary){ 0 };
    old.overlay = parent->overlay.list;
    old.overlay_count = parent->overlay.count;
    old.some = true;
    return old;
}

/* Add what else belongs to the programs that the files were part of. */
static bool find_old_programs(struct change *c, struct names *files)
{
    struct options options;
    struct session old;
    bool fine;

    if (!c->parent_count)
        return true;
    old = old_session(c, &c->parents[0], files, &options);
    fine = session_open(&old) && session_read(&old);
    for (uint32_t i = 0; fine && i < old.front->program_count; i++)
        add_parts(c, files, old.front->programs[i].parts, old.front->programs[i].part_count);
    front_free(old.front);
    return fine;
}

/* What is known of the old programs; false: of one of them it is not. */
static bool look_up(struct change *c, const struct session *old, struct outcome *outcome)
{
    for (uint32_t i = 0; i < old->front->program_count; i++) {
        struct outcome one;

        if (!store_outcome(old->store, check_state(old, &old->front->programs[i]), &one, c->arena))
            return false;
        outcome_join(outcome, &one, c->arena);
    }
    return true;
}

/* The store is left with what the new state has put there; what was found out is kept beside it. */
static bool find_out(struct change *c, struct session *old, struct outcome *outcome)
{
    bool fine;

    store_trial_begins(old->store);
    source_overlay(old->overlay, old->overlay_count);
    fine = check_read(old);
    *outcome = outcome_of(&old->findings, c->arena);
    source_overlay(c->overlay.list, c->overlay.count);
    store_trial_ends(old->store);
    c->session->store = old->store;
    return fine;
}

static void read_comments(struct change *c, struct suppressions *comments, const struct outcome *outcome)
{
    struct names read = { 0 };

    for (uint32_t i = 0; i < outcome->count; i++) {
        const char *file = outcome->list[i].at.file, *text;

        if (!file || has_name(&read, file))
            continue;
        add_name(c, &read, file);
        text = source_text(file, c->arena);
        if (text && input_is_marked(text, strlen(text)))
            suppress_read(comments, file, text, &c->session->rules);
    }
}

/* What a comment silenced then was not told: without the comment it is new. */
static void leave_out_silenced(struct change *c, struct parent *parent)
{
    struct suppressions comments = { .arena = c->arena };
    struct outcome *o = &parent->outcome;
    uint32_t kept = 0;

    source_overlay(parent->overlay.list, parent->overlay.count);
    read_comments(c, &comments, o);
    source_overlay(c->overlay.list, c->overlay.count);
    for (uint32_t i = 0; i < o->count; i++)
        if (!suppress_find(&comments, &(struct finding){ .rule = o->list[i].rule, .at = o->list[i].at }))
            o->list[kept++] = o->list[i];
    o->count = kept;
}

static bool look_at_parent(struct change *c, struct parent *parent, const struct names *files)
{
    struct options options;
    struct session old = old_session(c, parent, files, &options);
    bool fine = session_open(&old) && session_read(&old);

    if (fine && !look_up(c, &old, &parent->outcome))
        fine = find_out(c, &old, &parent->outcome);
    leave_out_silenced(c, parent);
    parent->lines = git_changed_lines(&c->git, parent->commit, c->options.staged, &parent->line_count);
    for (uint32_t i = 0; fine && i < old.summary.failed_count; i++)
        add_name(c, &parent->failed, old.summary.failed[i].file);
    front_free(old.front);
    return fine && (!c->git.error || complain(c->git.error));
}

/* ---- what is new ---------------------------------------------------------------------------------- */

/* What the file of the old state is called now. */
static const char *name_now(const struct parent *parent, const char *path)
{
    for (uint32_t i = 0; i < parent->changes.count; i++)
        if (parent->changes.list[i].status == 'R' && !strcmp(parent->changes.list[i].old_path, path))
            return parent->changes.list[i].path;
    return path;
}

static struct finding_keys keys_of(struct change *c, const struct parent *parent)
{
    struct finding_keys keys = { .arena = c->arena };

    for (uint32_t i = 0; i < parent->outcome.count; i++) {
        const struct outcome_finding *f = &parent->outcome.list[i];
        struct finding_key key = { f->rule, f->at.file ? name_now(parent, f->at.file) : "", f->function, f->object,
                                   f->text };

        finding_keys_add(&keys, finding_key_hash(&key));
    }
    return keys;
}

static bool is_old(struct change *c, const struct finding *f, struct finding_keys *keys)
{
    struct finding_key key = finding_key(f, f->at.file, source_line(f->at.file, f->at.line, c->arena), c->arena);

    return finding_keys_take(keys, finding_key_hash(&key));
}

/* Of several with one key, those on lines that have not changed are the old ones. What is of no program is about a
 * comment, and goes with its line. */
static void leave_out_old(struct change *c, const struct parent *parent)
{
    struct findings *f = &c->session->findings;
    struct finding_keys keys = keys_of(c, parent);
    bool *old = ARENA_ARRAY(c->arena, bool, f->count + 1);
    uint32_t kept = 0;

    for (int changed = 0; changed < 2; changed++)
        for (uint32_t i = 0; i < f->count; i++)
            if (changed_at(parent->lines, parent->line_count, f->list[i].at) == changed)
                old[i] = f->list[i].program ? is_old(c, &f->list[i], &keys) : !changed;
    for (uint32_t i = 0; i < f->count; i++)
        if (!old[i])
            f->list[kept++] = f->list[i];
    f->count = kept;
}

/* What could not be analysed before, either, is no fault of the change. */
static void forgive_old(struct change *c, const struct parent *parent)
{
    struct summary *s = &c->session->summary;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < s->failed_count; i++)
        if (!has_name(&parent->failed, s->failed[i].file))
            s->failed[kept++] = s->failed[i];
        else
            fprintf(stderr, "chanleak: note: not analysed, as before the change: %s\n",
                    source_relative(s->failed[i].reason, c->arena));
    s->files -= s->failed_count - kept;
    s->failed_count = kept;
}

static void note_left_out(const struct change *c)
{
    const struct front *front = c->session->front;

    for (uint32_t i = 0; i < front->unit_count; i++) {
        const struct front_unit *u = &front->units[i];
        bool there = true;

        for (uint32_t k = 0; k < c->parent_count; k++)
            for (uint32_t n = 0; n < c->parents[k].changes.count; n++) {
                const struct git_change *g = &c->parents[k].changes.list[n];

                there = there && !((g->status == 'D' || g->status == 'R') && !strcmp(g->old_path, u->file));
            }
        if (u->left_out && u->error && there)
            fprintf(stderr, "chanleak: note: not analysed: %s: no unit of the compile database is made from it\n",
                    source_path(u->file, c->arena));
    }
}

/* Other files of the programs were named for their sake, not to hear of them (triage.h). */
static void leave_out_excluded(struct change *c)
{
    struct findings *f = &c->session->findings;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < f->count; i++)
        if (!f->list[i].at.file || !config_excludes(c->session->config, f->list[i].at.file, c->arena))
            f->list[kept++] = f->list[i];
    f->count = kept;
}

/* ---- all of it -------------------------------------------------------------------------------------- */

static bool check_now(struct change *c, const struct names *files)
{
    struct session *session = c->session;

    c->options.files = files->list;
    c->options.file_count = files->count;
    session->options = &c->options;
    session->overlay = c->overlay.list;
    session->overlay_count = c->overlay.count;
    session->some = true;
    source_overlay(c->overlay.list, c->overlay.count);
    return session_open(session) && check_run(session);
}

/* The programs that findings are of, by their files. */
static void add_programs(struct change *c, struct names *files)
{
    const struct findings *f = &c->session->findings;

    for (uint32_t i = 0; i < f->count; i++) {
        const char *changed;
        bool has_main;
        uint32_t count;
        const struct front_part *parts = store_parts(c->session->store, f->list[i].program, &count, &has_main, &changed);

        add_parts(c, files, parts, count);
    }
}

bool introduced_run(struct session *session)
{
    struct change *c = ARENA_NEW(session->arena, struct change);
    struct names files;

    c->session = session;
    c->arena = session->arena;
    c->options = *session->options;
    if (!worktree_open(&c->git, session) || !find_change(c))
        return false;
    if (!c->touched.count)
        return true;
    files = c->touched;
    if (!find_old_programs(c, &files) || !check_now(c, &files))
        return false;
    note_left_out(c);
    leave_out_excluded(c);
    add_programs(c, &files);
    for (uint32_t i = 0; i < c->parent_count && (session->findings.count || session->summary.failed_count); i++) {
        if (!look_at_parent(c, &c->parents[i], &files))
            return false;
        leave_out_old(c, &c->parents[i]);
        forgive_old(c, &c->parents[i]);
    }
    return true;
}
