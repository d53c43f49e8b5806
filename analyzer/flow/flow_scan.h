/* flow_scan.h - the tokens of the flow's text form. */
#ifndef FLOW_SCAN_H
#define FLOW_SCAN_H

#include "flow.h"

enum token_kind {
    TOKEN_END, TOKEN_NEWLINE,
    TOKEN_WORD,         /* store, b3 */
    TOKEN_NUMBER,
    TOKEN_STRING,       /* "text" */
    TOKEN_REG,          /* %3 %name: text is what follows the sign */
    TOKEN_SLOT,         /* $0 $name */
    TOKEN_SYMBOL,       /* @name, @"odd name"; number is n of ~n, from 1 */
    TOKEN_SIGN,         /* any other character, in text[0]; ".." is '.' */
};

struct token {
    enum token_kind kind;
    struct text     text;
    int64_t         number;
};

/* The first error is kept and ends the input: from then on every token is
 * TOKEN_END, so that nobody has to check on the way. */
struct scanner {
    struct arena *arena;
    const char   *name, *at;
    unsigned      line;
    const char   *error;        /* "name:line: what", or NULL */
    struct token  token;        /* not consumed yet */
};

void scan_start(struct scanner *s, const char *text, const char *name, struct arena *arena);
void scan_next(struct scanner *s);
__attribute__((format(printf, 2, 3)))
void scan_fail(struct scanner *s, const char *format, ...);

bool scan_is_word(const struct scanner *s, const char *word);
bool scan_is_sign(const struct scanner *s, char sign);
bool scan_accept_word(struct scanner *s, const char *word);
bool scan_accept_sign(struct scanner *s, char sign);
void scan_expect_sign(struct scanner *s, char sign);
int64_t  scan_expect_number(struct scanner *s);
uint32_t scan_expect_size(struct scanner *s);
void scan_end_line(struct scanner *s);
bool scan_is_word_char(char c);

#endif
