/* profile.h - the leak profile: tasks that nothing can wake any more.
 *
 * The idea is GOLF's (Saioc, Lange and Chabbi, "Dynamic Partial Deadlock Detection and
 * Recovery via Garbage Collection", ASPLOS 2025): a blocked task whose channel (lock, wait
 * group...) cannot be reached from anything alive can never go on. What is alive: all memory
 * the program has, but for blocks of malloc and the stacks of blocked tasks, which are alive
 * when an address of theirs is found in something alive; and a blocked task's stack is
 * so too as soon as what it waits for is.
 */
#ifndef RT_PROFILE_H
#define RT_PROFILE_H

#include "mark.h"
#include "world.h"

enum { RT_SAVED_WORDS = 12 };

/* What the caller of task_leak_profile had in its registers and on its stack. */
struct rt_caller {
    pid_t     tid, process;
    uintptr_t sp;                   /* from here on the stack is the caller's */
};

struct rt_stuck { uint64_t id; unsigned version; };     /* the task's wait */

struct rt_profile {
    struct rt_caller caller;
    const void      *probe;         /* a block of malloc's */
    size_t           stride;
    bool             use_heap;      /* else every block is taken for alive */
    bool             busy;          /* out: somebody was in malloc, nothing was done */
    const char      *failure;       /* out: nothing was found out because... */
    struct rt_stuck *stuck;         /* out, with room for stuck_room */
    size_t           stuck_count, stuck_room;
};

/* For rt_world_stop; arg is a struct rt_profile. */
void rt_profile_look(const struct rt_world *world, void *arg);

#endif
