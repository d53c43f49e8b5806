/* seed_trace_file.h - a trace as it is read: see seed_trace.h. */
#ifndef RT_SEED_TRACE_FILE_H
#define RT_SEED_TRACE_FILE_H

#include <stdbool.h>
#include <stddef.h>

enum { RT_TRACE_TASKS = 1024, RT_TRACE_NONE = -1 };

enum rt_trace_kind {
    RT_TRACE_PASS,                  /* any call that goes through */
    RT_TRACE_START, RT_TRACE_TIMEOUT, RT_TRACE_WAIT, RT_TRACE_QUEUE, RT_TRACE_BLOCK,
    RT_TRACE_ABORT, RT_TRACE_CANCEL, RT_TRACE_RETURN, RT_TRACE_EXIT, RT_TRACE_SELECT,
};

/* The lines of a call. */
struct rt_trace_place {
    const char *file;               /* NULL: none */
    unsigned    first, last;
};

struct rt_trace_step {
    enum rt_trace_kind    kind;
    int                   task;
    int                   peer;     /* or RT_TRACE_NONE */
    int                   number;   /* of the case, or RT_TRACE_NONE */
    struct rt_trace_place place, made;
    bool                  started;  /* start: the task is there */
    size_t                first;    /* of the round it belongs to; itself when it is in none */
    size_t                again;    /* so often the round that it ends comes again */
};

struct rt_trace_file {
    bool                  from_main;
    struct rt_trace_step *steps;
    size_t                count;
};

/* Ends the process when it cannot be read. */
void rt_trace_read(const char *path, struct rt_trace_file *file);

/* The call at site is at the place; a return address is at none. */
bool rt_trace_place_is(const struct rt_trace_place *place, const char *site);

#endif
