/* addresses.h - which functions may be called by somebody who has only their address, and whether addresses leave
 * the code that we see. */
#ifndef ADDRESSES_H
#define ADDRESSES_H

#include "plan.h"

/* Per function of the program. */
struct addresses {
    bool *taken;        /* its address is taken: it may be called from anywhere */
    bool *by_pointer;   /* and not only to be started as a task: a call through a pointer may mean it */
};

/* Requires plan->functions[].reached: what nobody reaches takes no addresses. Globals do, whoever reads them. */
struct addresses addresses_find(const struct flow *program, const struct plan *plan, struct arena *arena);

/* Is code that we do not see called with an argument? */
bool addresses_hand_out(const struct flow *program, const struct plan *plan);

#endif
