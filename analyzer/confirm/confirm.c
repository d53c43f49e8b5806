#include "confirm.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay.h"
#include "report.h"

enum { INTERRUPTED = 130, LONG_SECONDS = 1000 * 1000, SEED_RUNS_LATE = 4 };

/* A program that findings are in. */
struct subject {
    int64_t     row;
    const char *folder;         /* temporary */
    const char *path;           /* NULL: could not be built */
    const char *error;          /* why */
    bool        no_main;
    const char *seeded;         /* what runs under many seeds said; NULL: not tried */
};

struct confirmer {
    const struct confirm_options *options;
    struct store   *store;
    struct arena   *arena;
    FILE           *out;
    struct findings findings;
    struct subject *subjects;
    uint32_t        subject_count, subject_capacity;
    uint32_t        by_trace, by_part, by_seed, not_shown, not_tried, impossible;
};

/* ---- which findings -------------------------------------------------------------- */

static bool ends_with_path(const char *whole, const char *end)
{
    size_t size = strlen(whole), n = strlen(end);

    return n <= size && !strcmp(whole + size - n, end)
        && (n == size || whole[size - n - 1] == '/');
}

/* "a.c", "a.c:20" or "a.c:20:5" */
static bool is_named(const struct confirmer *c, const struct finding *f, const char *name)
{
    const char *path = f->at.file ? f->at.file : "";
    const char *places[] = {
        path, arena_printf(c->arena, "%s:%" PRIu32, path, f->at.line),
        arena_printf(c->arena, "%s:%" PRIu32 ":%" PRIu32, path, f->at.line, f->at.col),
    };

    while (!strncmp(name, "./", 2))
        name += 2;
    for (unsigned i = 0; i < 3; i++)
        if (ends_with_path(places[i], name))
            return true;
    return false;
}

/* Mark those that name means; false when there are none. */
static bool choose(struct confirmer *c, const char *name, bool *chosen)
{
    bool any = false;
    char *end;
    unsigned long number = strtoul(name, &end, 10);

    if (*name && !*end && *name != '-') {
        if (number >= 1 && number <= c->findings.count)
            any = chosen[number - 1] = true;
        else
            fprintf(stderr, "chanleak: no finding %s: the last check has %" PRIu32 "\n", name,
                    c->findings.count);
        return any;
    }
    for (uint32_t i = 0; i < c->findings.count; i++)
        if (is_named(c, &c->findings.list[i], name))
            any = chosen[i] = true;
    if (!any)
        fprintf(stderr, "chanleak: the last check has no finding at '%s'\n", name);
    return any;
}

/* ---- programs ----------------------------------------------------------------------- */

static void build(struct confirmer *c, struct subject *s)
{
    uint32_t count;
    bool has_main;
    const char *changed;
    const struct front_part *parts = store_parts(c->store, s->row, &count, &has_main, &changed);

    s->no_main = !has_main;
    if (!has_main || !count)
        return;
    s->folder = build_folder(c->arena);
    if (changed)
        s->error = arena_printf(c->arena, access(changed, R_OK) ? "cannot read '%s'; run chanleak check again"
                                              : "'%s' has changed since the last check; run chanleak check again",
                                source_path(changed, c->arena));
    else if (s->folder)
        s->path = build_program(parts, count, s->folder, &c->options->build, c->arena, &s->error);
    else
        s->error = arena_printf(c->arena, "cannot make a temporary folder: %s", strerror(errno));
    if (s->error && !build_interrupted())
        fprintf(stderr, "chanleak: %s\n", s->error);
}

static struct subject *subject_of(struct confirmer *c, const struct finding *f)
{
    struct subject *s;
    int64_t row = c->options->program ? 0 : f->program;

    for (uint32_t i = 0; i < c->subject_count; i++)
        if (c->subjects[i].row == row)
            return &c->subjects[i];
    s = &ARENA_PUSH(c->arena, c->subjects, c->subject_count, c->subject_capacity);
    *s = (struct subject){ .row = row };
    if (!c->options->program) {
        build(c, s);
        return s;
    }
    s->folder = build_folder(c->arena);
    s->path = strchr(c->options->program, '/') ? c->options->program
                                                : arena_printf(c->arena, "./%s", c->options->program);
    if (!s->folder || access(s->path, X_OK)) {
        s->error = arena_printf(c->arena, "cannot run '%s': %s", c->options->program, strerror(errno));
        fprintf(stderr, "chanleak: %s\n", s->error);
        s->path = NULL;
    }
    return s;
}

/* ---- runs ----------------------------------------------------------------------------- */

static struct build_run run_subject(const struct confirmer *c, const struct subject *s,
                                    const char *const *environment, double seconds)
{
    const char **command;
    size_t count = 0;

    while (c->options->arguments[count])
        count++;
    command = ARENA_ARRAY(c->arena, const char *, count + 2);
    command[0] = s->path;
    memcpy(command + 1, c->options->arguments, (count + 1) * sizeof *command);
    return build_run(command, environment, NULL, seconds > 0 ? seconds : LONG_SECONDS, false,
                     c->arena);
}

static struct replay_verdict run_trace(const struct confirmer *c, const struct subject *s,
                                       const struct finding *f, const struct replay *replay,
                                       bool *late)
{
    const char *path = arena_printf(c->arena, "%s/trace", s->folder);
    const char *environment[] = { "CHANRT_LEAKCHECK=1", "CHANRT_SEED=1",
                                  arena_printf(c->arena, "CHANRT_TRACE=%s", path), NULL };
    FILE *file = fopen(path, "w");
    bool written = file && fputs(replay->text, file) >= 0;
    struct build_run run;

    *late = false;
    if (!file || fclose(file) == EOF || !written)
        return (struct replay_verdict){ .shown = false };
    run = run_subject(c, s, environment, c->options->timeout);
    *late = run.late;
    return replay_judge(f, build_places(run.output ? run.output : "", s->path, c->arena), c->arena);
}

/* All seeds at once, and once for all findings of the program: the runtime unites what they
 * show. */
static struct replay_verdict run_seeds(const struct confirmer *c, struct subject *s,
                                       const struct finding *f)
{
    double each = c->options->timeout > 0 ? c->options->timeout : LONG_SECONDS;
    const char *environment[] = {
        "CHANRT_LEAKCHECK=1", "CHANRT_SEED=1",
        arena_printf(c->arena, "CHANRT_RUNS=%" PRIu64, c->options->runs),
        arena_printf(c->arena, "CHANRT_RUN_MS=%.0f", each * 1000), NULL,
    };

    if (!s->seeded && c->options->runs) {
        struct build_run run = run_subject(c, s, environment, each * SEED_RUNS_LATE
                                                                  + (double)c->options->runs);
        s->seeded = build_places(run.output ? run.output : "", s->path, c->arena);
    }
    return replay_judge(f, s->seeded ? s->seeded : "", c->arena);
}

/* ---- what is said ------------------------------------------------------------------------ */

static void say(const struct confirmer *c, const struct finding *f, const char *what)
{
    fprintf(c->out, "%s:%" PRIu32 ":%" PRIu32 ": %s: %s\n", source_path(f->at.file, c->arena),
            f->at.line, f->at.col, f->rule, what);
    fflush(c->out);
}

static void say_confirmed(struct confirmer *c, const struct finding *f, const char *how)
{
    const char *arguments = "";

    for (const char *const *a = c->options->arguments; *a; a++)
        arguments = arena_printf(c->arena, "%s%s\n", arguments, *a);
    store_confirm(c->store, f, how, arguments, c->options->program);
    say(c, f, arena_printf(c->arena, "confirmed: %s%s", strncmp(how, "trace", 5) ? "" : "by its ", how));
}

static const char *tried_words(const struct confirmer *c)
{
    return c->options->runs ? arena_printf(c->arena, ", nor under the seeds 1 to %" PRIu64,
                                           c->options->runs) : "";
}

/* Where the run was another than the schedule, and what that one assumes. */
static const char *failure_words(const struct confirmer *c, const struct finding *f,
                                 const struct replay *replay, struct replay_verdict v, bool late)
{
    const struct finding_step *step;
    const char *assumed;

    if (late)
        return arena_printf(c->arena, "the run took longer than %g s", c->options->timeout);
    if (v.followed)
        return arena_printf(c->arena, "the run followed the trace, but the finding did not happen%s",
                            tried_words(c));
    if (!v.left || v.left > replay->count)
        return "the run said nothing of its trace: does the program use this runtime?";
    step = &f->steps[replay->steps[v.left - 1]];
    assumed = replay_assumption(f, replay->steps[v.left - 1], c->arena);
    return arena_printf(c->arena, "the run left the trace at step %u of %u (%s:%" PRIu32 ")%s%s%s",
                        v.left, replay->count, source_path(step->at.file, c->arena), step->at.line,
                        tried_words(c), assumed ? "; the trace assumes " : "", assumed ? assumed : "");
}

/* ---- one finding ---------------------------------------------------------------------------- */

static void confirm_by_running(struct confirmer *c, struct subject *s, const struct finding *f)
{
    struct replay replay = replay_of(f, c->arena);
    bool late;
    struct replay_verdict traced = run_trace(c, s, f, &replay, &late), seeded;

    if (build_interrupted())
        return;
    if (traced.shown && traced.followed) {
        c->by_trace++;
        say_confirmed(c, f, "trace");
        return;
    }
    if (traced.shown && traced.left) {
        c->by_part++;
        say_confirmed(c, f, arena_printf(c->arena, "trace, left at step %u of %u", traced.left,
                                         replay.count));
        return;
    }
    seeded = run_seeds(c, s, f);
    if (build_interrupted())
        return;
    if (seeded.shown) {
        c->by_seed++;
        say_confirmed(c, f, arena_printf(c->arena, "CHANRT_SEED=%" PRIu64, seeded.seed));
        return;
    }
    c->not_shown++;
    say(c, f, arena_printf(c->arena, "not confirmed: %s",
                           failure_words(c, f, &replay, traced, late)));
}

static void confirm_one(struct confirmer *c, const struct finding *f)
{
    struct subject *s;

    if (f->program && !f->kind) {
        c->not_tried++;
        say(c, f, "not confirmed: it is found no more; run chanleak check again");
        return;
    }
    if (!f->kind || replay_sign(f) == REPLAY_NOTHING) {
        c->impossible++;
        say(c, f, "no run shows this: it blocks no task and aborts nothing");
        return;
    }
    s = subject_of(c, f);
    if (s->path) {
        confirm_by_running(c, s, f);
    } else if (s->no_main) {
        c->not_shown++;
        say(c, f, "not confirmed: its program has no main; give one that calls it with --program=PATH");
    } else if (!build_interrupted()) {
        c->not_tried++;
        say(c, f, "not confirmed: there is no program to run");
    }
}

static void say_sum(const struct confirmer *c)
{
    uint32_t shown = c->by_trace + c->by_part + c->by_seed, all = shown + c->not_shown + c->not_tried;

    fprintf(stderr, "confirmed %" PRIu32 " of %" PRIu32 " finding%s: %" PRIu32 " by trace, %" PRIu32
            " by a trace left on the way, %" PRIu32 " by seed", shown, all, all == 1 ? "" : "s",
            c->by_trace, c->by_part, c->by_seed);
    if (c->impossible)
        fprintf(stderr, "; %" PRIu32 " that no run shows", c->impossible);
    fputc('\n', stderr);
}

/* What the last check told, in its order: the numbers are those of its list. */
static void read_findings(struct confirmer *c)
{
    struct findings all = { .arena = c->arena };

    store_read_told(c->store, &c->findings);
    store_read_findings(c->store, &all);
    for (uint32_t i = 0; i < c->findings.count; i++)
        for (uint32_t k = 0; k < all.count; k++)
            if (finding_is_same(&c->findings.list[i], &all.list[k]))
                c->findings.list[i] = all.list[k];
}

int confirm(struct store *store, const struct confirm_options *options, struct arena *arena,
            FILE *out)
{
    struct confirmer c = { .options = options, .store = store, .arena = arena, .out = out,
                           .findings = { .arena = arena } };
    bool *chosen, wrong = false;

    read_findings(&c);
    chosen = ARENA_ARRAY(arena, bool, c.findings.count + 1);
    for (size_t i = 0; i < options->name_count; i++)
        wrong |= !choose(&c, options->names[i], chosen);
    if (wrong)
        return 2;
    for (uint32_t i = 0; i < c.findings.count && !build_interrupted(); i++)
        if (chosen[i] || !options->name_count)
            confirm_one(&c, &c.findings.list[i]);
    for (uint32_t i = 0; i < c.subject_count; i++)
        build_clean(c.subjects[i].folder, arena);
    if (build_interrupted()) {
        fputs("chanleak: interrupted\n", stderr);
        return INTERRUPTED;
    }
    say_sum(&c);
    return c.not_tried ? 2 : c.not_shown ? 1 : 0;
}
