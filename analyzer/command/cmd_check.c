/* check: from compile_commands.json to findings. command_check is the table of contents; each arrow
 * of DESIGN.md's pipeline is one call. */
#include <sys/resource.h>
#include <unistd.h>

#include "changed.h"
#include "check.h"
#include "fix_run.h"
#include "introduced.h"
#include "paths.h"
#include "unmatched.h"

/* ---- what it took ------------------------------------------------------------------------ */

static double megabytes(int who)
{
    struct rusage usage;

    return getrusage(who, &usage) ? 0 : (double)usage.ru_maxrss / 1024;
}

static void print_stats(const struct session *session)
{
    const struct work *w = &session->work;
    double end = session_now(), read = w->read ? w->read : w->opened;
    uint32_t cached = 0, parsed = 0, roots = session->summary.roots;

    front_free(session->front);         /* of what still runs the memory is not known */
    for (uint32_t i = 0; i < session->front->unit_count; i++) {
        cached += session->front->units[i].cached;
        parsed += session->front->units[i].parsed;
    }
    fprintf(stderr,
            "files:    %u parsed, %u cached\n"
            "roots:    %u explored, %u reused\n"
            "states:   %llu, %llu transitions\n"
            "seconds:  %.3f to look at files, %.3f to parse and link, %.3f to explore and tell\n"
            "memory:   %.1f MiB, of what parses %.1f MiB\n", parsed, cached, w->explored,
            roots - w->explored, (unsigned long long)w->states, (unsigned long long)w->transitions,
            w->opened - session->started, read - w->opened, end - read, megabytes(RUSAGE_SELF),
            megabytes(RUSAGE_CHILDREN));
}

/* ---- what was said --------------------------------------------------------------------- */

static bool report_findings(struct session *session)
{
    FILE *out = session_output(session);
    struct report report = {
        .findings = &session->findings, .silenced = &session->silenced, .rules = &session->rules, .summary = &session->summary,
        .arena = session->arena, .out = out, .color = session_color(session),
        .full_trace = session->options->full_trace,
    };

    if (!out)
        return false;
    store_tell(session->store, &session->findings);
    session->summary.seconds = session_now() - session->started;
    if (session->options->format->draws)
        report.programs = session_programs(session, session->program_rows, &report.program_count);
    session->options->format->print(&report);
    bool fine = session_close(session, out);
    report_summary(&report, session->options->explain_coverage, stderr);
    if (session->options->stats)
        print_stats(session);
    return fine;
}

/* ---- what is looked at ------------------------------------------------------------------- */

static bool introduces(const struct options *o)
{
    return o->staged || o->new_from;
}

/* Standard input stands in for a file, which is what is checked unless others are named. */
static void overlay_stdin(struct session *session)
{
    struct options *options = ARENA_NEW(session->arena, struct options);
    const char **file = ARENA_NEW(session->arena, const char *);
    struct unit_file *text = ARENA_NEW(session->arena, struct unit_file);
    size_t size;

    *options = *session->options;
    *file = path_absolute(path_working_directory(session->arena), options->stdin_file, session->arena);
    *text = (struct unit_file){ *file, source_stream(stdin, &size, session->arena) };
    if (!options->file_count) {
        options->files = file;
        options->file_count = 1;
    }
    session->options = options;
    session->overlay = text;
    session->overlay_count = 1;
    source_overlay(text, 1);
}

static bool look(struct session *session)
{
    const struct options *o = session->options;

    if (introduces(o) && o->stdin_file) {
        session_complain("--stdin-filename goes with neither --staged nor --new-from");
        return false;
    }
    if (introduces(o) && o->flags) {
        session_complain("flags after -- go with neither --staged nor --new-from: those ask a compile database");
        return false;
    }
    if (o->fix && (introduces(o) || o->stdin_file)) {
        session_complain("--fix repairs files as they are on disk: it goes with none of --staged, --new-from, "
                         "--stdin-filename");
        return false;
    }
    if (!session_store(session))
        return false;
    if (introduces(o))
        return introduced_run(session) && (!o->diff || changed_only(session));
    if (o->stdin_file)
        overlay_stdin(session);
    return session_open(session) && check_run(session) && (!o->diff || changed_only(session));
}

static enum status status_of(const struct session *session)
{
    if (session->summary.failed_count)
        return STATUS_FAILED;
    for (uint32_t i = 0; i < session->findings.count; i++)
        if (session->findings.list[i].severity != SEVERITY_NOTE)
            return session->options->exit_zero ? STATUS_CLEAN : STATUS_FINDINGS;
    if (introduces(session->options))       /* what is too much today was so before the commit */
        return STATUS_CLEAN;
    return session->summary.partial_roots ? STATUS_FAILED : STATUS_CLEAN;
}

static bool print_repairs(struct session *session)
{
    FILE *out = session_output(session);
    uint32_t repaired;

    return out && fix_run(session, out, &repaired) && session_close(session, out);
}

/* ---- check ------------------------------------------------------------------------------- */

/* What is left is checked anew, from the files as they are now. */
static bool check_what_is_left(struct session *session)
{
    front_free(session->front);
    source_overlay(NULL, 0);            /* they are read anew */
    session->front = NULL;
    session->findings.count = 0;
    session->summary = (struct summary){ 0 };
    return session_open(session) && check_run(session) && (!session->options->diff || changed_only(session));
}

static enum status repair(struct session *session)
{
    uint32_t repaired;
    bool written;

    if (session->options->fix_diff)
        return print_repairs(session) ? status_of(session) : STATUS_FAILED;
    written = fix_run(session, NULL, &repaired);
    if (repaired && !check_what_is_left(session))
        return STATUS_FAILED;
    session_progress_end(session);
    return report_findings(session) && written ? status_of(session) : STATUS_FAILED;
}

enum status command_check(struct session *session)
{
    if (session->options->dump)
        return command_dump(session);
    session->started = session_now();
    session->terminal = isatty(STDERR_FILENO);
    if (!look(session))
        return STATUS_FAILED;
    if (session->options->fix)
        return repair(session);
    session_progress_end(session);
    if (!introduces(session->options))
        unmatched_tell(session);
    return report_findings(session) ? status_of(session) : STATUS_FAILED;
}
