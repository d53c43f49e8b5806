#include "paths.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *path_absolute(const char *directory, const char *path, struct arena *arena)
{
    char *whole = *path == '/' ? arena_strdup(arena, path)
                               : arena_printf(arena, "%s/%s", directory, path);
    char *out = arena_strdup(arena, whole), *to = out;

    for (const char *from = whole; *from;) {
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
    return last == path + 1 ? arena_strdup(arena, "/") : arena_printf(arena, "%.*s", (int)(last - path - 1), path);
}
