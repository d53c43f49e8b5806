/* join.h - copy functions and globals of one flow into another. */
#ifndef JOIN_H
#define JOIN_H

#include "model.h"
#include "pool.h"

struct join;

struct join *join_new(struct arena *arena);
/* All of a unit: its static symbols stay its own, the others meet by name. */
void         join_unit(struct join *join, const struct flow *from);
/* Give meaning to what no unit defined; call when all units are in. */
void         join_models(struct join *join, const struct models *models);
void         join_note(struct join *join, const char *text);
struct flow *join_flow(struct join *join);

#endif
