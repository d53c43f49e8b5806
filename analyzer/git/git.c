#include "git.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes.h"
#include "flags.h"
#include "paths.h"

enum { ARGUMENTS_MAX = 24 };

/* ---- running it ------------------------------------------------------------------------- */

static _Noreturn void become(const char *const *words, int in, int out, int errors)
{
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    setenv("GIT_OPTIONAL_LOCKS", "0", 1);
    setenv("LC_ALL", "C", 1);
    execvp("git", (char *const *)words);
    fputs("cannot run git", stderr);
    _exit(127);
}

static struct bytes read_all(int from, struct arena *arena)
{
    char *data = NULL;
    size_t size = 0, capacity = 0;

    for (;;) {
        ssize_t n;

        if (size + 1 >= capacity) {
            size_t larger = capacity ? capacity * 2 : 16384;

            data = arena_grow(arena, data, size, larger);
            capacity = larger;
        }
        n = read(from, data + size, capacity - size - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        size += (size_t)n;
    }
    data[size] = '\0';
    return (struct bytes){ data, size };
}

/* The first line of what git has complained of. */
static const char *complaint(int errors, struct arena *arena)
{
    const char *text;

    lseek(errors, 0, SEEK_SET);
    text = (const char *)read_all(errors, arena).data;
    if (!strncmp(text, "fatal: ", 7))
        text += 7;
    return arena_printf(arena, "%.*s", (int)strcspn(text, "\n"), text);
}

/* A file in memory that holds the text, to be read from its beginning; -1: errno. */
static int file_of(const char *text)
{
    int file = memfd_create("chanleak", MFD_CLOEXEC);
    size_t size = strlen(text);

    if (file < 0 || (write(file, text, size) == (ssize_t)size && lseek(file, 0, SEEK_SET) == 0))
        return file;
    close(file);
    return -1;
}

/* Let git run and end; what it prints, with a zero behind it. NULL data: it could not be started, see errno. */
static struct bytes output_of(const char *const *words, int in, int errors, int *status, struct arena *arena)
{
    struct bytes result = { 0 };
    int out[2];
    pid_t pid;

    if (pipe2(out, O_CLOEXEC))
        return result;
    fflush(NULL);
    pid = fork();
    if (pid == 0)
        become(words, in, out[1], errors);
    close(out[1]);
    if (pid > 0)
        result = read_all(out[0], arena);
    close(out[0]);
    while (pid > 0 && waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
    return result;
}

/* What `git words...` prints; `input` comes to it on standard input. NULL data: it failed, and *error says how.
 * Standard input is a file, so that neither side waits for the other. */
static struct bytes run(struct arena *arena, const char *const *words, const char *input, const char **error)
{
    int in = file_of(input), errors = file_of(""), status = 0;
    struct bytes result = in < 0 || errors < 0 ? (struct bytes){ 0 } : output_of(words, in, errors, &status, arena);

    if (!result.data)
        *error = arena_printf(arena, "cannot run git: %m");
    else if (status != 0)
        *error = arena_printf(arena, "git %s: %s", words[1], complaint(errors, arena));
    if (in >= 0)
        close(in);
    if (errors >= 0)
        close(errors);
    return status ? (struct bytes){ 0 } : result;
}

/* The same with git->error; words end with NULL. */
static struct bytes ask(struct git *git, const char *const *words, const char *input)
{
    if (git->error)
        return (struct bytes){ 0 };
    return run(git->arena, words, input, &git->error);
}

static const char *first_line(struct arena *arena, struct bytes text)
{
    return arena_printf(arena, "%.*s", (int)strcspn((const char *)text.data, "\n"), (const char *)text.data);
}

/* ---- where, and which ---------------------------------------------------------------------- */

bool git_open(struct git *git, struct arena *arena, const char **error)
{
    static const char *const words[] = { "git", "rev-parse", "--show-toplevel", NULL };
    struct bytes top;

    *git = (struct git){ .arena = arena };
    top = run(arena, words, "", error);
    if (!top.data)
        return false;
    git->top = first_line(arena, top);
    return true;
}

const char *git_commit(struct git *git, const char *revision)
{
    const char *words[] = { "git", "rev-parse", "--verify", "--quiet", "--end-of-options",
                            arena_printf(git->arena, "%s^{commit}", revision), NULL };
    const char *error = NULL;
    struct bytes name = run(git->arena, words, "", &error);

    /* git 2.39 prints --end-of-options itself */
    if (name.data && !strncmp((const char *)name.data, "--end-of-options\n", 17))
        return first_line(git->arena, (struct bytes){ (const char *)name.data + 17, name.size - 17 });
    return name.data ? first_line(git->arena, name) : NULL;
}

const char **git_merge_heads(struct git *git)
{
    static const char *const words[] = { "git", "rev-parse", "--git-path", "MERGE_HEAD", NULL };
    struct bytes path = ask(git, words, "");
    const char **list = NULL;
    uint32_t count = 0, capacity = 0;
    FILE *in = path.data ? fopen(first_line(git->arena, path), "r") : NULL;
    char name[128];

    while (in && fscanf(in, "%127s", name) == 1)
        ARENA_PUSH(git->arena, list, count, capacity) = arena_strdup(git->arena, name);
    if (in)
        fclose(in);
    ARENA_PUSH(git->arena, list, count, capacity) = NULL;
    return list;
}

const char *git_hook(struct git *git, const char *name)
{
    const char *words[] = { "git", "-C", git->top, "rev-parse", "--git-path",
                            arena_printf(git->arena, "hooks/%s", name), NULL };
    struct bytes path = ask(git, words, "");

    return path.data ? path_absolute(git->top, first_line(git->arena, path), git->arena) : NULL;
}

/* ---- which files ------------------------------------------------------------------------------ */

static const char *absolute(const struct git *git, const char *path)
{
    return arena_printf(git->arena, "%s/%s", git->top, path);
}

/* ":100644 100755 OLD NEW R100", and the one or two paths behind it, each ended by a zero. */
static const char *read_change(const struct git *git, const char *at, struct git_changes *changes)
{
    struct git_change c = { 0 };
    char old_blob[80], blob[80];

    if (sscanf(at, ":%o %o %79s %79s %c", &c.old_mode, &c.mode, old_blob, blob, &c.status) != 5)
        return NULL;
    c.old_blob = arena_strdup(git->arena, old_blob);
    c.blob = arena_strdup(git->arena, blob);
    at += strlen(at) + 1;
    c.path = c.old_path = absolute(git, at);
    at += strlen(at) + 1;
    if (c.status == 'R') {
        c.path = absolute(git, at);
        at += strlen(at) + 1;
    }
    ARENA_PUSH(git->arena, changes->list, changes->count, changes->capacity) = c;
    return at;
}

/* As `git diff --raw -z words...` has them; *rest: what follows. */
static struct git_changes read_changes(const struct git *git, struct bytes text, const char **rest)
{
    const char *at = (const char *)text.data, *end = at + text.size;
    struct git_changes changes = { 0 };

    while (at && at < end && *at == ':')
        at = read_change(git, at, &changes);
    *rest = at && at < end ? at : NULL;
    return changes;
}

#define DIFF "git", "diff", "--raw", "-z", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-relative", "--no-color"

static struct git_changes diff(struct git *git, const char *const *words)
{
    struct bytes text = ask(git, words, "");
    const char *rest;

    return text.data ? read_changes(git, text, &rest) : (struct git_changes){ 0 };
}

struct git_changes git_staged(struct git *git, const char *commit)
{
    const char *words[ARGUMENTS_MAX] = { DIFF, "-M", "--cached", commit };

    return diff(git, words);
}

struct git_changes git_unstaged(struct git *git, const char *commit, bool renames)
{
    const char *words[ARGUMENTS_MAX] = { DIFF, renames ? "-M" : "--no-renames", "--ignore-submodules=dirty", commit };

    return diff(git, words);
}

const char **git_untracked(struct git *git)
{
    const char *words[] = { "git", "-C", git->top, "ls-files", "--others", "--exclude-standard", "-z", NULL };
    struct bytes text = ask(git, words, "");
    const char **list = NULL;
    uint32_t count = 0, capacity = 0;

    for (size_t at = 0; at < text.size; at += strlen((const char *)text.data + at) + 1)
        ARENA_PUSH(git->arena, list, count, capacity) = absolute(git, (const char *)text.data + at);
    ARENA_PUSH(git->arena, list, count, capacity) = NULL;
    return list;
}

/* ---- which lines ---------------------------------------------------------------------------------- */

/* "@@ -1,2 +3,4 @@" */
static void read_hunk(const struct git *git, const char *at, struct git_lines *lines)
{
    struct git_hunk hunk = { 0, 1 };
    char *end;

    at = strchr(at, '+');
    if (!at)
        return;
    hunk.from = (uint32_t)strtoul(at + 1, &end, 10);
    if (*end == ',')
        hunk.count = (uint32_t)strtoul(end + 1, NULL, 10);
    ARENA_PUSH(git->arena, lines->hunks, lines->count, lines->capacity) = hunk;
}

/* The patch has a part for each of the changes, in their order: its file names need not be read. A line of
 * contents begins with +, - or \. */
static void read_patch(const struct git *git, const char *at, struct git_lines *lines, uint32_t count)
{
    struct git_lines *current = NULL;
    uint32_t next = 0;

    for (; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
        if (!strncmp(at, "diff --git ", 11))
            current = next < count ? &lines[next++] : NULL;
        else if (!strncmp(at, "@@ ", 3) && current)
            read_hunk(git, at, current);
    }
}

/* Of the patch: a file that becomes a link is removed and made; an unmerged one has none. */
static unsigned parts_of(char status)
{
    return status == 'T' ? 2 : status == 'U' ? 0 : 1;
}

struct git_lines *git_changed_lines(struct git *git, const char *commit, bool staged, uint32_t *count)
{
    const char *words[ARGUMENTS_MAX] = { DIFF, "--patch", "-U0", "--inter-hunk-context=0", "--submodule=short",
                                         "-M", "--ignore-submodules=dirty", commit,
                                         staged ? "--cached" : NULL };
    struct bytes text = ask(git, words, "");
    struct git_lines *lines = NULL;
    struct git_changes changes;
    uint32_t capacity = 0;
    const char *rest;

    *count = 0;
    if (!text.data)
        return NULL;
    changes = read_changes(git, text, &rest);
    for (uint32_t i = 0; i < changes.count; i++)
        for (unsigned k = 0; k < parts_of(changes.list[i].status); k++)
            ARENA_PUSH(git->arena, lines, *count, capacity) = (struct git_lines){ .path = changes.list[i].path };
    read_patch(git, rest ? rest + (*rest == '\0') : NULL, lines, *count);
    for (const char **u = staged ? NULL : git_untracked(git); u && *u; u++)
        ARENA_PUSH(git->arena, lines, *count, capacity) = (struct git_lines){ .path = *u, .whole = true };
    return lines;
}

/* ---- what is in them -------------------------------------------------------------------------------- */

const char **git_texts(struct git *git, const char *const *blobs, uint32_t count)
{
    static const char *const words[] = { "git", "cat-file", "--batch", NULL };
    const char **texts = ARENA_ARRAY(git->arena, const char *, count + 1);
    struct bytes all = count ? ask(git, words, words_join(blobs, count, git->arena)) : (struct bytes){ 0 };
    const char *at = (const char *)all.data, *end = at ? at + all.size : NULL;

    /* "NAME blob SIZE\n", the contents, "\n"; or "NAME missing\n" */
    for (uint32_t i = 0; i < count && at && at < end; i++) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        char header[128], type[16];
        size_t size;

        if (!line)
            break;
        snprintf(header, sizeof header, "%.*s", (int)(line - at), at);
        if (sscanf(header, "%*s %15s %zu", type, &size) != 2 || size > (size_t)(end - line - 1)) {
            at = line + 1;
            continue;
        }
        if (!strcmp(type, "blob"))
            texts[i] = arena_printf(git->arena, "%.*s", (int)size, line + 1);
        at = line + 1 + size + 1;
    }
    return texts;
}
