#include "paths.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its names, behind those that lie from out up to `to`: where these end then. */
static char *add_part(char *out, char *to, const char *from)
{
    while (*from) {
        from += strspn(from, "/");
        size_t n = strcspn(from, "/");

        if (n == 2 && from[0] == '.' && from[1] == '.') {
            while (to > out && *--to != '/')
                ;
        } else if (n && !(n == 1 && *from == '.')) {
            *to++ = '/';
            memcpy(to, from, n);
            to += n;
        }
        from += n;
    }
    return to;
}

char *path_absolute(const char *directory, const char *path, struct arena *arena)
{
    const char *parts[] = { *path == '/' ? "" : directory, path };
    char *out = arena_alloc(arena, strlen(parts[0]) + strlen(path) + 3), *to = out;

    for (size_t i = 0; i < 2; i++)
        to = add_part(out, to, parts[i]);
    if (to == out)
        *to++ = '/';
    *to = 0;
    return out;
}

bool path_is_directory(const char *path)
{
    struct stat s;

    return !stat(path, &s) && S_ISDIR(s.st_mode);
}

bool path_is_file(const char *path)
{
    struct stat s;

    return !stat(path, &s) && S_ISREG(s.st_mode);
}

const char *path_last(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

const char *path_working_directory(struct arena *arena)
{
    char cwd[4096];

    return arena_strdup(arena, getcwd(cwd, sizeof cwd) ? cwd : "/");
}

char *path_folder(const char *path, struct arena *arena)
{
    const char *last = path_last(path);

    if (last == path)
        return arena_strdup(arena, ".");
    if (last == path + 1)
        return arena_strdup(arena, "/");
    return memcpy(arena_alloc(arena, (size_t)(last - path)), path, (size_t)(last - path - 1));
}
