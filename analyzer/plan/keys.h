/* keys.h - alias classes: which loads may read what which stores wrote.
 *
 * A key names the memory of a load or store (flow.h). Keys that may name the same
 * memory are one class.
 */
#ifndef KEYS_H
#define KEYS_H

#include "plan.h"

struct keys {
    const struct flow *flow;
    uint32_t *class;                /* per key: union-find */
    bool     *only_sent;            /* per key: a scalar variable whose address goes nowhere but into sends */
    uint32_t *variables;            /* hash table of the keys "$function:name", +1 */
    uint64_t  variable_slots;
};

/* Of the reached functions; allocated from arena. */
struct keys *keys_make(const struct flow *flow, const struct plan *plan, struct arena *arena);

uint32_t keys_class(const struct keys *k, uint32_t key);

/* The key of a scalar that lives in a slot, or FLOW_NONE when nothing uses it by name. */
uint32_t keys_of_slot(const struct keys *k, uint32_t function, uint32_t slot);

/* The slot an address lies in, through registers that hold such an address; FLOW_NONE: not known. */
uint32_t keys_root_slot(const struct function *fn, uint32_t address);

#endif
