/* utf8.h - text of the source, which may be in any encoding, as UTF-8. */
#ifndef UTF8_H
#define UTF8_H

#include <stdint.h>

#include "arena.h"

enum { UTF8_REPLACEMENT = 0xfffd, UTF8_MAX = 4 };   /* U+FFFD; bytes of a character */

/* The character at *text, which is moved behind it; 0 at the end. Bytes that are not UTF-8 (RFC 3629)
 * are U+FFFD, one for each maximal part of a character, as the Unicode standard recommends (chapter 3.9). */
uint32_t utf8_next(const char **text);
/* Write it, at most UTF8_MAX bytes and no NUL; what is behind them. */
char    *utf8_put(char *to, uint32_t c);
/* The picture of a control character except tabs and line ends (U+2400 and on); others as they are. */
uint32_t utf8_picture(uint32_t c);

/* text when it is UTF-8, else a copy with U+FFFD in the place of what is not. NULL: "" */
const char *utf8_text(const char *text, struct arena *arena);
/* The same, and control characters as their pictures. */
const char *utf8_printable(const char *text, struct arena *arena);

#endif
