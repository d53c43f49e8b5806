#define _GNU_SOURCE
#include "check.h"

#include <ctype.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef RT_VALGRIND
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#if defined(__SANITIZE_THREAD__)
#define SLOWER 40
#elif defined(__SANITIZE_ADDRESS__)
#define SLOWER 4
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SLOWER 40
#elif __has_feature(address_sanitizer)
#define SLOWER 4
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

extern char **environ;
static const char *program;

int scaled(int n)
{
    int slower = RUNNING_ON_VALGRIND ? 50 : SLOWER;

    return n / slower > 0 ? n / slower : 1;
}

bool sanitized(void)
{
    return SLOWER > 1;
}

int64_t now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * TASK_SECOND + ts.tv_nsec;
}

static size_t count_blocked(void)
{
    char *text = NULL, *at;
    size_t size, blocked = 0;
    FILE *out = open_memstream(&text, &size);

    task_dump_full(out);
    fclose(out);
    for (at = text; (at = strstr(at, "task ")) != NULL; at++) {
        const char *state = strchr(at, '[');

        if (at == text || at[-1] == '\n')
            blocked += state && strncmp(state, "[runn", 5) != 0;
    }
    free(text);
    return blocked;
}

void wait_until_blocked(size_t tasks)
{
    int64_t end = now() + 10 * TASK_SECOND;

    while (count_blocked() != tasks) {
        if (now() > end)
            fail_msg("%zu tasks blocked instead of %zu", count_blocked(), tasks);
        task_sleep(MS);
    }
}

void check_scenarios(int argc, char **argv, const struct scenario *scenarios)
{
    program = argv[0];
    if (argc < 3 || strcmp(argv[1], "--scenario") != 0)
        return;
    for (const struct scenario *s = scenarios; s->name; s++) {
        if (strcmp(s->name, argv[2]) == 0) {
            s->run();
            exit(0);
        }
    }
    fprintf(stderr, "no scenario '%s'\n", argv[2]);
    exit(99);
}

static char **with_environment(const char *env1, const char *env2)
{
    size_t n = 0;
    char **env;

    while (environ[n])
        n++;
    env = calloc(n + 3, sizeof *env);
    memcpy(env + 2, environ, n * sizeof *env);
    /* The first of two equal names is what getenv finds. */
    env[0] = (char *)(env1 ? env1 : "CHECK=1");
    env[1] = (char *)(env2 ? env2 : "CHECK=1");
    return env;
}

static void read_all(int fd, char *text, size_t room)
{
    size_t used = 0;
    ssize_t n;

    while (used + 1 < room && (n = read(fd, text + used, room - 1 - used)) > 0)
        used += (size_t)n;
    text[used] = '\0';
}

struct ended check_child(const char *name, const char *env1, const char *env2)
{
    char *argv[] = { (char *)program, "--scenario", (char *)name, NULL };
    char **env = with_environment(env1, env2);
    posix_spawn_file_actions_t actions;
    struct ended ended;
    int pipe_fds[2];
    pid_t pid;

    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDERR_FILENO);
    assert_int_equal(posix_spawn(&pid, program, &actions, NULL, argv, env), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_fds[1]);
    read_all(pipe_fds[0], ended.err, sizeof ended.err);
    close(pipe_fds[0]);
    assert_int_equal(waitpid(pid, &ended.status, 0), pid);
    free(env);
    return ended;
}

const char *check_headings(char *text)
{
    char *to = text, *line = text;

    while (*line) {
        char *end = strchrnul(line, '\n');
        size_t length = (size_t)(end - line) + (*end == '\n');

        if (*line != ' ') {
            memmove(to, line, length);
            to += length;
        }
        line += length;
    }
    *to = '\0';
    return text;
}

static int line_of(const char *file, const char *mark, size_t length)
{
    FILE *in = fopen(file, "r");
    char line[512], comment[64];
    int number = 0, found = 0;

    assert_non_null(in);
    snprintf(comment, sizeof comment, "/* %.*s */", (int)length, mark);
    while (!found && fgets(line, sizeof line, in)) {
        number++;
        if (strstr(line, comment))
            found = number;
    }
    fclose(in);
    if (!found)
        fail_msg("no %s in %s", comment, file);
    return found;
}

const char *check_places(const char *file, const char *text)
{
    static char result[8192];
    size_t used = 0;

    while (*text) {
        size_t length = 1;

        if (*text != '@') {
            result[used++] = *text++;
            continue;
        }
        while (isalnum((unsigned char)text[length]) || text[length] == '_')
            length++;
        used += (size_t)snprintf(result + used, sizeof result - used, "%s:%d", file,
                                 line_of(file, text, length));
        text += length;
    }
    result[used] = '\0';
    return result;
}
