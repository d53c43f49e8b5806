/* setting.c - numbers from the environment. A setting that is not what it was meant to be would
 * be found out late or never, so that a wrong one ends the process. */
#include "setting.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* False when text is no number, or too large for the type. */
static bool number(const char *text, bool sized, uint64_t *value)
{
    unsigned shift = 0;
    char *end;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    if (errno)
        return false;
    if (sized && (*end == 'k' || *end == 'K'))
        shift = 10;
    else if (sized && (*end == 'm' || *end == 'M'))
        shift = 20;
    if (*value > UINT64_MAX >> shift)
        return false;
    *value <<= shift;
    return end[shift > 0] == '\0';
}

bool rt_setting(const char *name, bool sized, uint64_t least, uint64_t most, uint64_t *value)
{
    const char *text = getenv(name);
    uint64_t n;

    if (!text || !*text)
        return false;
    if (!number(text, sized, &n) || n < least || n > most) {
        fprintf(stderr, "chanrt: %s must be a number from %llu to %llu%s, not '%s'\n", name,
                (unsigned long long)least, (unsigned long long)most,
                sized ? ", or with K or M" : "", text);
        _exit(RT_EXIT_USAGE);
    }
    *value = n;
    return true;
}
