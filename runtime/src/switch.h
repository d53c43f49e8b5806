/* switch.h - the machine's part of a task: changing stacks, starting one.
 * See switch.S for the frame that both sides agree on. */
#ifndef RT_SWITCH_H
#define RT_SWITCH_H

#include <stdint.h>
#include <string.h>

/* Leave this stack for to_sp; returns when somebody switches to *save_sp. */
void rt_switch(void **save_sp, void *to_sp);
void rt_enter(void);

#if defined(__x86_64__)
enum { RT_FRAME_WORDS = 7, RT_FRAME_FP = 5, RT_FRAME_PC = 6, RT_FRAME_ARG = 3, RT_FRAME_ENTRY = 2 };
#else
enum { RT_FRAME_WORDS = 20, RT_FRAME_FP = 10, RT_FRAME_PC = 11, RT_FRAME_ARG = 0, RT_FRAME_ENTRY = 1 };
#endif

/* Lay out a first frame under top so that a switch to the result calls
 * entry(arg); entry returns what to switch to when this stack is done with. */
static inline void *rt_stack_start(void *top, void *(*entry)(void *), void *arg)
{
    uintptr_t *frame = (uintptr_t *)((uintptr_t)top & ~(uintptr_t)15) - 2 - RT_FRAME_WORDS;

    memset(frame, 0, RT_FRAME_WORDS * sizeof *frame);
    frame[RT_FRAME_PC] = (uintptr_t)rt_enter;
    frame[RT_FRAME_ARG] = (uintptr_t)arg;
    frame[RT_FRAME_ENTRY] = (uintptr_t)entry;
    return frame;
}

#endif
