#include "parser.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include "inputs.h"

enum { PROCESSES_MAX = 64, TRIES = 2 };

struct process {
    pid_t             pid;      /* 0: none; -1: the keeper's, which is not ours */
    int               to, from; /* -1: it has been dismissed */
    struct parse_job *job;      /* it is at; NULL: none */
};

struct parser {
    struct parser_options options;
    struct arena         *arena;
    const char           *program;  /* chanleak-parse */
    struct process        processes[PROCESSES_MAX];
    unsigned              count;    /* of processes that may be used */
    uint32_t              first;    /* of the jobs: those before it have been handed out */
};

/* ---- the program ------------------------------------------------------------------------ */

/* Beside this one, or where it is installed. */
const char *parser_program(struct arena *arena)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *beside, *installed;

    if (n <= 0)
        return NULL;
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    beside = arena_printf(arena, "%s/chanleak-parse", self);
    installed = arena_printf(arena, "%s/../" CHANLEAK_LIBEXECDIR "/chanleak/chanleak-parse", self);
    return !access(beside, X_OK) ? beside : !access(installed, X_OK) ? installed : NULL;
}

struct parser *parser_new(const struct parser_options *options, struct arena *arena)
{
    struct parser *p = ARENA_NEW(arena, struct parser);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    p->options = *options;
    p->arena = arena;
    p->program = parser_program(arena);
    p->count = options->processes ? options->processes : cpus > 0 ? (unsigned)cpus : 1;
    if (p->count > PROCESSES_MAX)
        p->count = PROCESSES_MAX;
    if (options->keeper) {
        p->processes[0] = (struct process){ .pid = -1, .to = options->keeper, .from = options->keeper };
        p->count += p->count < 2;       /* it parses what is edited, another the rest */
    }
    return p;
}

uint64_t parser_identity(const struct parser *p)
{
    uint64_t parts[2] = { 0 };

    if (!p->program)
        return 0;
    parts[0] = inputs_stamp(p->program);
    for (size_t i = 0; i < p->options.model_count; i++) {
        parts[1] = inputs_stamp(p->options.models[i]);
        parts[0] = XXH3_64bits(parts, sizeof parts);
    }
    return parts[0];
}

/* ---- processes ---------------------------------------------------------------------------- */

static _Noreturn void become(const struct parser *p, int in, int out)
{
    const char *arguments[p->options.model_count + 2];
    size_t n = 0;

    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    arguments[n++] = p->program;
    for (size_t i = 0; i < p->options.model_count; i++)
        arguments[n++] = p->options.models[i];
    arguments[n] = NULL;
    signal(SIGPIPE, SIG_DFL);
    execv(p->program, (char *const *)arguments);
    _exit(127);
}

static const char *start(struct parser *p, struct process *process)
{
    int to[2], from[2];

    if (!p->program)
        return "the program 'chanleak-parse' is missing; it belongs beside chanleak, install both";
    signal(SIGPIPE, SIG_IGN);       /* a process that is gone is seen by what write says */
    if (pipe2(to, O_CLOEXEC))
        return arena_printf(p->arena, "cannot start '%s': %m", p->program);
    if (pipe2(from, O_CLOEXEC)) {
        close(to[0]);
        close(to[1]);
        return arena_printf(p->arena, "cannot start '%s': %m", p->program);
    }
    fflush(NULL);
    process->pid = fork();
    if (process->pid == 0)
        become(p, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    process->to = to[1];
    process->from = from[0];
    if (process->pid < 0) {
        process->pid = 0;
        close(to[1]);
        close(from[0]);
        return arena_printf(p->arena, "cannot start '%s': %m", p->program);
    }
    return NULL;
}

static void hang_up(struct process *process)
{
    if (process->to < 0)
        return;
    close(process->to);
    if (process->pid > 0)       /* the keeper's is one socket */
        close(process->from);
    process->to = process->from = -1;
}

/* How a process that is gone ended. */
static const char *stop(struct parser *p, struct process *process)
{
    int status = 0;

    if (!process->pid)
        return "";
    hang_up(process);
    if (process->pid < 0) {
        *process = (struct process){ 0 };
        return "chanleak-parse ended";
    }
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
        ;
    process->pid = 0;
    process->job = NULL;
    if (WIFSIGNALED(status))
        return arena_printf(p->arena, "libclang crashed on it: %s", strsignal(WTERMSIG(status)));
    return arena_printf(p->arena, "chanleak-parse ended with status %d", WEXITSTATUS(status));
}

void parser_free(struct parser *p)
{
    for (unsigned i = 0; p && i < p->count; i++)
        stop(p, &p->processes[i]);
}

void parser_dismiss(struct parser *p)
{
    for (unsigned i = 0; i < p->count; i++)
        if (p->processes[i].pid)
            hang_up(&p->processes[i]);
}

void parser_prepare(struct parser *p)
{
    if (!p->processes[0].pid)
        start(p, &p->processes[0]);     /* why it cannot be started is said when it is asked */
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* libclang can be told of texts, not of files that are not there. */
static uint64_t texts_of(const struct parser *p)
{
    uint64_t count = 0;

    for (size_t i = 0; i < p->options.overlay_count; i++)
        count += p->options.overlay[i].text != NULL;
    return count;
}

static bool ask_for(const char *word, const struct parser *p, struct process *process, struct parse_job *job,
                    struct arena *scratch)
{
    struct message m = { .arena = scratch };

    message_add_string(&m, word);
    message_add_string(&m, job->file);
    message_add_string(&m, job->directory);
    message_add_number(&m, job->argument_count);
    for (uint32_t i = 0; i < job->argument_count; i++)
        message_add_string(&m, job->arguments[i]);
    message_add_number(&m, texts_of(p));
    for (size_t i = 0; i < p->options.overlay_count; i++) {
        if (!p->options.overlay[i].text)
            continue;
        message_add_string(&m, p->options.overlay[i].path);
        message_add_string(&m, p->options.overlay[i].text);
    }
    process->job = job;
    job->started = inputs_now();
    return message_write(process->to, &m);
}

static bool ask(const struct parser *p, struct process *process, struct parse_job *job, struct arena *scratch)
{
    return ask_for(process->pid < 0 ? PARSE_KEPT : PARSE_UNIT, p, process, job, scratch);
}

static bool answer(struct parser *p, struct process *process)
{
    struct message m = { .arena = p->arena };
    struct message_reader r = { .message = &m };
    struct parse_job *job = process->job;

    if (!message_read(process->from, &m))
        return false;
    job->error = message_next_string(&r);
    job->warning = message_next_string(&r);
    job->include_count = (uint32_t)message_next_number(&r);
    job->includes = ARENA_ARRAY(p->arena, const char *, job->include_count);
    for (uint32_t i = 0; i < job->include_count; i++)
        job->includes[i] = message_next_string(&r);
    job->flow = message_next(&r);
    process->job = NULL;
    return true;
}

static void finish(const struct parser *p, const struct parse_job *job)
{
    if (p->options.parsed)
        p->options.parsed(p->options.self, job);
}

/* A process that crashed is replaced, and the unit is parsed alone. */
static const char *retry(struct parser *p, struct process *process, struct parse_job *job)
{
    for (int try = 1; try < TRIES; try++) {
        struct arena *scratch = arena_new();
        const char *error = start(p, process);
        bool answered = !error && ask(p, process, job, scratch) && answer(p, process);

        arena_free(scratch);
        if (error)
            return error;
        if (answered)
            return NULL;
        job->error = arena_printf(p->arena, "%s:1:1: error: %s", job->file, stop(p, process));
    }
    return NULL;
}

static bool is_overlaid(const struct parser *p, const struct parse_job *job)
{
    for (size_t i = 0; i < p->options.overlay_count; i++)
        if (!strcmp(p->options.overlay[i].path, job->file))
            return true;
    return false;
}

/* The next job for a process, as many as are left of them: those that are edited are the keeper's, if there is one. */
static struct parse_job *next_job(struct parser *p, const struct process *process, struct parse_job *jobs,
                                  uint32_t count)
{
    bool shared = p->processes[0].pid < 0;

    while (p->first < count && jobs[p->first].started)
        p->first++;
    for (uint32_t i = p->first; i < count; i++)
        if (!jobs[i].started && (!shared || is_overlaid(p, &jobs[i]) == (process->pid < 0)))
            return &jobs[i];
    return NULL;
}

static const char *hand_out(struct parser *p, struct parse_job *jobs, uint32_t count)
{
    const char *error = NULL;

    for (unsigned i = 0; i < p->count && !error; i++) {
        struct process *process = &p->processes[i];
        struct parse_job *job = process->job ? NULL : next_job(p, process, jobs, count);
        struct arena *scratch;

        if (!job)
            continue;
        if (!process->pid && (error = start(p, process)))
            break;
        scratch = arena_new();
        ask(p, process, job, scratch);      /* when it is gone, poll says so */
        arena_free(scratch);
    }
    return error;
}

static const char *take_in(struct parser *p, uint32_t *done)
{
    struct pollfd fds[PROCESSES_MAX];
    const char *error = NULL;

    for (unsigned i = 0; i < p->count; i++)
        fds[i] = (struct pollfd){ p->processes[i].job ? p->processes[i].from : -1, POLLIN, 0 };
    if (poll(fds, p->count, -1) < 0)
        return errno == EINTR ? NULL : arena_printf(p->arena, "cannot wait for chanleak-parse: %m");
    for (unsigned i = 0; i < p->count && !error; i++) {
        struct process *process = &p->processes[i];
        struct parse_job *job = process->job;

        if (!fds[i].revents)
            continue;
        if (!answer(p, process)) {
            stop(p, process);
            error = retry(p, process, job);
        }
        (*done)++;
        finish(p, job);
    }
    return error;
}

void parser_begin(struct parser *p, struct parse_job *jobs, uint32_t count)
{
    p->first = 0;
    hand_out(p, jobs, count);           /* likewise */
}

const char *parser_run(struct parser *p, struct parse_job *jobs, uint32_t count)
{
    uint32_t done = 0;
    const char *error = NULL;

    p->first = 0;
    while (done < count && !error) {
        error = hand_out(p, jobs, count);
        if (!error)
            error = take_in(p, &done);
    }
    return error;
}

const char *parser_about(struct parser *p, const char **build, const char **version)
{
    struct process *process = &p->processes[0];
    struct message m = { .arena = p->arena };
    struct message_reader r = { .message = &m };
    const char *error = process->pid ? NULL : start(p, process);

    if (error)
        return error;
    message_add_string(&m, PARSE_ABOUT);
    if (!message_write(process->to, &m) || !message_read(process->from, &m))
        return stop(p, process);
    *build = message_next_string(&r);
    *version = message_next_string(&r);
    *build = *build ? *build : "";
    *version = *version ? *version : "";
    return NULL;
}

struct models *parser_models(struct parser *p, const char **error)
{
    struct process *process = &p->processes[0];
    struct message m = { .arena = p->arena };
    struct message_reader r = { .message = &m };
    struct models *models;

    *error = process->pid ? NULL : start(p, process);
    if (*error)
        return NULL;
    message_add_string(&m, PARSE_MODELS);
    if (!message_write(process->to, &m) || !message_read(process->from, &m)) {
        *error = stop(p, process);
        return NULL;
    }
    *error = message_next_string(&r);
    if (*error)
        return NULL;
    models = models_unpack(&r, p->arena);
    if (!models)
        *error = "chanleak-parse is of another build than chanleak, install both";
    return models;
}

bool parser_outline(struct parser *p, struct parse_job *job, struct outline *outline)
{
    struct process *process = &p->processes[0];
    struct message m = { .arena = p->arena };
    struct message_reader r = { .message = &m };

    job->error = process->pid ? NULL : start(p, process);
    if (job->error)
        return false;
    if (!ask_for(PARSE_OUTLINE, p, process, job, p->arena) || !message_read(process->from, &m)) {
        job->error = stop(p, process);
        return false;
    }
    process->job = NULL;
    job->error = message_next_string(&r);
    if (!job->error && !outline_unpack(&r, outline))
        job->error = "chanleak-parse is of another build than chanleak, install both";
    return !job->error;
}
