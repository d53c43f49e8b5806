#include "lsp_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lsp_prove.h"

enum { CHUNK = 1 << 16 };

static _Noreturn void become(const struct lsp_request *request, int out, int errors, pid_t server)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);       /* what it finds is of use to the server alone */
    if (getppid() != server)
        _exit(0);
    dup2(errors, STDERR_FILENO);
    dup2(errors, STDOUT_FILENO);            /* that is the client's */
    (request->wanted ? lsp_prove : lsp_check)(request, out);
    _exit(0);
}

static json_t *versions_of(const struct lsp_documents *documents)
{
    json_t *versions = json_object();

    for (size_t i = documents->count; i-- > 0;)     /* of two that are one file the first one counts */
        json_object_set_new(versions, documents->list[i].path, json_integer(documents->list[i].version));
    return versions;
}

bool lsp_run_start(struct lsp_run *run, const struct lsp_request *request, double now)
{
    int out[2], errors[2];
    pid_t self = getpid();

    if (pipe2(out, O_CLOEXEC))
        return false;
    if (pipe2(errors, O_CLOEXEC)) {
        close(out[0]);
        close(out[1]);
        return false;
    }
    *run = (struct lsp_run){ .pid = fork(), .out = out[0], .errors = errors[0], .started = now, .heard = now,
                             .known = request->known,
                             .whole = !request->known && !request->file_count && !request->wanted };
    if (run->pid == 0)
        become(request, out[1], errors[1], self);
    close(out[1]);
    close(errors[1]);
    run->versions = versions_of(request->documents);
    if (run->pid > 0)
        return true;
    run->pid = 0;
    lsp_run_end(run);
    return false;
}

/* ---- what it says -------------------------------------------------------------------------------------- */

static void take_line(struct lsp_run *run, const char *line, size_t size, const char **progress)
{
    json_t *said = json_loadb(line, size, 0, NULL);
    const json_t *doing = json_object_get(said, "progress");

    if (!doing) {
        json_t **kept = json_object_get(said, "lenses") ? &run->lenses : &run->outcome;

        json_decref(*kept);
        *kept = said;
        return;
    }
    json_decref(run->doing);
    run->doing = said;
    *progress = json_string_value(doing);
}

static void take_lines(struct lsp_run *run, const char **progress)
{
    struct lsp_buffer *b = &run->lines;
    const char *end;

    while (lsp_buffer_size(b) && (end = memchr(b->data + b->at, '\n', lsp_buffer_size(b)))) {
        size_t size = (size_t)(end - (b->data + b->at));

        take_line(run, b->data + b->at, size, progress);
        lsp_buffer_drop(b, size + 1);
    }
}

void lsp_run_read(struct lsp_run *run, int fd, const char **progress)
{
    struct lsp_buffer *b = fd == run->out ? &run->lines : &run->said;
    ssize_t n = read(fd, lsp_buffer_room(b, CHUNK), CHUNK);

    *progress = NULL;
    if (n < 0 && errno == EINTR)
        return;
    if (n > 0) {
        b->size += (size_t)n;
        if (b == &run->lines)
            take_lines(run, progress);
        return;
    }
    close(fd);
    if (fd == run->out)
        run->out = -1;
    else
        run->errors = -1;
}

bool lsp_run_ended(const struct lsp_run *run)
{
    return run->pid && run->out < 0 && run->errors < 0;
}

char *lsp_run_trouble(struct lsp_run *run, struct arena *arena)
{
    static const char prefix[] = "chanleak: ";
    int status = 0;
    char *text;

    while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
        ;
    run->pid = 0;
    if (WIFSIGNALED(status))
        return arena_printf(arena, "the analysis crashed: %s", strsignal(WTERMSIG(status)));
    lsp_buffer_add(&run->said, "", 1);
    text = arena_strdup(arena, run->said.data + run->said.at);
    text[strcspn(text, "\n")] = '\0';
    if (!strncmp(text, prefix, strlen(prefix)))
        text += strlen(prefix);
    return *text ? text : run->told || run->known ? NULL : arena_strdup(arena, "the analysis ended without an outcome");
}

void lsp_run_end(struct lsp_run *run)
{
    if (run->pid) {
        kill(run->pid, SIGKILL);
        while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (run->out >= 0)
        close(run->out);
    if (run->errors >= 0)
        close(run->errors);
    lsp_buffer_free(&run->lines);
    lsp_buffer_free(&run->said);
    json_decref(run->outcome);
    json_decref(run->lenses);
    json_decref(run->doing);
    json_decref(run->versions);
    *run = (struct lsp_run){ .out = -1, .errors = -1 };
}
