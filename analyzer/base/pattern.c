#include "pattern.h"

#include <fnmatch.h>
#include <limits.h>
#include <string.h>

/* The component text begins with, as a string; false: it is too long for a file's name. */
static bool component(const char *text, char name[NAME_MAX + 1])
{
    size_t size = strcspn(text, "/");

    if (size > NAME_MAX)
        return false;
    memcpy(name, text, size);
    name[size] = 0;
    return true;
}

/* What follows the first component; NULL: nothing does. */
static const char *rest(const char *text)
{
    const char *slash = strchr(text, '/');

    return slash && slash[1] ? slash + 1 : NULL;
}

/* Does the pattern use up some first components of path? */
static bool leads(const char *pattern, const char *path)
{
    char wanted[NAME_MAX + 1], name[NAME_MAX + 1];

    for (; pattern && path; pattern = rest(pattern), path = rest(path)) {
        if (!component(pattern, wanted) || !component(path, name))
            return false;
        if (!strcmp(wanted, "**")) {
            if (!rest(pattern))
                return true;
            for (; path; path = rest(path))
                if (leads(rest(pattern), path))
                    return true;
            return false;
        }
        if (fnmatch(wanted, name, 0))
            return false;
    }
    return !pattern;
}

bool pattern_names(const char *pattern, const char *path)
{
    if (!rest(pattern) && *pattern != '/') {
        for (; path; path = rest(path))
            if (leads(pattern, path))
                return true;
        return false;
    }
    return leads(pattern, path);
}
