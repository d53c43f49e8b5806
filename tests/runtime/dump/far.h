/* far.h - functions that lie in a shared library. */
#ifndef FAR_H
#define FAR_H

void far_call(void (*fn)(void *), void *arg);

#endif
