/* completion.h - what a shell needs to complete chanleak's command line, made of the tables of commands and
 * options.
 */
#ifndef COMPLETION_H
#define COMPLETION_H

#include <stdio.h>

void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

#endif
