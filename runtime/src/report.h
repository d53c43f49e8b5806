/* report.h - what tasks are doing, as text. */
#ifndef RT_REPORT_H
#define RT_REPORT_H

#include "symbols.h"
#include "walk.h"

#define RT_ANY_TASK UINT64_MAX

struct rt_report {
    uint64_t        id;             /* 0: an OS thread; RT_ANY_TASK: not said */
    pid_t           tid;            /* of the thread */
    struct rt_seen  seen;
    const char     *spawn_site;
    const void     *spawn_pc;
    task_fn        *fn;
    struct rt_trace trace;
};

struct rt_reports {
    struct rt_report *all;          /* by id */
    size_t            count;
};

/* The tasks with ids from first on, but the calling one; with their stacks if wanted. */
struct rt_reports rt_reports_of_tasks(uint64_t first, bool stacks);
/* These tasks, none of which is running, in the order given. */
struct rt_reports rt_reports_of(struct rt_task *const *tasks, size_t n, bool stacks);
/* OS threads blocked in the runtime. */
struct rt_reports rt_reports_of_threads(void);

/* "task 7 [chan send]: at a.c:30 on channel made at a.c:12 (capacity 0), spawned at
 * a.c:20" and no newline; waited (seconds) goes into the brackets unless negative. */
void rt_report_print(const struct rt_report *report, double waited, FILE *out);
/* What follows the brackets of that, colon included. */
void rt_report_print_where(const struct rt_report *report, FILE *out);
/* The task's stack and who spawned it, in Go's form: two lines a frame, indented. */
void rt_report_print_stack(const struct rt_report *report, struct rt_symbols *symbols, FILE *out);

/* Each, "leaked " before it, with its stack; flushes and frees. Returns how many. */
size_t rt_reports_print_leaked(struct rt_reports reports, FILE *out);

/* Seconds blocked; -1 when not blocked. */
double rt_report_waited(const struct rt_report *report, int64_t now);

/* Groups of equal state, places and stack, largest first: "3 tasks [chan send, 2-5 s]: at
 * ...", a line of ids, and the stack; what ("leaked ") before each. */
void rt_reports_print_grouped(struct rt_reports reports, const char *what, FILE *out);

static inline bool rt_state_blocked(enum rt_state state)
{
    return state != RT_RUNNING && state != RT_RUNNABLE;
}

#endif
