/* mark.h - which of the program's memory can still be reached: conservative marking.
 *
 * After Boehm and Weiser, "Garbage Collection in an Uncooperative Environment" (1988): any
 * word that could be an address, of a block or into it, is one.
 * Two kinds of memory are only alive when they are reached: the blocks of malloc, and the
 * stacks of parked tasks. All other memory is where the search starts.
 */
#ifndef RT_MARK_H
#define RT_MARK_H

#include "heap.h"
#include "ranges.h"
#include "task.h"

struct rt_mark_task {
    uintptr_t       low, end;       /* its stack and its struct rt_task */
    uintptr_t       top;            /* where the stack ends and the latter begins */
    uintptr_t       sp;             /* its lowest byte in use */
    struct rt_task *task;
    uint64_t        id;
    struct rt_seen  seen;
    bool            reached;        /* its stack is part of what can be reached */
};

struct rt_mark {
    struct rt_maps       maps;
    struct rt_heap       heap;
    struct rt_mark_task *tasks;     /* by address */
    size_t               task_count;
    size_t               stride;    /* between places where an address may lie: 8, or 1 */
    uint64_t            *filter;    /* a bit a megabyte: blocks or stacks lie there */
    struct rt_range     *work;      /* reached and to be looked through */
    size_t               work_count, work_size;
    struct rt_heap_part *recent;
    char                *buffer;
    struct rt_range      libc;      /* the C library's own variables */
};

enum rt_source {
    RT_STORED,                      /* in memory: an address of a struct rt_task itself, or of
                                       the very end of a stack, is the runtime's bookkeeping */
    RT_IN_HAND,                     /* of a thread that runs: it may be about to wake that task */
};

/* With maps, heap, tasks and stride set. False: out of memory. */
bool rt_mark_init(struct rt_mark *m);
void rt_mark_drop(struct rt_mark *m);

void rt_mark_word(struct rt_mark *m, uintptr_t word, enum rt_source source);
/* All words in the touched pages of a range. */
void rt_mark_range(struct rt_mark *m, const struct rt_map *map, uintptr_t start, uintptr_t end,
                   enum rt_source source);
/* A parked or running task's stack. */
void rt_mark_task(struct rt_mark *m, struct rt_mark_task *t);
/* A block of the runtime's, which keeps nothing alive. */
void rt_mark_hide(struct rt_mark *m, const void *block);
/* Go on from what was marked until nothing more is reached. */
void rt_mark_finish(struct rt_mark *m);

/* Whether what lies at address can be reached, as far as is known up to now. */
bool rt_mark_reached(struct rt_mark *m, uintptr_t address);

/* The task whose stack holds address, or NULL. */
struct rt_mark_task *rt_mark_task_at(const struct rt_mark *m, uintptr_t address);

#endif
