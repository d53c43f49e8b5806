#include "lsp_text.h"

#include <stdlib.h>
#include <string.h>

void lsp_text_set(struct lsp_text *t, const char *bytes, size_t size)
{
    lsp_text_free(t);
    t->bytes = malloc(size + 1);
    if (!t->bytes)
        abort();
    memcpy(t->bytes, bytes, size);
    t->bytes[size] = '\0';
    t->size = size;
}

void lsp_text_free(struct lsp_text *t)
{
    free(t->bytes);
    *t = (struct lsp_text){ 0 };
}

/* ---- lines ------------------------------------------------------------------------------------ */

/* Where the line after `at` begins; the size when there is none. \n, \r\n and \r end lines. */
static size_t next_line(const struct lsp_text *t, size_t at)
{
    size_t end = at + strcspn(t->bytes + at, "\r\n");

    while (end < t->size && !t->bytes[end])         /* a NUL within the text */
        end += 1 + strcspn(t->bytes + end + 1, "\r\n");
    if (end >= t->size)
        return t->size;
    return end + 1 + (t->bytes[end] == '\r' && t->bytes[end + 1] == '\n');
}

static bool ends_line(const struct lsp_text *t, size_t at)
{
    return at && (t->bytes[at - 1] == '\n' || t->bytes[at - 1] == '\r');
}

/* False: the text has fewer lines. */
static bool find_line(struct lsp_text *t, uint32_t line)
{
    if (line < t->line)
        t->line = 0, t->line_at = 0;
    while (t->line < line) {
        size_t next = next_line(t, t->line_at);

        if (next == t->size && !ends_line(t, next))
            return false;
        if (next == t->line_at)                     /* the empty line at the end */
            return false;
        t->line_at = next;
        t->line++;
    }
    return true;
}

/* ---- characters ---------------------------------------------------------------------------------- */

static size_t sequence(unsigned char c)
{
    return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static uint32_t units(size_t bytes, enum lsp_encoding encoding)
{
    return encoding == LSP_UTF8 ? (uint32_t)bytes : encoding == LSP_UTF16 && bytes == 4 ? 2 : 1;
}

size_t lsp_text_offset(struct lsp_text *t, struct lsp_position p, enum lsp_encoding encoding)
{
    size_t at;
    uint32_t seen = 0;

    if (!find_line(t, p.line))
        return t->size;
    at = t->line_at;
    while (at < t->size && seen < p.character && t->bytes[at] != '\n' && t->bytes[at] != '\r') {
        size_t n = sequence((unsigned char)t->bytes[at]);

        if (encoding == LSP_UTF8)
            n = 1;
        seen += units(n, encoding);
        at = at + n < t->size ? at + n : t->size;
    }
    return at;
}

uint32_t lsp_character(const char *line, size_t offset, enum lsp_encoding encoding)
{
    uint32_t seen = 0;
    size_t at = 0;

    if (encoding == LSP_UTF8)
        return (uint32_t)offset;
    while (at < offset && line[at]) {
        size_t n = sequence((unsigned char)line[at]);

        seen += units(n, encoding);
        while (n-- && line[at])
            at++;
    }
    return seen;
}

struct lsp_position lsp_position_of(const char *text, size_t offset, enum lsp_encoding encoding)
{
    struct lsp_position p = { 0, 0 };
    const char *end = text + offset, *line = text;

    for (const char *at = text; at < end; at++)
        if (*at == '\n' || (*at == '\r' && at[1] != '\n')) {
            p.line++;
            line = at + 1;
        }
    p.character = lsp_character(line, (size_t)(end - line), encoding);
    return p;
}

void lsp_text_replace(struct lsp_text *t, size_t from, size_t to, const char *bytes, size_t size)
{
    size_t rest = t->size - to;

    if (size > to - from) {
        t->bytes = realloc(t->bytes, from + size + rest + 1);
        if (!t->bytes)
            abort();
    }
    memmove(t->bytes + from + size, t->bytes + to, rest + 1);
    memcpy(t->bytes + from, bytes, size);
    t->size = from + size + rest;
    if (from <= t->line_at)         /* what was known of lines may be wrong now */
        t->line = 0, t->line_at = 0;
}

/* ---- JSON ------------------------------------------------------------------------------------------ */

static uint32_t number(const json_t *from)
{
    json_int_t n = json_integer_value(from);

    return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

bool lsp_read_position(const json_t *from, struct lsp_position *p)
{
    const json_t *line = json_object_get(from, "line"), *character = json_object_get(from, "character");

    *p = (struct lsp_position){ number(line), number(character) };
    return json_is_integer(line) && json_is_integer(character);
}

bool lsp_read_range(const json_t *from, struct lsp_position *start, struct lsp_position *end)
{
    return lsp_read_position(json_object_get(from, "start"), start) &&
           lsp_read_position(json_object_get(from, "end"), end);
}

json_t *lsp_range(struct lsp_position start, struct lsp_position end)
{
    return json_pack("{s:{s:I, s:I}, s:{s:I, s:I}}", "start", "line", (json_int_t)start.line,
                     "character", (json_int_t)start.character, "end", "line", (json_int_t)end.line,
                     "character", (json_int_t)end.character);
}

static bool is_before(struct lsp_position a, struct lsp_position b)
{
    return a.line != b.line ? a.line < b.line : a.character < b.character;
}

bool lsp_range_touches(const json_t *range, struct lsp_position from, struct lsp_position to)
{
    struct lsp_position start, end;

    return lsp_read_range(range, &start, &end) && !is_before(to, start) && !is_before(end, from);
}
