/* report_escape.h - text of the source, which may be in any encoding, in formats that are
 * UTF-8 and take no control characters.
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include <stdint.h>
#include <stdio.h>

#include "arena.h"

/* text when it is UTF-8, else a copy with U+FFFD in the place of what is not. NULL: "" */
const char *utf8_text(const char *text, struct arena *arena);
/* The same, and control characters except tabs and line ends are their pictures (U+2400 and on). */
const char *printable_text(const char *text, struct arena *arena);

/* For XML 1.0 and HTML, in content and in quoted attributes. */
void        xml_print(const char *text, FILE *out);

#endif
