/* startup.h - what runs before main and after it: constructors and destructors.
 *
 * The linked program's main is made to call them: constructors before its first statement,
 * destructors where it returns, as the C implementation does. Whatever looks at
 * the program then knows of them without knowing that there are such functions.
 */
#ifndef STARTUP_H
#define STARTUP_H

#include "flow.h"

/* Does a unit define a function that runs before main? */
bool startup_has_constructor(const struct flow *flow);

/* Make main call the constructors and destructors of a linked program that has a main.
 * Allocates from the flow's arena. */
void startup_call(struct flow *program);

#endif
