#include "utf8.h"

#include <stdbool.h>
#include <string.h>

/* The second byte decides whether a character is too long, a surrogate, or too large: table 3-7 of the
 * Unicode standard. */
static bool is_second(unsigned char first, unsigned char second)
{
    unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

    return second >= least && second <= most;
}

uint32_t utf8_next(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    unsigned char first = *at;
    unsigned more = first < 0x80 ? 0 : first < 0xc2 ? 4 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 4;
    uint32_t c = more == 0 || more == 4 ? first : first & (0x3fu >> more);

    if (!first)
        return 0;
    *text += 1;
    if (more == 4)
        return UTF8_REPLACEMENT;
    for (unsigned i = 1; i <= more; i++) {
        if (i == 1 ? !is_second(first, at[1]) : (at[i] & 0xc0) != 0x80)
            return UTF8_REPLACEMENT;
        c = c << 6 | (at[i] & 0x3f);
        *text += 1;
    }
    return c;
}

char *utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *to++ = (char)(0xe0 | c >> 12);
        } else {
            *to++ = (char)(0xf0 | c >> 18);
            *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        }
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

uint32_t utf8_picture(uint32_t c)
{
    bool control = c < ' ' && c != '\t' && c != '\n' && c != '\r';

    return control ? 0x2400 + c : c == 0x7f ? 0x2421 : c;
}

static const char *converted(const char *text, bool pictures, struct arena *arena)
{
    const char *at = text ? text : "";
    char *copy = arena_alloc(arena, strlen(at) * 3 + 1), *to = copy;

    for (uint32_t c; (c = utf8_next(&at));)
        to = utf8_put(to, pictures ? utf8_picture(c) : c);
    return text && !strcmp(text, copy) ? text : copy;
}

const char *utf8_text(const char *text, struct arena *arena)
{
    return converted(text, false, arena);
}

const char *utf8_printable(const char *text, struct arena *arena)
{
    return converted(text, true, arena);
}
