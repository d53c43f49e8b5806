/* demo: a small project with two leaks is written and checked, and what to do next is said. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "embedded.h"
#include "session.h"

static const char database_text[] =
    "[\n"
    "  {\"directory\": \".\", \"file\": \"search.c\", \"arguments\": [\"cc\", \"-std=gnu11\", \"-I.\", \"-c\", \"search.c\"]},\n"
    "  {\"directory\": \".\", \"file\": \"pipeline.c\", \"arguments\": [\"cc\", \"-std=gnu11\", \"-I.\", \"-c\", \"pipeline.c\"]}\n"
    "]\n";

/* A folder that holds nothing yet: the given one, or a new one. NULL: said. */
static const char *make_folder(struct session *session)
{
    const struct options *o = session->options;
    const char *parent = getenv("TMPDIR");
    char *path;

    if (o->file_count > 1) {
        session_complain(arena_printf(session->arena, "demo takes one folder, but '%s' was given too", o->files[1]));
        return NULL;
    }
    if (o->file_count) {
        path = arena_strdup(session->arena, o->files[0]);
        if (!mkdir(path, 0777) || (errno == EEXIST && !rmdir(path) && !mkdir(path, 0777)))
            return path;
    } else {
        path = arena_printf(session->arena, "%s/chanleak-demo-XXXXXX", parent && *parent ? parent : "/tmp");
        if (mkdtemp(path))
            return path;
    }
    session_complain(arena_printf(session->arena, "cannot make the folder '%s': %s; name one that does not exist", path,
                                  strerror(errno)));
    return NULL;
}

static bool write_file(struct session *session, const char *name, const char *text)
{
    FILE *out = fopen(name, "w");
    bool fine = out && fputs(text, out) >= 0;

    if (out)
        fine = fclose(out) == 0 && fine;
    if (!fine)
        session_complain(arena_printf(session->arena, "cannot write '%s': %s", name, strerror(errno)));
    return fine;
}

static bool write_project(struct session *session, const char *folder)
{
    if (chdir(folder)) {
        session_complain(arena_printf(session->arena, "cannot enter '%s': %s", folder, strerror(errno)));
        return false;
    }
    for (const struct embedded *file = embedded_demo; file->name; file++)
        if (!write_file(session, file->name, file->text))
            return false;
    return write_file(session, "compile_commands.json", database_text);
}

/* As if chanleak had been called in the folder, without options. */
static enum status check(struct session *session)
{
    const struct options *asked = session->options;
    struct options options = *asked;
    enum status status;

    options.command = commands;
    options.format = report_format_named("text");
    options.files = NULL;
    options.file_count = 0;
    options.no_config = true;
    options.config = NULL;
    session->options = &options;
    status = session_configure(session, &options) ? command_check(session) : STATUS_FAILED;
    session->options = asked;
    return status;
}

enum status command_demo(struct session *session)
{
    const char *folder = make_folder(session);
    enum status status;

    if (!folder || !write_project(session, folder))
        return STATUS_FAILED;
    printf("A small project with two leaks, in %s. This is what chanleak says of it:\n\n", folder);
    fflush(stdout);
    status = check(session);
    if (status == STATUS_FAILED)
        return status;
    printf("\n"
           "What to do next:\n"
           "\n"
           "  cd %s\n"
           "  chanleak check --trace=full         every step of these schedules\n"
           "  chanleak explain forgotten-sender   what that means, and how it is repaired\n"
           "  chanleak confirm                    run the programs along these schedules\n"
           "  chanleak query 'SELECT rule, file, line FROM findings'\n"
           "\n"
           "Repair search.c and pipeline.c as the lines that begin with help say, and run chanleak again.\n"
           "In a project of yours: cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, or bear -- make; then chanleak.\n", folder);
    return STATUS_CLEAN;
}
