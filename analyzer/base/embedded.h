/* embedded.h - files of the source tree that are part of the program. */
#ifndef EMBEDDED_H
#define EMBEDDED_H

struct embedded {
    const char *name;       /* without folders; NULL ends the table */
    const char *text;
};

extern const struct embedded embedded_rules[];      /* rules/?*.md */
extern const struct embedded embedded_demo[];       /* demo/?*.c, chanrt.h */
extern const struct embedded embedded_schema[];     /* schema.sql */
extern const struct embedded embedded_page[];       /* report.css, report.js */
extern const struct embedded embedded_models[];     /* models/?*.h, runtime/chanrt.h */

#endif
