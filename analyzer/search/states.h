/* states.h - the state graph as text, to see where states come from (--dump=states). */
#ifndef STATES_H
#define STATES_H

#include <stdio.h>

#include "search.h"

/* Every state of a search: where it came from and leads to, where each task stands and what
 * it still reads there, the objects in reach and what is known of the unknown. */
void states_print(struct search *s, FILE *out);

#endif
