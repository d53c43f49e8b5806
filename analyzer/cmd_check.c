/* check: from compile_commands.json to findings. command_check is the table of contents; each arrow
 * of DESIGN.md's pipeline is one call. */
#include <unistd.h>

#include "check.h"

/* ---- what was said --------------------------------------------------------------------- */

static bool report_findings(struct session *session)
{
    FILE *out = session_output(session);
    struct report report = {
        .findings = &session->findings, .rules = &session->rules, .summary = &session->summary,
        .arena = session->arena, .out = out, .color = session_color(session),
        .full_trace = session->options->full_trace,
    };

    if (!out)
        return false;
    session->summary.seconds = session_now() - session->started;
    if (session->options->format->draws)
        report.programs = session_programs(session, session->program_rows, &report.program_count);
    session->options->format->print(&report);
    bool fine = session_close(session, out);
    report_summary(&report, session->options->explain_coverage, stderr);
    return fine;
}

static enum status status_of(const struct session *session)
{
    if (session->summary.failed_count)
        return STATUS_FAILED;
    for (uint32_t i = 0; i < session->findings.count; i++)
        if (session->findings.list[i].severity != SEVERITY_NOTE)
            return session->options->exit_zero ? STATUS_CLEAN : STATUS_FINDINGS;
    return session->summary.partial_roots ? STATUS_FAILED : STATUS_CLEAN;
}

/* ---- check ------------------------------------------------------------------------------- */

enum status command_check(struct session *session)
{
    if (session->options->dump)
        return command_dump(session);
    session->started = session_now();
    session->terminal = isatty(STDERR_FILENO);
    if (!session_store(session) || !session_open(session) || !check_run(session))
        return STATUS_FAILED;
    session_progress_end(session);
    return report_findings(session) ? status_of(session) : STATUS_FAILED;
}
