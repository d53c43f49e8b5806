/* unit_outline.h - the outline of a unit's own source, as libclang sees it. */
#ifndef UNIT_OUTLINE_H
#define UNIT_OUTLINE_H

#include "model.h"
#include "outline.h"
#include "unit.h"

/* Functions that headers only define are left out. Adds the parts of the outline to the message. */
void unit_outline(const struct unit *unit, const char *path, const struct models *models, struct message *message);

#endif
