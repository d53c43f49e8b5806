#include "fix_edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* ---- texts ------------------------------------------------------------------------------- */

char *fix_read(const char *path, struct arena *arena)
{
    FILE *in = fopen(path, "rb");
    char *text = NULL, *copy = NULL;
    size_t size = 0;
    ssize_t n;

    if (!in)
        return NULL;
    n = getdelim(&text, &size, '\0', in);
    if (n > 0 && text[n - 1])
        copy = arena_strdup(arena, text);
    free(text);
    fclose(in);
    return copy;
}

char *fix_apply(const char *text, const struct fix_edit *edits, uint32_t count, struct arena *arena)
{
    size_t size = strlen(text) + 1, at = 0;
    char *out, *to;

    for (uint32_t i = 0; i < count; i++)
        size += strlen(edits[i].text);
    out = to = arena_alloc(arena, size);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(to, text + at, edits[i].begin - at);
        to = stpcpy(to + (edits[i].begin - at), edits[i].text);
        at = edits[i].end;
    }
    strcpy(to, text + at);
    return out;
}

/* Past blanks and comments. */
static const char *skip_blanks(const char *at)
{
    for (;;) {
        const char *end;

        at += strspn(at, " \t\r\n\f\v");
        if (at[0] == '/' && at[1] == '/')
            at += strcspn(at, "\n");
        else if (at[0] == '/' && at[1] == '*' && (end = strstr(at + 2, "*/")))
            at = end + 2;
        else
            return at;
    }
}

uint32_t fix_statement_end(const char *text, uint32_t at)
{
    const char *next = skip_blanks(text + at);

    return at && text[at - 1] != '}' && *next == ';' ? (uint32_t)(next + 1 - text) : at;
}

/* ---- lines --------------------------------------------------------------------------------- */

static uint32_t line_begin(const char *text, uint32_t at)
{
    while (at && text[at - 1] != '\n')
        at--;
    return at;
}

/* The blanks its line begins with. */
static const char *indent_of(const char *text, uint32_t at, struct arena *arena)
{
    uint32_t begin = line_begin(text, at);

    return arena_printf(arena, "%.*s", (int)strspn(text + begin, " \t"), text + begin);
}

static bool begins_line(const char *text, uint32_t at)
{
    uint32_t begin = line_begin(text, at);

    return begin + strspn(text + begin, " \t") == at;
}

/* As that line ends, or else the first one. */
static const char *line_end(const char *text, uint32_t at)
{
    const char *end = strchr(text + at, '\n');

    if (!end)
        end = strchr(text, '\n');
    return end && end > text && end[-1] == '\r' ? "\r\n" : "\n";
}

/* Each statement with a ';', and `between` after all but the last. */
static char *joined(const char *statements, const char *between, struct arena *arena)
{
    const char *at = statements, *next;
    char *out = "";

    while ((next = strstr(at, "; "))) {
        out = arena_printf(arena, "%s%.*s;%s", out, (int)(next - at), at, between);
        at = next + 2;
    }
    return arena_printf(arena, "%s%s;", out, at);
}

char *fix_before(const char *text, uint32_t at, const char *statements, struct arena *arena)
{
    const char *between = " ";

    if (begins_line(text, at))
        between = arena_printf(arena, "%s%s", line_end(text, at), indent_of(text, at, arena));
    return arena_printf(arena, "%s%s", joined(statements, between, arena), between);
}

char *fix_after(const char *text, uint32_t begin, const char *statements, struct arena *arena)
{
    const char *between = " ";

    if (begins_line(text, begin))
        between = arena_printf(arena, "%s%s", line_end(text, begin), indent_of(text, begin, arena));
    return arena_printf(arena, "%s%s", between, joined(statements, between, arena));
}

char *fix_if(const char *text, uint32_t at, uint32_t first, const char *condition, const char *statements,
             struct arena *arena)
{
    const char *outer, *inner;

    if (!begins_line(text, at))
        return arena_printf(arena, "if (%s) { %s }", condition, joined(statements, " ", arena));
    outer = arena_printf(arena, "%s%s", line_end(text, at), indent_of(text, at, arena));
    inner = arena_printf(arena, "%s%s", outer, begins_line(text, first) ? indent_of(text, first, arena) : "    ");
    if (!strstr(statements, "; "))
        return arena_printf(arena, "if (%s)%s%s;", condition, inner, statements);
    return arena_printf(arena, "if (%s) {%s%s%s}", condition, inner, joined(statements, inner, arena), outer);
}

/* ---- braces --------------------------------------------------------------------------------- */

bool fix_braces(const char *text, uint32_t head, uint32_t begin, uint32_t end, const char *statements,
                struct arena *arena, struct fix_edit edits[3])
{
    uint32_t before = begin;
    const char *outer = indent_of(text, head, arena);

    while (before && strchr(" \t\r\n", text[before - 1]))
        before--;
    if (before == begin || text[before - 1] == '/' ||
        memmem(text + line_begin(text, before), before - line_begin(text, before), "//", 2))
        return false;           /* a comment stands where the brace belongs */
    edits[0] = (struct fix_edit){ before, before, " {" };
    edits[1] = (struct fix_edit){ begin, begin, fix_before(text, begin, statements, arena) };
    edits[2] = (struct fix_edit){ end, end, begins_line(text, begin)
        ? arena_printf(arena, "%s%s}", line_end(text, begin), outer) : " }" };
    return true;
}
