/* profile.c - the leak profile: stop, mark, ask. */
#define _GNU_SOURCE
#include "profile.h"
#include "pages.h"
#include "pinned.h"
#include "report.h"
#include "roots.h"
#include "roster.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    TASKS_MOST = 1 << 22,
    TRIES = 50,                     /* to find nobody in malloc */
    PAUSE_NS = 500000,
    PROBE_BYTES = 200,
};

/* ---- tasks ---- */

struct gathering {
    struct rt_mark *mark;
    bool            full;
};

static bool gather(struct rt_task *task, uint64_t id, void *arg)
{
    struct gathering *g = arg;
    struct rt_mark_task *t = &g->mark->tasks[g->mark->task_count];
    uintptr_t sp = (uintptr_t)task->sp;

    if (g->mark->task_count == TASKS_MOST) {
        g->full = true;
        return false;
    }
    *t = (struct rt_mark_task){ .low = (uintptr_t)rt_task_stack(task), .top = (uintptr_t)task,
                                .end = (uintptr_t)(task + 1), .task = task, .id = id };
    if (!rt_wait_try(task, &t->seen))           /* stopped as it was about to block */
        t->seen.state = RT_RUNNING;
    t->sp = t->seen.state != RT_RUNNING && sp >= t->low && sp < t->top ? sp : t->low;
    g->mark->task_count++;
    return true;
}

static const char *gather_tasks(struct rt_mark *m)
{
    struct gathering g = { m, false };

    m->tasks = rt_pages_get(TASKS_MOST * sizeof *m->tasks);
    if (!m->tasks)
        return "out of memory";
    rt_roster_each(gather, &g);
    rt_ranges_sort(m->tasks, m->task_count, sizeof *m->tasks);
    return g.full ? "there are too many tasks" : NULL;
}

/* ---- what a task waits for ---- */

enum hope {
    MOVES,                          /* it runs, or time will wake it */
    WAITS,                          /* for an object */
    NONE,                           /* nothing can ever wake it */
};

/* A select waits for its channels; the array is the program's. */
static enum hope cases_hope(struct rt_mark *m, const struct rt_seen *seen, bool *reached)
{
    chan_case_t c;
    enum hope hope = NONE;

    for (size_t i = 0; i < seen->cases; i++) {
        if (rt_pages_peek((uintptr_t)seen->object + i * sizeof c, &c, sizeof c) < sizeof c)
            return MOVES;
        if (!c.ch)
            continue;
        hope = WAITS;
        *reached = *reached || rt_mark_reached(m, (uintptr_t)c.ch);
    }
    return hope;
}

static enum hope hope_of(struct rt_mark *m, const struct rt_mark_task *t, bool *reached)
{
    const struct rt_seen *seen = &t->seen;

    *reached = false;
    switch (seen->state) {
    case RT_RUNNING:
    case RT_RUNNABLE:
    case RT_SLEEP:
        return MOVES;
    case RT_SEND_NIL:
    case RT_RECEIVE_NIL:
    case RT_SELECT_NONE:
        return NONE;
    case RT_SELECT:
        return seen->object ? cases_hope(m, seen, reached) : MOVES;
    case RT_SEND:
    case RT_RECEIVE:
    case RT_WAIT_GROUP:
    case RT_MUTEX:
    case RT_READ_LOCK:
    case RT_WRITE_LOCK:
    case RT_COND:
    case RT_ONCE:
    case RT_GROUP_SPAWN:
    case RT_GROUP_WAIT:
        *reached = rt_mark_reached(m, (uintptr_t)seen->object);
        return seen->object ? WAITS : MOVES;
    }
    return MOVES;
}

/* ---- marking ---- */

static void mark_pinned(uintptr_t word, void *arg)
{
    rt_mark_word(arg, word, RT_STORED);
}

/* A thread's record holds the address of what it once waited for. */
static void hide_records(struct rt_mark *m)
{
    for (struct rt_task *t = rt_threads.first; t; t = t->all_next)
        rt_mark_hide(m, t);
}

/* Until no blocked task's object is reached that was not before. */
static void mark_waking(struct rt_mark *m)
{
    bool more = true, reached;

    while (more) {
        rt_mark_finish(m);
        more = false;
        for (size_t i = 0; i < m->task_count; i++) {
            struct rt_mark_task *t = &m->tasks[i];

            if (t->reached)
                continue;
            if (hope_of(m, t, &reached) == MOVES || reached) {
                rt_mark_task(m, t);
                more = true;
            }
        }
    }
}

static void collect(struct rt_mark *m, struct rt_profile *p)
{
    bool reached;

    for (size_t i = 0; i < m->task_count && p->stuck_count < p->stuck_room; i++) {
        struct rt_mark_task *t = &m->tasks[i];

        if (!t->reached || hope_of(m, t, &reached) == NONE)
            p->stuck[p->stuck_count++] = (struct rt_stuck){ t->id, t->seen.version };
    }
}

static void mark_all(struct rt_mark *m, struct rt_profile *p, const struct rt_world *world,
                     const struct rt_cuts *cuts)
{
    hide_records(m);
    p->failure = rt_pinned_each(m, &p->caller, world, mark_pinned, m);
    if (p->failure)
        return;
    rt_roots_mark_threads(m, p, world);
    rt_roots_mark(m, cuts);
    mark_waking(m);
    collect(m, p);
}

void rt_profile_look(const struct rt_world *world, void *arg)
{
    struct rt_profile *p = arg;
    struct rt_mark m = { .stride = p->stride };
    struct rt_cuts cuts = { .all = NULL };

    p->busy = false;
    p->failure = NULL;
    p->stuck_count = 0;
    if (!rt_maps_load(&m.maps)) {
        p->failure = "its memory is not known: /proc cannot be read";
    } else if (p->use_heap && rt_roots_malloc_busy(&m, world)) {
        p->busy = true;
    } else {
        p->failure = gather_tasks(&m);
        if (!p->failure)
            p->failure = rt_roots_find(&m, p, world, &cuts);
        if (!p->failure && !rt_mark_init(&m))
            p->failure = "out of memory";
        if (!p->failure)
            mark_all(&m, p, world, &cuts);
    }
    rt_mark_drop(&m);
    rt_heap_drop(&m.heap);
    rt_roots_drop(&cuts);
    rt_pages_put(m.tasks, TASKS_MOST * sizeof *m.tasks);
    rt_maps_drop(&m.maps);
}

/* ---- looking twice ---- */

/* A look while nobody is in malloc; if that does not come about, without the blocks. */
static const char *look(struct rt_profile *p)
{
    static const struct timespec pause = { 0, PAUSE_NS };
    const char *failure = NULL;

    p->use_heap = true;
    for (int i = 0; i <= TRIES; i++) {
        if (i == TRIES)
            p->use_heap = false;
        failure = rt_world_stop(rt_profile_look, p);
        if (failure || !p->busy)
            break;
        nanosleep(&pause, NULL);
    }
    return failure ? failure : p->failure;
}

static int by_id(const void *a, const void *b)
{
    uint64_t left = ((const struct rt_stuck *)a)->id;
    uint64_t right = ((const struct rt_stuck *)b)->id;

    return (left > right) - (left < right);
}

/* Sorted by id afterwards. */
static const char *look_sorted(struct rt_profile *p, size_t stride)
{
    const char *failure;

    p->stride = stride;
    failure = look(p);
    if (!failure && p->stuck_count > 0)
        qsort(p->stuck, p->stuck_count, sizeof *p->stuck, by_id);
    return failure;
}

static bool is_stuck(const struct rt_profile *p, uint64_t id, unsigned version)
{
    struct rt_stuck key = { id, version };
    struct rt_stuck *found = p->stuck_count == 0 ? NULL :
        bsearch(&key, p->stuck, p->stuck_count, sizeof key, by_id);

    return found && found->version == version;
}

/* The tasks that two looks agree about: whoever is stuck stays so. The second also takes
 * addresses at odd places for such. */
static const char *find(struct rt_profile *first, struct rt_profile *second)
{
    const char *failure = look_sorted(first, sizeof(uintptr_t));

    second->stuck_count = 0;
    return failure || first->stuck_count == 0 ? failure : look_sorted(second, 1);
}

static void keep_stuck(struct rt_reports *reports, const struct rt_profile *first,
                       const struct rt_profile *second)
{
    size_t kept = 0;

    for (size_t i = 0; i < reports->count; i++) {
        const struct rt_report *r = &reports->all[i];

        if (is_stuck(first, r->id, r->seen.version) && is_stuck(second, r->id, r->seen.version))
            reports->all[kept++] = *r;
    }
    reports->count = kept;
}

static size_t print_stuck(const struct rt_profile *first, const struct rt_profile *second,
                          FILE *out)
{
    struct rt_reports reports = { NULL, 0 };

    if (second->stuck_count > 0) {
        reports = rt_reports_of_tasks(1, true);
        keep_stuck(&reports, first, second);
        rt_reports_print_grouped(reports, "leaked ", out);
    }
    free(reports.all);
    return reports.count;
}

/* ---- where it cannot work ---- */

__attribute__((weak)) void __asan_init(void);
__attribute__((weak)) void __tsan_init(void);
__attribute__((weak)) void __msan_init(void);
__attribute__((weak)) void __hwasan_init(void);

static const char *unable(void)
{
#ifdef RT_VALGRIND
    if (RUNNING_ON_VALGRIND)
        return "the program runs under valgrind";
#endif
    if (__asan_init || __tsan_init || __msan_init || __hwasan_init)
        return "the program is built with a sanitizer";
    return NULL;
}

/* ---- the public function ---- */

static struct rt_lock one_at_a_time;

static size_t profile(const struct rt_caller *caller, FILE *out)
{
    size_t room = TASKS_MOST * sizeof(struct rt_stuck);
    struct rt_profile first = { .caller = *caller, .stuck_room = TASKS_MOST }, second;
    const char *failure;
    size_t count = 0;

    rt_lock(&one_at_a_time);
    first.probe = malloc(PROBE_BYTES);
    second = first;
    first.stuck = rt_pages_get(room);
    second.stuck = rt_pages_get(room);
    failure = !first.probe || !first.stuck || !second.stuck ? "out of memory" :
        find(&first, &second);
    if (!failure)
        count = print_stuck(&first, &second, out);
    rt_pages_put(first.stuck, room);
    rt_pages_put(second.stuck, room);
    free((void *)first.probe);
    rt_unlock(&one_at_a_time);
    if (failure)
        fprintf(out, "no leak profile: %s\n", failure);
    return count;
}

/* The registers that functions save are the caller's here, or lie on the stack already. */
__attribute__((noinline)) size_t task_leak_profile(FILE *out)
{
    uintptr_t saved[RT_SAVED_WORDS];
    struct rt_caller caller = { .tid = gettid(), .process = getpid(), .sp = (uintptr_t)saved };
    const char *why_not = unable();
    size_t count = 0;

#if defined(__x86_64__)
    __asm__ volatile("movq %%rbx, (%0)\n\tmovq %%rbp, 8(%0)\n\tmovq %%r12, 16(%0)\n\t"
                     "movq %%r13, 24(%0)\n\tmovq %%r14, 32(%0)\n\tmovq %%r15, 40(%0)"
                     : : "r"(saved) : "memory");
#else
    __asm__ volatile("stp x19, x20, [%0]\n\tstp x21, x22, [%0, #16]\n\t"
                     "stp x23, x24, [%0, #32]\n\tstp x25, x26, [%0, #48]\n\t"
                     "stp x27, x28, [%0, #64]\n\tstr x29, [%0, #80]"
                     : : "r"(saved) : "memory");
#endif
    if (why_not)
        fprintf(out, "no leak profile: %s\n", why_not);
    else
        count = profile(&caller, out);
    __asm__ volatile("" : : "r"(saved) : "memory");
    return count;
}
