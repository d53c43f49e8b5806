/* report.h - what every task is doing, as text. */
#ifndef RT_REPORT_H
#define RT_REPORT_H

#include "task.h"

enum { RT_DEPTH = 24 };

struct rt_report {
    uint64_t       id;              /* 0: an OS thread */
    pid_t          tid;             /* of the thread */
    struct rt_seen seen;
    const char    *spawn_site;
    unsigned       depth;
    uintptr_t      pc[RT_DEPTH];    /* return addresses, innermost first */
};

struct rt_reports {
    struct rt_report *all;          /* by id */
    size_t            count;
};

/* The tasks with ids from first on, but the calling one; with their stacks if wanted. */
struct rt_reports rt_reports_of_tasks(uint64_t first, bool stacks);
/* OS threads blocked in the runtime. */
struct rt_reports rt_reports_of_threads(void);

/* "task 7 [chan send]: at a.c:30 on channel made at a.c:12 (capacity 0), spawned at
 * a.c:20" and no newline; waited (seconds) goes into the brackets unless negative. */
void rt_report_print(const struct rt_report *report, double waited, FILE *out);

static inline bool rt_state_blocked(enum rt_state state)
{
    return state != RT_RUNNING && state != RT_RUNNABLE;
}

#endif
