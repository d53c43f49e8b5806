/* chanleak: from compile_commands.json to findings. main is the table of
 * contents; each arrow of DESIGN.md's pipeline is one call. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "confirm.h"
#include "explore.h"
#include "flow_text.h"
#include "front.h"
#include "options.h"
#include "report.h"
#include "roots.h"
#include "rule.h"
#include "store.h"

enum status { STATUS_CLEAN = 0, STATUS_FINDINGS = 1, STATUS_FAILED = 2, STATUS_INTERRUPTED = 130 };


struct run {
    const struct options *options;
    struct arena         *arena;
    struct rules          rules;
    struct store         *store;
    struct front         *front;
    struct findings       findings;
    struct summary        summary;
    double                started;
    bool                  terminal;     /* standard error is one: progress is shown */
};

static enum status complain(const char *what)
{
    fprintf(stderr, "chanleak: %s\n", what);
    return STATUS_FAILED;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* On a terminal, of a run that takes its time. */
static void show_progress(const struct run *run, const char *what, const char *name)
{
    if (run->terminal && now() - run->started > 1)
        fprintf(stderr, "\r\033[K%s %.60s", what, name);
}

static void end_progress(const struct run *run)
{
    if (run->terminal && now() - run->started > 1)
        fputs("\r\033[K", stderr);
}

/* A transaction that is not committed is as if it had never been. */
static void interrupted(int signal)
{
    static const char words[] = "chanleak: interrupted\n";

    (void)signal;
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        _exit(STATUS_INTERRUPTED);
    _exit(STATUS_INTERRUPTED);
}

static void prepare_signals(void)
{
    signal(SIGINT, interrupted);
    signal(SIGTERM, interrupted);
    signal(SIGXFSZ, SIG_IGN);       /* a full disk is an error like any other */
}

/* ---- output --------------------------------------------------------------------- */

static bool wants_color(const struct options *options)
{
    const char *none = getenv("NO_COLOR");

    if (strcmp(options->color, "auto"))
        return !strcmp(options->color, "always");
    return !options->output && !(none && *none) && isatty(STDOUT_FILENO);
}

static FILE *open_output(struct run *run)
{
    const char *path = run->options->output;
    FILE *out = path ? fopen(path, "w") : stdout;

    if (!out)
        complain(arena_printf(run->arena, "cannot write '%s': %s", path, strerror(errno)));
    return out;
}

static bool close_output(struct run *run, FILE *out)
{
    bool fine = !ferror(out) && fflush(out) == 0;

    if (out != stdout)
        fine = fclose(out) == 0 && fine;
    if (!fine)
        complain(arena_printf(run->arena, "cannot write '%s': %s",
                              run->options->output ? run->options->output : "stdout",
                              strerror(errno)));
    return fine;
}

/* ---- rules: explain, rules -------------------------------------------------------- */

static enum status explain_rule(struct run *run)
{
    const struct rule *rule = rules_find(&run->rules, run->options->files[0]);

    if (!rule)
        return complain(arena_printf(run->arena, "no rule '%s', see chanleak rules",
                                     run->options->files[0]));
    fputs(rule->text, stdout);
    return STATUS_CLEAN;
}

static enum status list_rules(struct run *run)
{
    for (uint32_t i = 0; i < run->rules.count; i++)
        printf("%-20s %-8s %s\n", run->rules.list[i].name,
               severity_name(run->rules.list[i].severity), run->rules.list[i].title);
    return STATUS_CLEAN;
}

/* ---- what was read: units, --dump, graph ------------------------------------------ */

static bool read_programs(struct run *run)
{
    const struct options *o = run->options;
    struct front_options options = {
        .database = o->database, .files = o->files, .file_count = o->file_count,
        .models = o->models, .model_count = o->model_count,
    };
    const char *error = NULL;

    run->front = front_load(&options, run->arena, &error);
    if (!run->front)
        complain(error);
    return run->front != NULL;
}

static void note_gap(struct run *run, struct gap **list, uint32_t *count, uint32_t *capacity,
                     struct gap gap)
{
    ARENA_PUSH(run->arena, *list, *count, *capacity) = gap;
}

/* Of the files that were asked for; others were read only because a program needs them. */
static void note_units(struct run *run)
{
    struct summary *s = &run->summary;

    for (uint32_t i = 0; i < run->front->unit_count; i++) {
        const struct front_unit *u = &run->front->units[i];

        s->files += u->wanted;
        if (u->error && !u->wanted && run->options->explain_coverage)
            fprintf(stderr, "chanleak: note: what %s defines is not known: %s\n", u->file, u->error);
        if (u->error && u->wanted)
            note_gap(run, &s->failed, &s->failed_count, &s->failed_capacity,
                     (struct gap){ .file = u->file, .reason = u->error });
        if (u->warning && run->options->explain_coverage)
            fprintf(stderr, "chanleak: note: %s: %s\n", u->file, u->warning);
    }
}

static void store_units(struct run *run)
{
    store_begin(run->store);
    for (uint32_t i = 0; i < run->front->unit_count; i++) {
        const struct front_unit *u = &run->front->units[i];

        store_unit(run->store, &(struct unit_record){ u->file, u->directory, u->arguments, u->hash,
                                                      u->error });
    }
    if (store_commit(run->store) == STORE_AGAIN)
        store_units(run);
}

static struct explore_options budget_of(const struct options *o)
{
    return (struct explore_options){
        .max_states = o->max_states, .max_bytes = o->max_memory, .max_seconds = o->timeout,
    };
}

static void dump_states(const struct options *o, const struct front_program *program, FILE *out)
{
    struct explore_options options = budget_of(o);

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

/* --dump and graph: no exploration. */
static enum status show_programs(struct run *run)
{
    FILE *out = open_output(run);

    if (!out)
        return STATUS_FAILED;
    for (uint32_t i = 0; i < run->front->program_count; i++) {
        const struct front_program *program = &run->front->programs[i];

        if (run->options->command == COMMAND_GRAPH)
            report_graph(program->flow, program->name, out);
        else
            dump_program(run->options, program, out);
    }
    for (uint32_t i = 0; i < run->summary.failed_count; i++)
        complain(arena_printf(run->arena, "not analysed: %s (%s)", run->summary.failed[i].file,
                              run->summary.failed[i].reason));
    return close_output(run, out) && !run->summary.failed_count ? STATUS_CLEAN : STATUS_FAILED;
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

static void note_coverage(struct run *run, const struct flow *flow, const struct facts *facts)
{
    struct summary *s = &run->summary;
    uint32_t before = s->partial_count;

    for (uint32_t i = 0; i < facts->coverage_count; i++) {
        const struct coverage *c = &facts->coverage[i];
        struct gap gap = { .root = flow_function_name(flow, facts->root),
                           .reason = coverage_words(c, run->arena) };
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
        note_gap(run, &s->partial, &s->partial_count, &s->partial_capacity, gap);
    }
    s->partial_roots += s->partial_count > before;
    s->cut_roots += is_cut(facts);
    s->roots++;
}

static struct facts *explore_roots(struct run *run, const struct front_program *program,
                                   struct arena *arena, uint32_t *count)
{
    struct explore_options options = budget_of(run->options);
    struct facts *facts = NULL;
    uint32_t capacity = 0;

    *count = 0;
    for (uint32_t i = 0; i < program->root_count; i++) {
        show_progress(run, "exploring", flow_function_name(program->flow, program->roots[i]));
        struct facts root = explore(program->flow, program->roots[i], &options, arena);

        ARENA_PUSH(arena, facts, *count, capacity) = root;
        note_coverage(run, program->flow, &root);
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
static void store_and_name(struct run *run, const struct front_program *program,
                           const struct facts *facts, uint32_t count)
{
    enum store_result result;

    do {
        store_begin(run->store);
        int64_t row = store_program(run->store, program);
        for (uint32_t i = 0; i < count; i++)
            store_facts(run->store, row, program->flow, &facts[i]);
        store_findings(run->store, &run->rules, row, &run->findings);
        result = store_commit(run->store);
    } while (result == STORE_AGAIN);
}

static void check_programs(struct run *run)
{
    for (uint32_t i = 0; i < run->front->program_count && !store_error(run->store); i++) {
        struct arena *arena = arena_new();
        const struct front_program *program = &run->front->programs[i];

        uint32_t count;
        const struct facts *facts = explore_roots(run, program, arena, &count);

        store_and_name(run, program, facts, count);
        arena_free(arena);
    }
    findings_sort(&run->findings);
}

/* ---- what was said --------------------------------------------------------------------- */

static bool report_findings(struct run *run)
{
    FILE *out = open_output(run);
    struct report report = {
        .findings = &run->findings, .rules = &run->rules, .summary = &run->summary,
        .arena = run->arena, .out = out, .color = wants_color(run->options),
        .full_trace = run->options->full_trace,
    };

    if (!out)
        return false;
    run->summary.seconds = now() - run->started;
    switch (run->options->format) {
    case FORMAT_TEXT:
        report_text(&report);
        break;
    case FORMAT_JSON:
        report_json(&report);
        break;
    case FORMAT_SARIF:
        report_sarif(&report);
        break;
    }
    bool fine = close_output(run, out);
    report_summary(&report, run->options->explain_coverage, stderr);
    return fine;
}

static enum status status_of(const struct run *run)
{
    if (run->summary.failed_count)
        return STATUS_FAILED;
    for (uint32_t i = 0; i < run->findings.count; i++)
        if (run->findings.list[i].severity != SEVERITY_NOTE)
            return STATUS_FINDINGS;
    return run->summary.partial_roots ? STATUS_FAILED : STATUS_CLEAN;
}

/* ---- commands ---------------------------------------------------------------------------- */

static bool open_store(struct run *run)
{
    const char *note, *wrong;

    run->store = store_open(run->options->store, run->arena, &note);
    if (note)
        fprintf(stderr, "chanleak: note: %s\n", note);
    wrong = store_check_rules(run->store, &run->rules);
    if (wrong)
        complain(wrong);
    return !wrong;
}

static enum status check(struct run *run)
{
    run->started = now();
    run->terminal = isatty(STDERR_FILENO);
    if (!read_programs(run) || !open_store(run))
        return STATUS_FAILED;
    note_units(run);
    store_units(run);
    check_programs(run);
    if (store_error(run->store))
        return complain(store_error(run->store));
    end_progress(run);
    return report_findings(run) ? status_of(run) : STATUS_FAILED;
}

/* What the last check found: nothing is read again. */
static enum status confirm_findings(struct run *run)
{
    const struct options *o = run->options;
    struct confirm_options options = {
        .names = o->files, .name_count = o->file_count, .program = o->program,
        .arguments = o->arguments, .runs = o->runs, .timeout = o->timeout,
        .build = { .runtime = o->runtime, .link = o->link },
    };
    int status;

    if (access(o->store, R_OK))
        return complain(arena_printf(run->arena, "cannot read '%s': %s; run chanleak check first",
                                     o->store, strerror(errno)));
    if (!open_store(run))
        return STATUS_FAILED;
    status = confirm(run->store, &options, run->arena, stdout);
    return store_error(run->store) ? complain(store_error(run->store)) : (enum status)status;
}

static enum status show(struct run *run)
{
    if (!read_programs(run))
        return STATUS_FAILED;
    note_units(run);
    return show_programs(run);
}

static enum status do_command(struct run *run)
{
    const char *error = NULL;

    if (!rules_load(&run->rules, run->options->rules, run->arena, &error))
        return complain(error);
    switch (run->options->command) {
    case COMMAND_EXPLAIN:
        return explain_rule(run);
    case COMMAND_RULES:
        return list_rules(run);
    case COMMAND_GRAPH:
        return show(run);
    case COMMAND_CONFIRM:
        return confirm_findings(run);
    case COMMAND_CHECK:
        return run->options->dump ? show(run) : check(run);
    }
    return STATUS_FAILED;
}

int main(int argc, char **argv)
{
    struct options options;
    int status = options_parse(&options, argc, argv);

    prepare_signals();
    if (status < 0) {
        struct run run = { .options = &options, .arena = arena_new() };

        run.findings.arena = run.arena;
        status = do_command(&run);
        store_close(run.store);
        front_free(run.front);
        arena_free(run.arena);
    }
    options_release(&options);
    return status;
}
