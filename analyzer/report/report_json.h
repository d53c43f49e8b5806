/* report_json.h - parts of the formats that are JSON. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <jansson.h>

#include "report.h"

/* A text of any encoding, or NULL for "" */
json_t *json_text(const struct report *report, const char *text);

/* One document, with a line end; it is released. */
void    json_print(const struct report *report, json_t *document, size_t flags);

#endif
