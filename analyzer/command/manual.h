/* manual.h - the manual pages, in scdoc's markup (git.sr.ht/~sircmpwn/scdoc): chanleak(1), of the tables of
 * commands and options, and chanleak-rules(7), of the rules' own pages.
 */
#ifndef MANUAL_H
#define MANUAL_H

#include <stdio.h>

#include "rule.h"

void manual_program(FILE *out);
void manual_rules(const struct rules *rules, FILE *out);

#endif
