/* baseline write and show: the findings a project has agreed to live with for now. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "baseline.h"
#include "check.h"
#include "paths.h"
#include "triage.h"

/* ---- write -------------------------------------------------------------------------------- */

/* What could not be analysed is as it was. */
static void keep_failed(struct session *session, struct baseline *to, const struct baseline *before)
{
    for (uint32_t i = 0; i < before->count; i++) {
        const char *path = path_absolute(before->folder, before->entries[i].key.path, session->arena);

        for (uint32_t k = 0; k < session->summary.failed_count; k++)
            if (!strcmp(path, session->summary.failed[k].file)) {
                baseline_add(to, &before->entries[i].key, before->entries[i].count);
                break;
            }
    }
}

/* How many of `of` are not in `in`. */
static uint32_t missing(const struct baseline *of, struct baseline *in)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < of->count; i++)
        for (uint32_t k = 0; k < of->entries[i].count; k++)
            count += !baseline_take(in, &of->entries[i].key);
    return count;
}

static enum status write_it(struct session *session, struct baseline *before)
{
    struct baseline now = { .arena = session->arena, .path = before->path, .folder = before->folder };
    struct baseline again = now;
    uint32_t total = 0, added;

    for (uint32_t i = 0; i < session->findings.count; i++) {
        struct finding_key key = baseline_key(&now, &session->findings.list[i]);

        baseline_add(&now, &key, 1);
    }
    keep_failed(session, &now, before);
    baseline_sort(&now);
    for (uint32_t i = 0; i < now.count; i++) {
        baseline_add(&again, &now.entries[i].key, now.entries[i].count);
        total += now.entries[i].count;
    }
    if (!baseline_write(&now))
        return session_complain(arena_printf(session->arena, "cannot write '%s': %s",
                                             source_path(now.path, session->arena), strerror(errno)));
    added = missing(&now, before);
    printf("wrote %" PRIu32 " finding%s to '%s': %" PRIu32 " new, %" PRIu32 " gone\n", total, total == 1 ? "" : "s",
           source_path(now.path, session->arena), added, missing(before, &again));
    for (uint32_t i = 0; i < session->summary.failed_count; i++)
        session_complain(arena_printf(session->arena, "not analysed: %s (%s)",
                                      source_path(session->summary.failed[i].file, session->arena),
                                      session->summary.failed[i].reason));
    return session->summary.failed_count ? STATUS_FAILED : STATUS_CLEAN;
}

/* Of the whole project, as if there were none yet. */
static enum status check_and_write(struct session *session, struct baseline *before)
{
    const struct options *given = session->options;
    struct options options = *given;
    enum status status = STATUS_FAILED;

    options.files = NULL;
    options.file_count = 0;
    options.no_baseline = true;
    session->options = &options;
    session->started = session_now();
    session->terminal = isatty(STDERR_FILENO);
    if (session_store(session) && session_open(session) && check_run(session)) {
        session_progress_end(session);
        status = write_it(session, before);
    }
    session->options = given;
    return status;
}

/* ---- show --------------------------------------------------------------------------------- */

static enum status show(struct session *session, const struct baseline *b)
{
    if (!b->there)
        return session_complain(arena_printf(session->arena, "no baseline '%s': make one with chanleak baseline write",
                                             source_path(b->path, session->arena)));
    for (uint32_t i = 0; i < b->count; i++) {
        const struct finding_key *k = &b->entries[i].key;

        printf("%s: %s", source_path(path_absolute(b->folder, k->path, session->arena), session->arena), k->rule);
        if (*k->function)
            printf(" in %s", k->function);
        if (*k->object)
            printf(", '%s'", k->object);
        printf(": %s", k->line);
        if (b->entries[i].count > 1)
            printf(" (%" PRIu32 " times)", b->entries[i].count);
        putchar('\n');
    }
    return STATUS_CLEAN;
}

/* ---- baseline ------------------------------------------------------------------------------ */

enum status command_baseline(struct session *session)
{
    const struct options *o = session->options;
    bool writes = o->file_count && !strcmp(o->files[0], "write");
    const char *error, *path;
    struct baseline *baseline;

    if (!o->file_count || o->file_count > 2 || (!writes && strcmp(o->files[0], "show")))
        return session_complain("baseline has two subcommands: chanleak baseline write [FILE], chanleak baseline show [FILE]");
    path = o->file_count == 2 ? path_absolute(path_working_directory(session->arena), o->files[1], session->arena)
                              : triage_baseline_path(session);
    baseline = baseline_read(path, session->arena, &error);
    if (!baseline)
        return session_complain(error);
    return writes ? check_and_write(session, baseline) : show(session, baseline);
}
