/* init: what a project needs once; with --hook, git asks chanleak before each commit. Run again it changes nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "git.h"
#include "paths.h"
#include "session.h"

static const char configuration[] =
"# What chanleak does in this project. Everything here is optional; `chanleak config show` tells what holds.\n"
"# Paths are relative to this file.\n"
"\n"
"# The folder of compile_commands.json (cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, or bear -- make).\n"
"#database: build\n"
"\n"
"# Rules: off, on, or of another severity: error, warning, note. `chanleak rules` lists them.\n"
"#rules:\n"
"#  polling-select: off\n"
"#  close-by-receiver: warning\n"
"\n"
"# Files of which nothing is said: folders, names, patterns.\n"
"#exclude: [third_party/, 'gen_*.c']\n"
"\n"
"# Functions of tasks that may live for ever.\n"
"#daemons: [janitor, 'log_*']\n"
"\n"
"# Functions that code outside of the project calls: explorations start there, too.\n"
"#roots: [on_request]\n"
"\n"
"# Headers that say what the functions of a library mean.\n"
"#models: [lint/model.h]\n";

/* What was there before runs first, with the same arguments. */
static const char hook_mark[] = "# chanleak init --hook:";
static const char hook_text[] =
"#!/bin/sh\n"
"%s tasks that would leak are not committed.\n"
"# Go past it once with: git commit --no-verify\n"
"before=\"$(dirname \"$0\")/pre-commit.before-chanleak\"\n"
"if [ -x \"$before\" ]; then\n"
"    \"$before\" \"$@\" || exit\n"
"fi\n"
"PATH=\"$PATH\":%s\n"
"if ! command -v chanleak >/dev/null; then\n"
"    echo \"chanleak is not installed here: install it, or remove $0\" >&2\n"
"    exit 1\n"
"fi\n"
"exec chanleak check --staged\n";

static bool cannot(struct session *session, const char *path)
{
    session_complain(arena_printf(session->arena, "cannot write '%s': %s", source_path(path, session->arena),
                                  strerror(errno)));
    return false;
}

/* All of it or nothing: a hook that was cut short would do half of what it says. */
static bool write_file(struct session *session, const char *path, const char *text, mode_t mode)
{
    const char *fresh = arena_printf(session->arena, "%s.%ld", path, (long)getpid());
    int file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    size_t size = strlen(text);
    bool fine = file >= 0 && write(file, text, size) == (ssize_t)size;

    if (file >= 0)
        fine = close(file) == 0 && fine;
    if (fine && rename(fresh, path) == 0)
        return true;
    cannot(session, path);
    unlink(fresh);
    return false;
}

/* ---- the project ------------------------------------------------------------------------- */

static bool write_configuration(struct session *session)
{
    static const char name[] = ".chanleak.yaml";

    if (path_is_file(name)) {
        printf("%s is there already\n", name);
        return true;
    }
    if (!write_file(session, name, configuration, 0666))
        return false;
    printf("wrote %s\n", name);
    return true;
}

/* ---- the hook -------------------------------------------------------------------------------- */

/* The folder of this program, as one word of a shell. */
static const char *own_folder(struct arena *arena)
{
    char self[4096], *out;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    const char *folder;

    self[n > 0 ? n : 0] = '\0';
    folder = path_folder(self, arena);
    out = arena_strdup(arena, "'");
    for (; *folder; folder++)
        out = *folder == '\'' ? arena_printf(arena, "%s'\\''", out) : arena_printf(arena, "%s%c", out, *folder);
    return arena_printf(arena, "%s'", out);
}

static bool keep_hook(struct session *session, const char *hook)
{
    const char *before = arena_printf(session->arena, "%s.before-chanleak", hook);
    struct stat s;

    if (lstat(before, &s) == 0) {
        session_complain(arena_printf(session->arena, "'%s' is another hook, and '%s' is there, too: join them first",
                                      source_path(hook, session->arena), source_path(before, session->arena)));
        return false;
    }
    if (rename(hook, before))
        return cannot(session, before);
    printf("what was %s is now %s, and runs first\n", source_path(hook, session->arena),
           source_path(before, session->arena));
    return true;
}

static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    mkdir(path, 0777);
}

static bool write_hook(struct session *session)
{
    const char *error = NULL, *hook, *old, *text;
    struct stat s;
    struct git git;

    if (!git_open(&git, session->arena, &error) || !(hook = git_hook(&git, "pre-commit"))) {
        session_complain(error ? error : git.error);
        return false;
    }
    text = arena_printf(session->arena, hook_text, hook_mark, own_folder(session->arena));
    old = source_read(hook, session->arena);
    if (old && !strcmp(old, text)) {
        printf("%s is as it should be\n", source_path(hook, session->arena));
        return true;
    }
    if (lstat(hook, &s) == 0 && !(old && strstr(old, hook_mark)) && !keep_hook(session, hook))
        return false;
    make_folders(path_folder(hook, session->arena));
    if (!write_file(session, hook, text, 0777))
        return false;
    printf("wrote %s\n", source_path(hook, session->arena));
    return true;
}

enum status command_init(struct session *session)
{
    if (session->options->file_count)
        return session_complain("init takes no FILE");
    if (session->options->hook)
        return write_hook(session) ? STATUS_CLEAN : STATUS_FAILED;
    return write_configuration(session) ? STATUS_CLEAN : STATUS_FAILED;
}
