#include "changed.h"

#include <string.h>

#include "worktree.h"

static bool in_hunks(const struct git_lines *l, uint32_t line)
{
    for (uint32_t i = 0; i < l->count; i++) {
        const struct git_hunk *h = &l->hunks[i];

        /* where something was removed, the lines on both sides have changed neighbours */
        if (h->count ? line >= h->from && line - h->from < h->count : line == h->from || line == h->from + 1)
            return true;
    }
    return l->whole;
}

bool changed_at(const struct git_lines *lines, uint32_t count, struct site at)
{
    for (uint32_t i = 0; i < count && at.file; i++)
        if (!strcmp(lines[i].path, at.file) && in_hunks(&lines[i], at.line))
            return true;
    return false;
}

static bool touches(const struct finding *f, const struct git_lines *lines, uint32_t count)
{
    const struct site sites[] = { f->at, f->operation, f->spawned, f->made };

    for (size_t i = 0; i < sizeof sites / sizeof *sites; i++)
        if (changed_at(lines, count, sites[i]))
            return true;
    for (uint32_t i = 0; i < f->step_count; i++)
        if (changed_at(lines, count, f->steps[i].at))
            return true;
    return false;
}

bool changed_only(struct session *session)
{
    const char *revision = session->options->diff, *commit;
    struct git_lines *lines;
    uint32_t count, kept = 0;
    struct git git;

    if (!worktree_open(&git, session))
        return false;
    commit = git_commit(&git, revision);
    if (!commit) {
        session_complain(arena_printf(session->arena, "no commit '%s' to compare with", revision));
        return false;
    }
    lines = git_changed_lines(&git, commit, session->options->staged, &count);
    if (git.error) {
        session_complain(git.error);
        return false;
    }
    for (uint32_t i = 0; i < session->findings.count; i++)
        if (touches(&session->findings.list[i], lines, count))
            session->findings.list[kept++] = session->findings.list[i];
    session->findings.count = kept;
    return true;
}
