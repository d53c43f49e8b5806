/* report_escape.h - text of the source in XML 1.0 and HTML. */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include <stdio.h>

/* In content and in quoted attributes; UTF-8 with pictures of control characters, whatever the text is. NULL: nothing. */
void xml_print(const char *text, FILE *out);

#endif
