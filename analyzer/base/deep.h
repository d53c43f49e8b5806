/* deep.h - a stack for programs that nest deeply. */
#ifndef DEEP_H
#define DEEP_H

/* Call body(argument) on a stack of a gigabyte, or what can be had of it, and return its
 * result. Generated code adds ten thousand numbers in one expression, and what looks at an expression
 * descends into it: the compiler's parser, lowering, and the explorer. Memory is taken
 * only for what is used. */
int deep_call(int (*body)(void *argument), void *argument);

#endif
