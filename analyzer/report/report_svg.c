/* Pictures by Graphviz. Its program `dot` is run where a picture is asked for: laying out graphs well (Gansner,
 * Koutsofios, North and Vo, "A technique for drawing directed graphs", 1993) is not for us to do again, and its
 * library would load 30 more (Pango, Cairo, X) with every run. */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { SECONDS_MOST = 60, POLL_MILLISECONDS = 2 };

/* Light or dark, in a page and by itself. */
static const char style[] =
"<style>\n"
"svg{background:#fff}text{fill:#1f2328}.node path,.node polygon,.node ellipse{fill:#f6f8fa;stroke:#59636e}\n"
".object ellipse{fill:#ddf4ff;stroke:#0969da}.edge path{stroke:#59636e}.edge polygon{fill:#59636e;stroke:#59636e}\n"
".spawn path{stroke:#8250df}.spawn polygon{fill:#8250df;stroke:#8250df}.cluster polygon{fill:none;stroke:#d1d9e0}\n"
"@media(prefers-color-scheme:dark){svg{background:#0d1117}text{fill:#e6edf3}.node path,.node polygon,.node ellipse{fill:#161b22;stroke:#9198a1}\n"
".object ellipse{fill:#0c2d4a;stroke:#4493f8}.edge path{stroke:#9198a1}.edge polygon{fill:#9198a1;stroke:#9198a1}\n"
".spawn path{stroke:#ab7df8}.spawn polygon{fill:#ab7df8;stroke:#ab7df8}.cluster polygon{stroke:#3d444d}}\n"
"</style>\n";

static bool fill(int file, const char *text)
{
    for (size_t left = strlen(text); left;) {
        ssize_t n = write(file, text, left);

        if (n < 0)
            return false;
        text += n;
        left -= (size_t)n;
    }
    return lseek(file, 0, SEEK_SET) == 0;
}

/* A graph that is too much for it is given up. Returns as waitpid's status, or -1. */
static int wait_for(pid_t child)
{
    struct timespec pause = { .tv_nsec = POLL_MILLISECONDS * 1000000L };
    int status;

    for (int i = 0; i < SECONDS_MOST * 1000 / POLL_MILLISECONDS; i++) {
        pid_t done = waitpid(child, &status, WNOHANG);

        if (done == child)
            return status;
        if (done < 0 && errno != EINTR)
            return -1;
        nanosleep(&pause, NULL);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -1;
}

static const char *run_dot(int in, int out, struct arena *arena)
{
    posix_spawn_file_actions_t actions;
    char *arguments[] = { "dot", "-Tsvg", NULL };
    pid_t child;
    int error, status;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    error = posix_spawnp(&child, "dot", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT)
        return "a picture needs Graphviz's program 'dot', which is not there (apt-get install graphviz)";
    if (error)
        return arena_printf(arena, "cannot run 'dot': %s", strerror(error));
    status = wait_for(child);
    return status == 0 ? NULL : "Graphviz's program 'dot' could not draw the picture";
}

static char *read_all(int file, struct arena *arena)
{
    off_t size = lseek(file, 0, SEEK_END);
    char *text = arena_alloc(arena, size > 0 ? (size_t)size + 1 : 1);

    if (size > 0 && pread(file, text, (size_t)size, 0) != size)
        *text = 0;
    return text;
}

/* dot numbers nodes in each picture from 1: names of several pictures in one page would be the same. */
static void strip_ids(char *text)
{
    for (char *end; (text = strstr(text, " id=\"")) && (end = strchr(text + strlen(" id=\""), '"'));)
        memmove(text, end + 1, strlen(end + 1) + 1);
}

static uint32_t split(char *text, const char ***svgs, struct arena *arena)
{
    uint32_t count = 0, capacity = 0;
    char *end;

    *svgs = NULL;
    strip_ids(text);
    while ((text = strstr(text, "<svg")) && (end = strstr(text, "</svg>"))) {
        end += strlen("</svg>");
        ARENA_PUSH(arena, *svgs, count, capacity) = arena_printf(arena, "%.*s", (int)(end - text), text);
        text = end;
    }
    return count;
}

uint32_t report_draw(const char *dot, const char ***svgs, struct arena *arena, const char **error)
{
    int in = memfd_create("dot", MFD_CLOEXEC), out = memfd_create("svg", MFD_CLOEXEC);
    uint32_t count = 0;

    if (in < 0 || out < 0 || !fill(in, dot))
        *error = arena_printf(arena, "cannot draw: %s", strerror(errno));
    else
        *error = run_dot(in, out, arena);
    if (!*error)
        count = split(read_all(out, arena), svgs, arena);
    if (!*error && !count)
        *error = "Graphviz's program 'dot' has drawn nothing";
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return count;
}

static const char *dot_of(const struct report_program *programs, uint32_t count, struct arena *arena)
{
    char *bytes = NULL;
    size_t size;
    FILE *out = open_memstream(&bytes, &size);
    const char *text;

    if (!out)
        abort();
    if (count == 1) {
        report_graph(programs->flow, programs->name, out);
    } else {
        fputs("digraph programs {\n" REPORT_GRAPH_STYLE, out);
        for (uint32_t i = 0; i < count; i++)
            report_graph_part(programs[i].flow, programs[i].name, i, out);
        fputs("}\n", out);
    }
    fclose(out);
    text = arena_strdup(arena, bytes);
    free(bytes);
    return text;
}

bool report_svg(const struct report_program *programs, uint32_t count, FILE *out, struct arena *arena, const char **error)
{
    const char **svgs, *rest;

    if (!report_draw(dot_of(programs, count, arena), &svgs, arena, error))
        return false;
    rest = strchr(svgs[0], '>') + 1;
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n%.*s\n%s%s\n", (int)(rest - svgs[0]), svgs[0], style, rest);
    return true;
}
