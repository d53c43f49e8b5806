#include "comments.h"

#include <ctype.h>
#include <string.h>

enum { CONDITIONS_MAX = 32 };

struct lexer {
    struct arena   *arena;
    const char     *at;
    uint32_t        line, col;
    const char     *line_start;     /* where the columns of this line count from */
    struct comment *list;
    uint32_t        count, capacity;
    uint32_t        waiting;        /* comments from here on wait for the end of their statement */
    uint32_t        statement;      /* line of the first token of the one that is open; 0: none is */
    uint32_t        line_statement; /* that, when this line began */
    uint32_t        parens;
    bool            code;           /* something stands on this line */
    uint32_t        conditions;     /* #if that are open */
    uint32_t        parens_at[CONDITIONS_MAX];  /* what they began with: so does each of their branches */
    bool            guarded;        /* the first of them is an include guard */
    bool            begun;          /* the first directive or token has been seen */
};

/* ---- characters --------------------------------------------------------------------- */

static size_t splice(const char *at)
{
    return at[0] == '\\' && at[1] == '\n' ? 2 : at[0] == '\\' && at[1] == '\r' && at[2] == '\n' ? 3 : 0;
}

static void new_line(struct lexer *l)
{
    l->line++;
    l->line_start = l->at;
    l->line_statement = l->statement;
    l->code = false;
}

/* Lines that a backslash joins are one. */
static void skip_splices(struct lexer *l)
{
    for (size_t size; (size = splice(l->at)) != 0;) {
        l->at += size;
        l->line++;
        l->line_start = l->at;
    }
}

static char peek(struct lexer *l)
{
    skip_splices(l);
    return *l->at;
}

/* The one after that. */
static char second(struct lexer *l)
{
    const char *at = l->at + (*l->at != 0);

    for (size_t size; (size = splice(at)) != 0;)
        at += size;
    return *at;
}

static char next(struct lexer *l)
{
    char c = peek(l);

    if (c)
        l->at++;
    if (c == '\n')
        new_line(l);
    return c;
}

/* ---- statements ----------------------------------------------------------------------- */

static void settle(struct lexer *l, uint32_t last)
{
    for (; l->waiting < l->count; l->waiting++) {
        struct comment *c = &l->list[l->waiting];

        if (!c->first)
            c->first = c->line;
        c->last = last > c->first ? last : c->first;
    }
}

/* A comment that waits for the code that follows it has found it. */
static void begin_code(struct lexer *l)
{
    l->code = l->begun = true;
    if (!l->statement)
        l->statement = l->line;
    for (uint32_t i = l->waiting; i < l->count; i++)
        if (!l->list[i].first)
            l->list[i].first = l->line;
}

static void end_statement(struct lexer *l)
{
    settle(l, l->line);
    l->statement = 0;
}

/* ---- tokens ------------------------------------------------------------------------------ */

/* The comment's text without its marks and splices. */
static const char *read_text(struct lexer *l, bool block)
{
    size_t size = 0, capacity = 0;
    char *text = NULL;

    next(l);
    next(l);
    while (peek(l)) {
        if (block && *l->at == '*' && second(l) == '/') {
            next(l);
            next(l);
            break;
        }
        if (!block && *l->at == '\n')
            break;
        ARENA_PUSH(l->arena, text, size, capacity) = next(l);
    }
    ARENA_PUSH(l->arena, text, size, capacity) = 0;
    return text;
}

static void read_comment(struct lexer *l, bool block)
{
    struct comment c = {
        .line = l->line, .col = (uint32_t)(l->at - l->line_start) + 1, .alone = !l->code,
        .conditional = l->conditions > l->guarded,
    };

    if (!c.alone) {
        c.first = l->line_statement ? l->line_statement : c.line;
        c.last = c.line;
    }
    c.text = read_text(l, block);
    c.end_line = l->line;
    ARENA_PUSH(l->arena, l->list, l->count, l->capacity) = c;
    if (!c.alone && !l->statement)      /* what it is about ended before it */
        l->waiting = l->count;
}

/* Up to the closing quote, or the end of the line: an apostrophe in #error opens nothing. */
static void skip_quoted(struct lexer *l)
{
    char quote = next(l);

    while (peek(l) && *l->at != '\n') {
        char c = next(l);

        if (c == quote)
            return;
        if (c == '\\' && peek(l) && *l->at != '\n')
            next(l);
    }
}

/* Numbers may hold quotes: 1'000'000. */
static void skip_word(struct lexer *l)
{
    while (isalnum((unsigned char)peek(l)) || *l->at == '_' || *l->at == '.' ||
           (*l->at == '\'' && isalnum((unsigned char)l->at[1])))
        next(l);
}

static bool comment_here(struct lexer *l)
{
    if (peek(l) != '/' || (second(l) != '/' && second(l) != '*'))
        return false;
    read_comment(l, second(l) == '*');
    return true;
}

/* What the directive does to conditions; its words are skipped by the caller. */
static void note_directive(struct lexer *l, const char *at)
{
    at += 1 + strspn(at + 1, " \t");
    if (!strncmp(at, "if", 2)) {
        l->guarded |= !l->begun && !strncmp(at, "ifndef", 6);
        if (l->conditions < CONDITIONS_MAX)
            l->parens_at[l->conditions] = l->parens;
        l->conditions++;
    } else if (!strncmp(at, "el", 2) && l->conditions && l->conditions <= CONDITIONS_MAX) {
        l->parens = l->parens_at[l->conditions - 1];
    } else if (!strncmp(at, "endif", 5) && l->conditions) {
        l->conditions--;
        l->guarded = l->guarded && l->conditions;
    }
    l->begun = true;
}

/* A directive is one line, a statement of its own; comments may follow on it. */
static void read_directive(struct lexer *l)
{
    uint32_t statement = l->statement;

    note_directive(l, l->at);
    l->statement = 0;
    begin_code(l);
    while (peek(l) && *l->at != '\n') {
        if (comment_here(l))
            continue;
        if (*l->at == '"' || *l->at == '\'')
            skip_quoted(l);
        else
            next(l);
    }
    end_statement(l);
    l->statement = statement;
}

static void read_token(struct lexer *l)
{
    char c = peek(l);

    begin_code(l);
    if (isdigit((unsigned char)c)) {
        skip_word(l);
        return;
    }
    if (c == '"' || c == '\'') {
        skip_quoted(l);
        return;
    }
    if ((c == '{' || c == '}') && l->at == l->line_start)
        l->parens = 0;              /* of a function: what a macro left open ends here */
    next(l);
    if (c == '(' || c == '[')
        l->parens++;
    else if ((c == ')' || c == ']') && l->parens)
        l->parens--;
    else if ((c == ';' || c == '{' || c == '}') && !l->parens)
        end_statement(l);
}

struct comment *comments_read(const char *text, struct arena *arena, uint32_t *count)
{
    struct lexer l = { .arena = arena, .at = text, .line = 1, .line_start = text };

    while (peek(&l)) {
        if (isspace((unsigned char)*l.at))
            next(&l);
        else if (comment_here(&l))
            continue;
        else if (*l.at == '#' && !l.code)
            read_directive(&l);
        else
            read_token(&l);
    }
    settle(&l, l.line);
    *count = l.count;
    return l.list;
}
