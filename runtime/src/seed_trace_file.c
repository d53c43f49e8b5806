/* seed_trace_file.c - reading a trace, and comparing its places with those of calls. */
#define _GNU_SOURCE
#include "seed_trace_file.h"
#include "panic.h"
#include "site.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, FIELDS = 6 };

/* ---- places ---- */

/* "file:first-last" */
static bool read_place(char *text, struct rt_trace_place *place)
{
    char *colon = strrchr(text, ':'), *end;

    *place = (struct rt_trace_place){ .file = NULL };
    if (strcmp(text, "-") == 0)
        return true;
    if (!colon)
        return false;
    place->file = strndup(text, (size_t)(colon - text));
    if (!place->file)
        rt_out_of_memory();
    place->first = (unsigned)strtoul(colon + 1, &end, 10);
    if (*end != '-')
        return false;
    place->last = (unsigned)strtoul(end + 1, &end, 10);
    return *end == '\0';
}

/* What __FILE__ says may be relative to any folder: the shorter path ends the longer one. */
static bool same_file(const char *a, size_t a_size, const char *b, size_t b_size)
{
    const char *shorter = a_size < b_size ? a : b, *longer = a_size < b_size ? b : a;
    size_t size = a_size < b_size ? a_size : b_size, rest = a_size + b_size - 2 * size;

    return memcmp(shorter, longer + rest, size) == 0 &&
           (rest == 0 || shorter[0] == '/' || longer[rest - 1] == '/');
}

static const char *without_dots(const char *path)
{
    for (;;) {
        if (strncmp(path, "./", 2) == 0)
            path += 2;
        else if (strncmp(path, "../", 3) == 0)
            path += 3;
        else
            return path;
    }
}

bool rt_trace_place_is(const struct rt_trace_place *place, const char *site)
{
    const char *colon, *file;
    unsigned line;

    if (!site || !place->file || (uintptr_t)site & RT_SITE_IS_PC)
        return false;
    colon = strrchr(site, ':');
    if (!colon)
        return false;
    line = (unsigned)strtoul(colon + 1, NULL, 10);
    file = without_dots(site);
    return line >= place->first && line <= place->last &&
           same_file(place->file, strlen(place->file), file, (size_t)(colon - file));
}

/* ---- lines ---- */

static enum rt_trace_kind kind_of(const char *word)
{
    static const char *const words[] = {
        [RT_TRACE_START] = "start", [RT_TRACE_TIMEOUT] = "timeout", [RT_TRACE_WAIT] = "wait",
        [RT_TRACE_QUEUE] = "queue", [RT_TRACE_BLOCK] = "block", [RT_TRACE_ABORT] = "abort",
        [RT_TRACE_CANCEL] = "cancel", [RT_TRACE_RETURN] = "return", [RT_TRACE_EXIT] = "exit",
        [RT_TRACE_SELECT] = "select",
    };

    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i] && strcmp(words[i], word) == 0)
            return i;
    return RT_TRACE_PASS;
}

static bool read_number(const char *text, int *number)
{
    char *end;

    *number = RT_TRACE_NONE;
    if (strcmp(text, "-") == 0)
        return true;
    *number = (int)strtol(text, &end, 10);
    return *text && *end == '\0';
}

static bool read_step(char *line, struct rt_trace_step *step)
{
    char *fields[FIELDS];

    for (unsigned i = 0; i < FIELDS; i++) {
        fields[i] = strsep(&line, "\t");
        if (!fields[i])
            return false;
    }
    step->kind = kind_of(fields[1]);
    return !line && read_number(fields[0], &step->task) && step->task >= 0 &&
           step->task < RT_TRACE_TASKS && read_number(fields[2], &step->peer) &&
           step->peer < RT_TRACE_TASKS && read_number(fields[3], &step->number) &&
           read_place(fields[4], &step->place) && read_place(fields[5], &step->made);
}

static struct rt_trace_step *add_step(struct rt_trace_file *file)
{
    if ((file->count & (file->count + 1)) == 0) {
        file->steps = realloc(file->steps, 2 * (file->count + 1) * sizeof *file->steps);
        if (!file->steps)
            rt_out_of_memory();
    }
    file->steps[file->count] = (struct rt_trace_step){ .first = file->count };
    return &file->steps[file->count++];
}

static bool read_count(const char *text, size_t *count)
{
    char *end;

    *count = text ? strtoul(text, &end, 10) : 0;
    return *count > 0 && *text >= '0' && *text <= '9' && *end == '\0';
}

/* "moves  times": of the last steps, none in a round so far. */
static bool read_again(char *line, struct rt_trace_file *file)
{
    size_t moves, times;

    if (!read_count(strsep(&line, "\t"), &moves) || !read_count(line, &times) || moves > file->count)
        return false;
    for (size_t i = file->count - moves; i < file->count; i++) {
        if (file->steps[i].first != i || file->steps[i].again)
            return false;
        file->steps[i].first = file->count - moves;
    }
    file->steps[file->count - 1].again = times;
    return true;
}

static bool read_line(char *line, struct rt_trace_file *file)
{
    return strncmp(line, "again\t", 6) == 0 ? read_again(line + 6, file) : read_step(line, add_step(file));
}

static _Noreturn void refuse(const char *path, size_t line, const char *why)
{
    fprintf(stderr, "chanrt: CHANRT_TRACE: %s:%zu: %s\n", path, line, why);
    _exit(EXIT_USAGE);
}

void rt_trace_read(const char *path, struct rt_trace_file *file)
{
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t room = 0, number = 0;
    ssize_t size;

    *file = (struct rt_trace_file){ .count = 0 };
    if (!in)
        refuse(path, 0, strerror(errno));
    while ((size = getline(&line, &room, in)) > 0) {
        if (line[size - 1] == '\n')
            line[size - 1] = '\0';
        if (number++ == 0) {
            if (strncmp(line, "root ", 5) != 0)
                refuse(path, number, "no trace: it begins with its root");
            file->from_main = strcmp(line + 5, "0") == 0;
        } else if (!read_line(line, file)) {
            refuse(path, number, "no move of a trace");
        }
    }
    if (number == 0)
        refuse(path, number, "no trace: it begins with its root");
    free(line);
    fclose(in);
}
