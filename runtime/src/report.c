/* report.c - a picture of all tasks, taken without stopping them, and task_dump. */
#include "report.h"
#include "panic.h"
#include "site.h"
#include "stack.h"
#include "switch.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- stacks ---- */

/* Walk the frame pointers of a parked task. It may go on meanwhile: then this reads
 * what is no longer true, but never outside its stack, which is never unmapped. */
RT_NO_SANITIZE static unsigned walk(const struct rt_task *t, uintptr_t pc[RT_DEPTH])
{
    uintptr_t low = (uintptr_t)t->stack;
    uintptr_t high = low + rt_stack_size() - RT_FRAME_WORDS * sizeof(uintptr_t);
    uintptr_t sp = (uintptr_t)*(void *const volatile *)&t->sp;
    const volatile uintptr_t *frame = (const uintptr_t *)sp;
    unsigned depth = 0;
    uintptr_t fp;

    if (sp < low || sp > high || sp % sizeof *frame)
        return 0;
    pc[depth++] = frame[RT_FRAME_PC];
    fp = frame[RT_FRAME_FP];
    while (depth < RT_DEPTH && fp > sp && fp <= high && fp % sizeof *frame == 0) {
        frame = (const uintptr_t *)fp;
        sp = fp;
        pc[depth++] = frame[1];
        fp = frame[0];
    }
    return depth;
}

/* ---- collecting ---- */

static void describe(struct rt_report *r, struct rt_task *t, bool stacks)
{
    r->id = t->id;
    r->tid = t->tid;
    r->seen = rt_wait_look(t);
    r->spawn_site = t->spawn_site;
    r->depth = 0;
    if (stacks && r->seen.state != RT_RUNNING)
        r->depth = walk(t, r->pc);
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

struct rt_reports rt_reports_of_tasks(uint64_t first, bool stacks)
{
    struct rt_reports reports = { NULL, 0 };
    struct rt_task *self = rt_self();
    size_t room = 0;

    for (int i = 0; i < RT_TASK_SHARDS; i++) {
        struct rt_shard *shard = &rt_shards[i];

        rt_lock(&shard->lock);
        make_room(&reports, &room, shard->count);
        for (struct rt_task *t = shard->first; t; t = t->all_next)
            if (t->id >= first && t != self)
                describe(&reports.all[reports.count++], t, stacks);
        rt_unlock(&shard->lock);
    }
    if (reports.count > 0)
        qsort(reports.all, reports.count, sizeof *reports.all, by_id);
    return reports;
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
        describe(&reports.all[reports.count++], t, false);
    }
    rt_unlock(&rt_threads.lock);
    return reports;
}

/* ---- printing ---- */

static void print_who(const struct rt_report *r, FILE *out)
{
    if (r->id > 0)
        fprintf(out, "task %llu", (unsigned long long)r->id);
    else if (r->tid == getpid())
        fprintf(out, "main");
    else
        fprintf(out, "thread %d", (int)r->tid);
}

void rt_report_print(const struct rt_report *r, double waited, FILE *out)
{
    const struct rt_seen *seen = &r->seen;
    char buffer[RT_SITE_MAX];

    print_who(r, out);
    fprintf(out, " [%s", rt_state_name(seen->state));
    if (waited >= 0)
        fprintf(out, ", %.3f s", waited);
    fprintf(out, "]:");
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

static void print_stack(const struct rt_report *r, FILE *out)
{
    char buffer[RT_SITE_MAX];

    for (unsigned i = 0; i < r->depth; i++) {
        const char *text = rt_pc_text(r->pc[i] - 1, buffer);

        if (!text)
            return;
        fprintf(out, "    %s\n", text);
    }
}

void task_dump(FILE *out)
{
    struct rt_reports reports = rt_reports_of_tasks(1, true);
    int64_t now = rt_now_coarse();

    for (size_t i = 0; i < reports.count; i++) {
        struct rt_report *r = &reports.all[i];
        bool blocked = rt_state_blocked(r->seen.state);
        double waited = blocked ? (double)(now - r->seen.since) / TASK_SECOND : -1;

        rt_report_print(r, waited > 0 || !blocked ? waited : 0, out);
        fputc('\n', out);
        print_stack(r, out);
    }
    free(reports.all);
}
