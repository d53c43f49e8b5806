#include "output.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
    FILE *file;
    char *path;             /* where it goes, links followed; NULL: it is written there at once */
    char *temporary;        /* beside it: a rename within a file system is atomic (POSIX) */
};

/* For the signal handler. */
static const char *volatile pending;

static mode_t mode_of(const char *path)
{
    struct stat info;
    mode_t mask;

    if (stat(path, &info) == 0)
        return info.st_mode & 0777;
    mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* realpath, for a file that need not exist yet */
static char *resolve(const char *path)
{
    char *real = realpath(path, NULL);

    return real || errno != ENOENT ? real : strdup(path);
}

static FILE *open_temporary(struct output *o)
{
    char *copy = strdup(o->path);
    int file = -1;

    if (copy && asprintf(&o->temporary, "%s/.chanleak-XXXXXX", dirname(copy)) > 0)
        file = mkstemp(o->temporary);
    free(copy);
    if (file < 0)
        return NULL;
    pending = o->temporary;
    fchmod(file, mode_of(o->path));
    return fdopen(file, "w");
}

static void release(struct output *o)
{
    pending = NULL;
    free(o->path);
    free(o->temporary);
    free(o);
}

/* Sets errno when a file of that name cannot be written, or would only be found to be wrong in the end. */
static bool is_possible(const char *path, bool exists)
{
    size_t size = strlen(path);

    if (exists)
        return access(path, W_OK) == 0;
    errno = size && path[size - 1] == '/' ? EISDIR : ENOENT;
    return size && path[size - 1] != '/';
}

struct output *output_open(const char *path)
{
    struct output *o = calloc(1, sizeof *o);
    struct stat info;
    bool exists = stat(path, &info) == 0;
    int error;

    if (!o)
        return NULL;
    if (is_possible(path, exists) && (!exists || S_ISREG(info.st_mode))) {
        o->path = resolve(path);
        o->file = o->path ? open_temporary(o) : NULL;
    }
    /* A folder where nothing can be made may hold a file that can be written. */
    if (!o->file && exists && is_possible(path, true)) {
        free(o->path);
        o->path = NULL;
        o->file = fopen(path, "w");
    }
    if (o->file)
        return o;
    error = errno;
    release(o);
    errno = error;
    return NULL;
}

FILE *output_file(struct output *o)
{
    return o->file;
}

bool output_close(struct output *o, bool keep)
{
    bool fine = !ferror(o->file) && fflush(o->file) == 0;
    int error = errno;

    if (fclose(o->file) != 0 && fine) {
        fine = false;
        error = errno;
    }
    if (o->path && fine && keep && rename(o->temporary, o->path) != 0) {
        fine = false;
        error = errno;
    }
    if (o->path && !(fine && keep))
        unlink(o->temporary);
    release(o);
    errno = error;
    return fine;
}

void output_interrupted(void)
{
    if (pending)
        unlink(pending);
}
