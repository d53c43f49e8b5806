/* check: from compile_commands.json to findings. command_check is the table of contents; each arrow
 * of DESIGN.md's pipeline is one call. */
#include <unistd.h>

#include "explore.h"
#include "roots.h"
#include "session.h"

static void store_units(struct session *session)
{
    store_begin(session->store);
    store_check_begins(session->store, session->front->database);
    for (uint32_t i = 0; i < session->front->unit_count; i++) {
        const struct front_unit *u = &session->front->units[i];

        store_unit(session->store, &(struct unit_record){ u->file, u->directory, u->arguments, u->hash,
                                                      u->error });
    }
    if (store_commit(session->store) == STORE_AGAIN)
        store_units(session);
}

/* ---- what was proved: explore, store, name ------------------------------------------ */

static const char *coverage_words(const struct coverage *c, struct arena *arena)
{
    switch ((enum coverage_kind)c->kind) {
    case COVERAGE_EXPLORED:
        return NULL;
    case COVERAGE_CUT_STATES:
        return "cut after the greatest number of states (--max-states)";
    case COVERAGE_CUT_MEMORY:
        return "cut after the greatest amount of memory (--max-memory)";
    case COVERAGE_CUT_TIME:
        return "cut after the longest time (--timeout)";
    case COVERAGE_CUT_LOOP:
        return c->text ? arena_printf(arena, "cut: %s", c->text) : "a counted loop is too long to be run in full";
    case COVERAGE_NOT_UNDERSTOOD:
        return arena_printf(arena, "not understood: %s", c->text ? c->text : "a construct");
    }
    return NULL;
}

static bool is_cut(const struct facts *facts)
{
    for (uint32_t i = 0; i < facts->coverage_count; i++)
        if (facts->coverage[i].kind != COVERAGE_EXPLORED && facts->coverage[i].kind != COVERAGE_NOT_UNDERSTOOD)
            return true;
    return false;
}

static void note_coverage(struct session *session, const struct flow *flow, const struct facts *facts)
{
    struct summary *s = &session->summary;
    uint32_t before = s->partial_count;

    for (uint32_t i = 0; i < facts->coverage_count; i++) {
        const struct coverage *c = &facts->coverage[i];
        struct gap gap = { .root = flow_function_name(flow, facts->root),
                           .reason = coverage_words(c, session->arena) };
        const struct function *f = &flow->functions[c->at.function != FLOW_NONE ? c->at.function
                                                                                : facts->root];
        struct loc loc = c->at.function != FLOW_NONE && c->at.instr < f->instr_count
            ? f->instrs[c->at.instr].loc : f->loc;

        if (!gap.reason)
            continue;
        if (loc.line) {
            gap.file = flow_string(flow, flow->files[loc.file]);
            gap.line = loc.line;
            gap.col = loc.col;
        }
        session_gap(session, &s->partial, &s->partial_count, &s->partial_capacity, gap);
    }
    s->partial_roots += s->partial_count > before;
    s->cut_roots += is_cut(facts);
    s->roots++;
}

static struct facts *explore_roots(struct session *session, const struct front_program *program,
                                   struct arena *arena, uint32_t *count)
{
    struct explore_options options = options_budget(session->options);
    struct facts *facts = NULL;
    uint32_t capacity = 0;

    *count = 0;
    for (uint32_t i = 0; i < program->root_count; i++) {
        session_progress(session, "exploring", flow_function_name(program->flow, program->roots[i]));
        struct facts root = explore(program->flow, program->roots[i], &options, arena);

        ARENA_PUSH(arena, facts, *count, capacity) = root;
        note_coverage(session, program->flow, &root);
        if (root.coverage_count == 0)
            continue;
        /* Too much as a whole: at least what each scope does by itself. */
        uint32_t owner_count, *owners = roots_owners(program->flow, program->roots[i], arena, &owner_count);
        for (uint32_t k = 0; k < owner_count; k++) {
            struct facts scope = explore(program->flow, owners[k], &options, arena);
            ARENA_PUSH(arena, facts, *count, capacity) = scope;
        }
    }
    return facts;
}

/* One transaction a program: its facts, and what the rules make of them. */
static void store_and_name(struct session *session, const struct front_program *program,
                           const struct facts *facts, uint32_t count)
{
    enum store_result result;

    do {
        store_begin(session->store);
        int64_t row = store_program(session->store, program);
        for (uint32_t i = 0; i < count; i++)
            store_facts(session->store, row, program->flow, &facts[i]);
        store_findings(session->store, &session->rules, row, &session->findings);
        result = store_commit(session->store);
    } while (result == STORE_AGAIN);
}

static void check_programs(struct session *session)
{
    for (uint32_t i = 0; i < session->front->program_count && !store_error(session->store); i++) {
        struct arena *arena = arena_new();
        const struct front_program *program = &session->front->programs[i];

        uint32_t count;
        const struct facts *facts = explore_roots(session, program, arena, &count);

        store_and_name(session, program, facts, count);
        arena_free(arena);
    }
    store_begin(session->store);
    store_check_ends(session->store, session->options->file_count == 0);
    store_commit(session->store);
    findings_sort(&session->findings);
}

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
            return STATUS_FINDINGS;
    return session->summary.partial_roots ? STATUS_FAILED : STATUS_CLEAN;
}

/* ---- check ------------------------------------------------------------------------------- */

enum status command_check(struct session *session)
{
    if (session->options->dump)
        return command_dump(session);
    session->started = session_now();
    session->terminal = isatty(STDERR_FILENO);
    if (!session_read(session) || !session_store(session))
        return STATUS_FAILED;
    store_units(session);
    check_programs(session);
    if (store_error(session->store))
        return session_complain(store_error(session->store));
    session_progress_end(session);
    return report_findings(session) ? status_of(session) : STATUS_FAILED;
}
