/* report_page.h - parts of the HTML page. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "report.h"

/* The lines of the source that a finding speaks of. */
struct excerpt;

/* id begins the ids of the finding's lines. */
struct excerpt *excerpt_of(const struct report *report, const struct finding *finding, const char *id);
/* What a line is called in the page, "f1-0-35"; NULL: it is not shown. */
const char     *excerpt_line(const struct excerpt *excerpt, struct site at);

void page_lanes(const struct report *report, const struct finding *finding, const struct excerpt *excerpt);
/* Those lines, with what is said of them. */
void page_code(const struct excerpt *excerpt);
/* Text with `code` in backquotes, as the rules' pages have it. */
void page_prose(const struct report *report, const char *text);

/* A number of the colours that tasks have. */
uint32_t    page_hue(uint32_t task);

#endif
