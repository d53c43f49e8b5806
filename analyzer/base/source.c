#include "source.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct source {
    struct source *next;
    const char    *path;
    const char    *text;        /* NULL: could not be read */
    const char   **lines;       /* where each begins */
    uint32_t       count, capacity;
};

static const char *working_directory(void)
{
    static char folder[PATH_MAX];

    if (!*folder && !getcwd(folder, sizeof folder))
        strcpy(folder, "/");
    return folder;
}

const char *source_path(const char *path, struct arena *arena)
{
    const char *here = working_directory();
    size_t size = strlen(here);
    char real[PATH_MAX];

    if (!path)
        return "";
    if (strstr(path, "/../") || strstr(path, "/./") || *path != '/')
        path = realpath(path, real) ? arena_strdup(arena, real) : path;
    if (!strncmp(path, here, size) && path[size] == '/')
        return path + size + 1;
    return path;
}

const char *source_relative(const char *text, struct arena *arena)
{
    const char *here = working_directory(), *at;
    size_t size = strlen(here);

    while ((at = strstr(text, here)) && at[size] == '/')
        text = arena_printf(arena, "%.*s%s", (int)(at - text), text, at + size + 1);
    return text;
}

/* ---- files ----------------------------------------------------------------- */

static const struct unit_file *overlay;
static size_t overlay_count;
static struct source *sources;      /* that were read */
static struct arena *sources_owner;

void source_overlay(const struct unit_file *files, size_t count)
{
    overlay = files;
    overlay_count = count;
    sources = NULL;
}

char *source_stream(FILE *in, size_t *size, struct arena *arena)
{
    size_t room = 16384, n;
    char *text = arena_alloc(arena, room);

    for (*size = 0; (n = fread(text + *size, 1, room - *size - 1, in)) > 0;) {
        *size += n;
        if (*size + 1 < room)
            continue;
        text = arena_grow(arena, text, room, room * 2);
        room *= 2;
    }
    text[*size] = 0;
    return text;
}

char *source_read(const char *path, struct arena *arena)
{
    FILE *in = fopen(path, "rb");
    struct stat status;
    char *text = NULL;

    if (!in)
        return NULL;
    if (fstat(fileno(in), &status) == 0 && S_ISREG(status.st_mode) && status.st_size < INT_MAX) {
        text = arena_alloc(arena, (size_t)status.st_size + 1);
        text[fread(text, 1, (size_t)status.st_size, in)] = 0;
    }
    fclose(in);
    if (!text)
        errno = EINVAL;
    return text;
}

static const char *text_now(const char *path, struct arena *arena)
{
    for (size_t i = 0; i < overlay_count; i++)
        if (!strcmp(overlay[i].path, path))
            return overlay[i].text;
    return source_read(path, arena);
}

static struct source *find_source(const char *path, struct arena *arena)
{
    struct source *s;

    if (sources_owner != arena)
        sources = NULL;
    sources_owner = arena;
    for (s = sources; s; s = s->next)
        if (!strcmp(s->path, path))
            return s;
    s = ARENA_NEW(arena, struct source);
    *s = (struct source){ .next = sources, .path = arena_strdup(arena, path), .text = text_now(path, arena) };
    sources = s;
    for (const char *at = s->text; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        ARENA_PUSH(arena, s->lines, s->count, s->capacity) = at;
    return s;
}

const char *source_text(const char *path, struct arena *arena)
{
    return find_source(path, arena)->text;
}

const char *source_line(const char *path, uint32_t line, struct arena *arena)
{
    const struct source *s = path ? find_source(path, arena) : NULL;

    if (!s || !line || line > s->count)
        return NULL;
    return arena_printf(arena, "%.*s", (int)strcspn(s->lines[line - 1], "\r\n"),
                        s->lines[line - 1]);
}

const char *source_span(struct site at, uint32_t end_line, uint32_t end_col, struct arena *arena)
{
    const struct source *s = at.file ? find_source(at.file, arena) : NULL;
    const char *from, *to;
    char *out;
    size_t size = 0;

    if (!s || !at.line || !at.col || !end_line || end_line > s->count || end_line < at.line)
        return NULL;
    from = s->lines[at.line - 1] + at.col - 1;
    to = s->lines[end_line - 1] + end_col - 1;
    if (to <= from || to - from > 200 || memchr(from, 0, (size_t)(to - from)))
        return NULL;
    out = arena_alloc(arena, (size_t)(to - from) + 1);
    for (; from < to; from++) {
        bool blank = *from == ' ' || *from == '\t' || *from == '\n' || *from == '\r';

        if (!blank)
            out[size++] = *from;
        else if (size && out[size - 1] != ' ')
            out[size++] = ' ';
    }
    return out;
}

const char *source_argument(struct site at, struct arena *arena)
{
    static const char path[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.->";
    const char *line = source_line(at.file, at.line, arena), *text, *end;

    text = line && at.col && at.col <= strlen(line) ? strchr(line + at.col - 1, '(') : NULL;
    if (!text)
        return NULL;
    text += 1 + strspn(text + 1, " \t&");
    end = text + strspn(text, path);
    return end == text || (*end != ',' && *end != ')') ? NULL
                                                       : arena_printf(arena, "%.*s", (int)(end - text), text);
}
