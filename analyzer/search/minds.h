/* minds.h - what a pending operation minds others doing before it: conditional independence.
 *
 * Two operations on one object are independent in a state when each leaves the other
 * possible and both orders lead to the same (Katz and Peled, "Defining Conditional
 * Independence Using Collapses", 1992). An operation that cannot go ahead minds
 * only those that could let it (the necessary enabling sets of Godefroid, 1996).
 */
#ifndef MINDS_H
#define MINDS_H

#include "machine.h"

enum { MINDED_MAX = 40 };

struct pending {
    uint32_t count;
    struct minded {
        uint32_t object;
        uint8_t  token;             /* class of the object (tokens.h) */
        uint8_t  aspects;           /* enum aspect: what others do to it that matters */
    } of[MINDED_MAX];
    bool     everything;            /* it may concern anybody */
};

/* Of the task's next step in the machine's state; may follow unknown pointers. */
void minds_of(struct machine *m, uint32_t task, struct pending *p);

#endif
