#include "flow_scan.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void scan_start(struct scanner *s, const char *text, const char *name, struct arena *arena)
{
    *s = (struct scanner){ .arena = arena, .name = name, .at = text, .line = 1,
                           .token = { .kind = TOKEN_SIGN, .text = { "", 0 } } };
    scan_next(s);
}

void scan_fail(struct scanner *s, const char *format, ...)
{
    char what[256];
    va_list args;

    if (s->error)
        return;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    s->error = arena_printf(s->arena, "%s:%u: %s", s->name, s->line, what);
    s->token = (struct token){ .kind = TOKEN_END, .text = { "", 0 } };
}

/* ---- tokens ------------------------------------------------------------- */

static int hex(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? (c | 32) - 'a' + 10 : -1;
}

static char read_escape(struct scanner *s)
{
    char c = *s->at++;

    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'x':
        if (hex(s->at[0]) >= 0 && hex(s->at[1]) >= 0) {
            s->at += 2;
            return (char)(hex(s->at[-2]) * 16 + hex(s->at[-1]));
        }
        scan_fail(s, "\\x needs two digits");
        return 0;
    case '"':
    case '\\':
        return c;
    default:
        scan_fail(s, "unknown escape");
        return 0;
    }
}

static struct text read_quoted(struct scanner *s)
{
    char *bytes = arena_alloc(s->arena, strcspn(s->at, "\n") + 1);
    uint32_t size = 0;

    for (s->at++; *s->at != '"' && !s->error; ) {
        if (!*s->at || *s->at == '\n') {
            scan_fail(s, "string without an end");
            break;
        }
        char c = *s->at++;
        bytes[size++] = c == '\\' ? read_escape(s) : c;
    }
    if (!s->error)
        s->at++;
    bytes[size] = 0;
    return (struct text){ bytes, size };
}

bool scan_is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

static struct text read_word(struct scanner *s)
{
    const char *start = s->at;

    while (scan_is_word_char(*s->at))
        s->at++;

    char *bytes = arena_alloc(s->arena, (size_t)(s->at - start) + 1);
    memcpy(bytes, start, (size_t)(s->at - start));
    return (struct text){ bytes, (uint32_t)(s->at - start) };
}

static void read_symbol_token(struct scanner *s, struct token *t)
{
    s->at++;
    t->kind = TOKEN_SYMBOL;
    t->text = *s->at == '"' ? read_quoted(s) : read_word(s);
    t->number = 1;
    if (*s->at == '~')
        t->number = strtol(s->at + 1, (char **)&s->at, 10);
    if (t->number < 1 || t->number > 1000000)
        scan_fail(s, "odd symbol number");
}

void scan_next(struct scanner *s)
{
    struct token *t = &s->token;

    if (s->error)
        return;
    if (t->kind == TOKEN_NEWLINE)
        s->line++;
    while (*s->at == ' ' || *s->at == '\t' || *s->at == '\r')
        s->at++;
    if (*s->at == '#')
        s->at += strcspn(s->at, "\n");
    *t = (struct token){ .kind = TOKEN_SIGN, .text = { s->at, 1 } };
    if (!*s->at) {
        t->kind = TOKEN_END;
    } else if (*s->at == '\n') {
        t->kind = TOKEN_NEWLINE;
        s->at++;
    } else if (*s->at == '"') {
        t->kind = TOKEN_STRING;
        t->text = read_quoted(s);
    } else if (isdigit((unsigned char)*s->at) || (*s->at == '-' && isdigit((unsigned char)s->at[1]))) {
        t->kind = TOKEN_NUMBER;
        t->number = strtoll(s->at, (char **)&s->at, 10);
    } else if (*s->at == '@') {
        read_symbol_token(s, t);
    } else if (*s->at == '%' || *s->at == '$') {
        t->kind = *s->at++ == '%' ? TOKEN_REG : TOKEN_SLOT;
        t->text = read_word(s);
    } else if (isalpha((unsigned char)*s->at) || *s->at == '_') {
        t->kind = TOKEN_WORD;
        t->text = read_word(s);
    } else if (s->at[0] == '.' && s->at[1] == '.') {
        s->at += 2;
    } else {
        s->at++;
    }
    if (s->error)
        *t = (struct token){ .kind = TOKEN_END, .text = { "", 0 } };
}

bool scan_is_word(const struct scanner *s, const char *word)
{
    return s->token.kind == TOKEN_WORD && !strcmp(s->token.text.bytes, word);
}

bool scan_is_sign(const struct scanner *s, char sign)
{
    return s->token.kind == TOKEN_SIGN && s->token.text.bytes[0] == sign;
}

bool scan_accept_word(struct scanner *s, const char *word)
{
    bool yes = scan_is_word(s, word);

    if (yes)
        scan_next(s);
    return yes;
}

bool scan_accept_sign(struct scanner *s, char sign)
{
    bool yes = scan_is_sign(s, sign);

    if (yes)
        scan_next(s);
    return yes;
}

void scan_expect_sign(struct scanner *s, char sign)
{
    if (!scan_accept_sign(s, sign))
        scan_fail(s, "expected '%c'", sign);
}

int64_t scan_expect_number(struct scanner *s)
{
    int64_t n = s->token.number;

    if (s->token.kind != TOKEN_NUMBER)
        scan_fail(s, "expected a number");
    scan_next(s);
    return n;
}

uint32_t scan_expect_size(struct scanner *s)
{
    int64_t n = scan_expect_number(s);

    if (n < 0 || n >= UINT32_MAX)
        scan_fail(s, "number out of range");
    return (uint32_t)n;
}

void scan_end_line(struct scanner *s)
{
    if (s->token.kind == TOKEN_NEWLINE)
        scan_next(s);
    else if (s->token.kind != TOKEN_END)
        scan_fail(s, "did not expect '%.*s' here", (int)s->token.text.size, s->token.text.bytes);
}
