/* walk.h - the functions a parked task is in, from the frame pointers on its stack. */
#ifndef RT_WALK_H
#define RT_WALK_H

#include "task.h"

enum { RT_DEPTH = 32, RT_TEXTS = 128 };

/* Where code lies; what is in no entry is not believed to be code. */
struct rt_texts {
    unsigned  count;
    struct { uintptr_t start, end; } at[RT_TEXTS];
};
void rt_texts_load(struct rt_texts *texts);

struct rt_trace {
    unsigned  depth;
    bool      more;                 /* there are further out ones than pc has room for */
    uintptr_t pc[RT_DEPTH];         /* return addresses, innermost first */
};

/* The program's own frames: those of the runtime above the operation that the task is in,
 * and below the task's function, are left out. t cannot finish meanwhile, but may go on:
 * then trace may be wrong. */
void rt_walk(const struct rt_task *t, const struct rt_texts *texts, struct rt_trace *trace);

/* pc lies in the runtime's own code. */
bool rt_in_runtime(uintptr_t pc);

#endif
