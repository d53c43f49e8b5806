/* report.c - a picture of all tasks, taken without stopping them, and its text. */
#include "report.h"
#include "panic.h"
#include "roster.h"
#include "site.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- collecting ---- */

/* A stack is believed when the task still waits as it did before. */
static void describe(struct rt_report *r, struct rt_task *t, const struct rt_texts *texts)
{
    r->id = t->id;
    r->tid = t->tid;
    r->seen = rt_wait_look(t);
    r->seen.object = NULL;          /* freed memory would hide it from the leak profile */
    r->spawn_site = t->spawn_site;
    r->spawn_pc = t->spawn_pc;
    r->fn = t->fn;
    r->trace.depth = 0;
    r->trace.more = false;
    if (texts && r->seen.state != RT_RUNNING) {
        struct rt_seen after;

        rt_walk(t, texts, &r->trace);
        after = rt_wait_look(t);
        if (after.version != r->seen.version || after.state != r->seen.state)
            r->trace.depth = 0;
    }
}

static void make_room(struct rt_reports *reports, size_t *room, size_t more)
{
    if (reports->count + more <= *room)
        return;
    *room = 2 * (reports->count + more);
    reports->all = realloc(reports->all, *room * sizeof *reports->all);
    if (!reports->all)
        rt_out_of_memory();
}

static int by_id(const void *a, const void *b)
{
    uint64_t left = ((const struct rt_report *)a)->id;
    uint64_t right = ((const struct rt_report *)b)->id;

    return (left > right) - (left < right);
}

struct rt_reports rt_reports_of(struct rt_task *const *tasks, size_t n, bool stacks)
{
    struct rt_reports reports = { NULL, 0 };
    struct rt_texts texts;
    size_t room = 0;

    if (stacks)
        rt_texts_load(&texts);
    make_room(&reports, &room, n);
    while (reports.count < n) {
        struct rt_task *t = tasks[reports.count];

        describe(&reports.all[reports.count++], t, stacks && !t->is_thread ? &texts : NULL);
    }
    return reports;
}

struct collecting {
    struct rt_reports reports;
    size_t            room;
    uint64_t          first;
    struct rt_texts  *texts;            /* NULL: no stacks */
    struct rt_task   *self;
};

static bool collect(struct rt_task *t, uint64_t id, void *arg)
{
    struct collecting *c = arg;
    struct rt_report *r;

    if (id < c->first || t == c->self)
        return true;
    make_room(&c->reports, &c->room, 1);
    r = &c->reports.all[c->reports.count];
    describe(r, t, c->texts);
    if (r->id == id && t->id == id)     /* it did not end meanwhile */
        c->reports.count++;
    return true;
}

struct rt_reports rt_reports_of_tasks(uint64_t first, bool stacks)
{
    struct rt_texts texts;
    struct collecting c = { .first = first, .texts = stacks ? &texts : NULL, .self = rt_self() };

    if (stacks)
        rt_texts_load(&texts);
    rt_roster_each(collect, &c);
    if (c.reports.count > 0)
        qsort(c.reports.all, c.reports.count, sizeof *c.reports.all, by_id);
    return c.reports;
}

struct rt_reports rt_reports_of_threads(void)
{
    struct rt_reports reports = { NULL, 0 };
    size_t room = 0;

    rt_lock(&rt_threads.lock);
    for (struct rt_task *t = rt_threads.first; t; t = t->all_next) {
        if (!t->in_use || !rt_state_blocked(rt_wait_look(t).state))
            continue;
        make_room(&reports, &room, 1);
        describe(&reports.all[reports.count++], t, NULL);
    }
    rt_unlock(&rt_threads.lock);
    return reports;
}

double rt_report_waited(const struct rt_report *r, int64_t now)
{
    if (!rt_state_blocked(r->seen.state))
        return -1;
    return now > r->seen.since ? (double)(now - r->seen.since) / TASK_SECOND : 0;
}

/* ---- a task ---- */

static void print_who(const struct rt_report *r, FILE *out)
{
    if (r->id == RT_ANY_TASK)
        fprintf(out, "task");
    else if (r->id > 0)
        fprintf(out, "task %llu", (unsigned long long)r->id);
    else if (r->tid == getpid())
        fprintf(out, "main");
    else
        fprintf(out, "thread %d", (int)r->tid);
}

void rt_report_print_where(const struct rt_report *r, FILE *out)
{
    const struct rt_seen *seen = &r->seen;
    char buffer[RT_SITE_MAX];

    fputc(':', out);
    if (rt_state_blocked(seen->state)) {
        fprintf(out, " at %s", rt_site_text(seen->site, buffer));
        if (seen->made)
            fprintf(out, " on channel made at %s (capacity %zu)",
                    rt_site_text(seen->made, buffer), seen->capacity);
        if (r->id > 0)
            fputc(',', out);
    }
    if (r->id > 0)
        fprintf(out, " spawned at %s", rt_site_text(r->spawn_site, buffer));
}

void rt_report_print(const struct rt_report *r, double waited, FILE *out)
{
    print_who(r, out);
    fprintf(out, " [%s", rt_state_names[r->seen.state]);
    if (waited >= 0)
        fprintf(out, ", %.3f s", waited);
    fputc(']', out);
    rt_report_print_where(r, out);
}

/* ---- its stack ---- */

enum { INLINED_MOST = 16 };

static void print_frame(const struct rt_frame *f, const char *indent, FILE *out)
{
    fprintf(out, "    %s%s%s\n", indent, f->function ? f->function : "?",
            f->inlined ? " (inlined)" : "");
    if (f->file)
        fprintf(out, "    \t%s:%d", f->file, f->line);
    else
        fprintf(out, "    \t?");
    if (f->offset > 0)
        fprintf(out, " +0x%lx", (unsigned long)f->offset);
    fputc('\n', out);
}

/* All that pc, a call's, is in. Returns the start of the outermost function, 0: unknown. */
static uintptr_t print_pc(uintptr_t pc, struct rt_symbols *symbols, FILE *out)
{
    struct rt_frame frames[INLINED_MOST];
    size_t n = symbols ? rt_symbols_find(symbols, pc, frames, INLINED_MOST) : 0;
    char buffer[RT_SITE_MAX];
    const char *text;

    for (size_t i = 0; i < n; i++)
        print_frame(&frames[i], "", out);
    if (n > 0)
        return pc - frames[n - 1].offset;
    text = rt_pc_text(pc, buffer);
    if (text)
        fprintf(out, "    %s\n", text);
    return 0;
}

/* The task's function, when it is not on the stack: the last thing it does is to call
 * another, which took its place, or it has no frame pointer. */
static void print_task_function(const struct rt_report *r, struct rt_symbols *symbols, FILE *out)
{
    struct rt_frame frame;
    char buffer[RT_SITE_MAX];
    uintptr_t pc = (uintptr_t)r->fn;

    if (rt_in_runtime(pc))
        return;
    if (r->trace.depth > 0 || !rt_state_blocked(r->seen.state)) {
        print_pc(pc, symbols, out);
    } else if (symbols && rt_symbols_find(symbols, pc, &frame, 1) == 1) {
        fprintf(out, "    %s\n    \t%s\n", frame.function ? frame.function : "?",
                rt_site_text(r->seen.site, buffer));
    } else {
        print_pc(pc, NULL, out);
    }
}

static void print_creator(const struct rt_report *r, struct rt_symbols *symbols, FILE *out)
{
    uintptr_t site = (uintptr_t)r->spawn_site;
    uintptr_t pc = site & RT_SITE_IS_PC ? site & ~(uintptr_t)RT_SITE_IS_PC : (uintptr_t)r->spawn_pc;
    char buffer[RT_SITE_MAX];
    struct rt_frame frame;

    if (!symbols || rt_in_runtime(pc) || rt_symbols_find(symbols, pc - 1, &frame, 1) == 0) {
        fprintf(out, "    created at %s\n", rt_site_text(r->spawn_site, buffer));
        return;
    }
    print_frame(&frame, "created by ", out);
}

void rt_report_print_stack(const struct rt_report *r, struct rt_symbols *symbols, FILE *out)
{
    uintptr_t outermost = 0;

    if (r->id == 0)
        return;
    for (unsigned i = 0; i < r->trace.depth; i++)
        outermost = print_pc(r->trace.pc[i] - 1, symbols, out);
    if (r->trace.more)
        fprintf(out, "    ...further frames left out...\n");
    if (outermost != (uintptr_t)r->fn && (symbols || r->trace.depth == 0))
        print_task_function(r, symbols, out);
    print_creator(r, symbols, out);
}
