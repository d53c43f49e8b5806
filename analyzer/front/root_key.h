/* root_key.h - what an exploration depends on, as a number: equal numbers, equal facts. */
#ifndef ROOT_KEY_H
#define ROOT_KEY_H

#include "flow.h"

struct root_keys;

/* XXH3 of the text and place of each of its functions. */
uint64_t         *root_key_functions(const struct flow *program, struct arena *arena);
/* Over a linked program; functions: those hashes; salt: of how it is explored. */
struct root_keys *root_keys_of(const struct flow *program, const uint64_t *functions, uint64_t salt, struct arena *arena);
/* XXH3 of everything that is reached from the function: texts of functions with their places,
 * contents of globals. Never 0. */
uint64_t          root_key(struct root_keys *keys, uint32_t root);

#endif
