/* configure.h - the configuration and the command line become what is done: the command line wins. */
#ifndef CONFIGURE_H
#define CONFIGURE_H

#include "config.h"
#include "options.h"
#include "rule.h"

/* Fill in what the command line leaves open. */
void        configure_options(struct options *options, const struct config *config, struct arena *arena);
/* Switch rules on and off, and set their severities. False: *error names what is no rule, and where. */
bool        configure_rules(struct rules *rules, const struct options *options, const struct config *config,
                            struct arena *arena, const char **error);
/* Where a value comes from: "command line", ".chanleak.yaml:3" or "default". */
const char *configure_origin(const struct options *options, const char *option, const struct config *config,
                             const struct config_value *value, struct arena *arena);
/* XXH3 of the roots, on which what is explored depends. */
uint64_t    configure_roots_hash(const struct config *config);

#endif
