#include "response.h"

#include <errno.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>

#include "source.h"

char *response_text(const char *path, struct arena *arena, const char **error)
{
    FILE *in = strcmp(path, "-") ? fopen(path, "r") : stdin;
    size_t size = 0;
    char *text = in ? source_stream(in, &size, arena) : NULL;

    *error = NULL;
    if (!in || ferror(in))
        *error = arena_printf(arena, "cannot read '%s': %s", path, strerror(errno));
    else if (memchr(text, 0, size))
        *error = arena_printf(arena, "cannot read '%s': it is not a text", path);
    if (in && in != stdin)
        fclose(in);
    return *error ? NULL : text;
}

/* One word, in place; *from goes past it. */
static char *next_word(char **from)
{
    char *at = *from, *word = at, *to = at, quote = 0;

    for (; *at && (quote || !strchr(" \t\r\n", *at)); at++) {
        if (quote ? *at == quote : *at == '\'' || *at == '"')
            quote = quote ? 0 : *at;
        else if (*at == '\\' && quote != '\'' && at[1])
            *to++ = *++at;
        else
            *to++ = *at;
    }
    *from = *at ? at + 1 : at;
    *to = 0;
    return word;
}

char *const *response_read(const char *path, struct arena *arena, const char **error)
{
    char *text = response_text(path, arena, error), **list = NULL;
    uint32_t count = 0, capacity = 0;

    if (!text)
        return NULL;
    while (text += strspn(text, " \t\r\n"), *text) {
        char *word = next_word(&text);

        ARENA_PUSH(arena, list, count, capacity) = word;
    }
    ARENA_PUSH(arena, list, count, capacity) = NULL;
    return list;
}
