/* seed_trace.h - a seeded run that follows a trace.
 *
 * A trace is a text file, one move a line, in words that its writer knows too: tabs
 * between
 *
 *     task  kind  peer  case  place  made
 *
 * task, peer: numbers in the order in which the trace starts them, 0 the one it begins in.
 * place, made: "file:first-last", the lines of the call, as compilers differ in which of them
 * __LINE__ is; made is where the timer was set. "-" stands for none. Kinds with a meaning
 * here are
 *
 *     start           starts task peer
 *     timeout         a timer fires: the one set at made, or by this very call
 *     wait queue      parks at place, and goes on later
 *     block           parks at place, the last the trace says of it
 *     abort           the program ends here
 *     cancel          a call that has no place at run time
 *     return          the task goes on to its end
 *     exit            the process ends; nothing is to be done for it
 *
 * any other is a call at place that goes through, with peer where two tasks meet. A line
 *
 *     again  moves  times
 *
 * says that the moves before it, so many, come again, so many times. A first line
 * "root 0" says that task 0 is main; "root -" that it is whoever first comes to its first place.
 */
#ifndef RT_SEED_TRACE_H
#define RT_SEED_TRACE_H

#include "seed_choice.h"

/* Read the trace at path; ends the process with a message when it cannot be. Where it
 * leaves something open, and after it, otherwise says what happens. */
struct rt_chooser *rt_trace_follow(const char *path, struct rt_chooser *otherwise);

/* Say on stderr, once, how far the trace was followed; nothing when there is none. */
void rt_trace_tell(void);

#endif
