/* --dump and graph: what was read, in other forms. */
#include <string.h>

#include "explore.h"
#include "flow_text.h"
#include "session.h"

static void dump_states(const struct options *o, const struct front_program *program, FILE *out)
{
    struct explore_options options = options_budget(o);

    options.states = out;
    for (uint32_t i = 0; i < program->root_count; i++) {
        struct arena *arena = arena_new();

        explore(program->flow, program->roots[i], &options, arena);
        arena_free(arena);
    }
}

static void dump_program(const struct options *o, const struct front_program *program, FILE *out)
{
    if (o->dump == DUMP_STATES) {
        dump_states(o, program, out);
        return;
    }
    const struct flow *flow = program->flow;

    if (o->dump == DUMP_ROOTS) {
        for (uint32_t i = 0; i < program->root_count; i++)
            fprintf(out, "%s: %s\n", program->name, flow_function_name(flow, program->roots[i]));
        return;
    }
    if (!o->dump_function) {
        flow_print(flow, out);
        return;
    }
    for (uint32_t i = 0; i < flow->function_count; i++)
        if (!strcmp(flow_function_name(flow, i), o->dump_function))
            flow_print_function(flow, i, out);
}

static void print_graph(const struct options *o, const struct front_program *program, FILE *out)
{
    (void)o;
    report_graph(program->flow, program->name, out);
}

static void complain_of_failed(const struct session *session)
{
    for (uint32_t i = 0; i < session->summary.failed_count; i++)
        session_complain(arena_printf(session->arena, "not analysed: %s (%s)", session->summary.failed[i].file,
                              session->summary.failed[i].reason));
}

static enum status show(struct session *session,
                        void (*print)(const struct options *o, const struct front_program *program, FILE *out))
{
    FILE *out;

    if (!session_read(session))
        return STATUS_FAILED;
    out = session_output(session);
    if (!out)
        return STATUS_FAILED;
    for (uint32_t i = 0; i < session->front->program_count; i++)
        print(session->options, &session->front->programs[i], out);
    complain_of_failed(session);
    return session_close(session, out) && !session->summary.failed_count ? STATUS_CLEAN : STATUS_FAILED;
}

enum status command_dump(struct session *session)
{
    return show(session, dump_program);
}

/* ---- graph ---------------------------------------------------------------------------- */

static enum status draw_graph(struct session *session)
{
    const struct report_program *programs;
    const char *error;
    uint32_t count;
    FILE *out;

    if (!session_read(session))
        return STATUS_FAILED;
    programs = session_programs(session, NULL, &count);
    out = count ? session_output(session) : NULL;
    if (!count)
        return session_complain("there is no program to draw");
    if (!out)
        return STATUS_FAILED;
    if (!report_svg(programs, count, out, session->arena, &error)) {
        session_abandon(session);
        return session_complain(error);
    }
    complain_of_failed(session);
    return session_close(session, out) && !session->summary.failed_count ? STATUS_CLEAN : STATUS_FAILED;
}

enum status command_graph(struct session *session)
{
    return !strcmp(session->options->format_name, "svg") ? draw_graph(session) : show(session, print_graph);
}
