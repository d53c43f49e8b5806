/* lower.h - the C of one unit becomes a flow. */
#ifndef LOWER_H
#define LOWER_H

#include "flow.h"
#include "model.h"
#include "unit.h"

/* Lower a parsed unit into `arena`. Never fails: what was not understood is in
 * flow.notes. The models serve only to name operations as a person would; calls are
 * resolved to them when the program is linked. Functions annotated in this
 * unit are operations already. `annotated`, if not NULL, receives the models that
 * the unit's annotations define. */
struct flow *lower_unit(const struct unit *unit, const struct models *models,
                        struct arena *arena, struct model_list *annotated);

#endif
