/* leak.c - leak checks: around a piece of code, and of the whole program.
 *
 * With CHANRT_LEAKCHECK=1 the whole program is checked when main returns or exits, and
 * by a watcher thread as long as main is blocked: when main and all tasks are blocked, no
 * timer can wake anyone, and that has been so for the timeout, nothing will ever happen.
 */
#define _GNU_SOURCE
#include "leak.h"
#include "report.h"
#include "roster.h"
#include "sched.h"
#include "seed.h"
#include "seed_leak.h"
#include "seed_many.h"
#include "setting.h"
#include "site.h"
#include "thread.h"
#include "timer.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TIMEOUT_MS = 1000 };

static bool enabled;
static int64_t limit;
static pthread_once_t watch_once = PTHREAD_ONCE_INIT;

/* ---- around code ---- */

struct since {
    uint64_t        first;
    struct rt_task *self;
    bool            found;
};

static bool is_since(struct rt_task *t, uint64_t id, void *arg)
{
    struct since *since = arg;

    since->found = id >= since->first && t != since->self;
    return !since->found;
}

static bool any_live(uint64_t first)
{
    struct since since = { first, rt_self(), false };

    rt_roster_each(is_since, &since);
    return since.found;
}

/* Look again and again, less and less often: tasks on their way out are gone at once,
 * and those that are not will take their time. */
static void wait_for_end(uint64_t first, int64_t timeout, const char *site)
{
    int64_t deadline = rt_deadline(timeout > 0 ? timeout : 0);
    int64_t pause = 20 * TASK_MICROSECOND;

    while (any_live(first)) {
        int64_t left = deadline - rt_now();

        if (left <= 0)
            return;
        task_sleep_at(pause < left ? pause : left, site);
        if (pause < 5 * TASK_MILLISECOND)
            pause *= 2;
    }
}

leak_check_t leak_check_begin_at(const char *site)
{
    return (leak_check_t){ { rt_roster_mark(), (uintptr_t)site } };
}

size_t leak_check_end_at(leak_check_t lc, int64_t timeout, FILE *out, const char *site)
{
    if (rt_seeded())
        return rt_seed_leak_check(lc.opaque[0], timeout, out);
    wait_for_end(lc.opaque[0], timeout, site);
    return rt_reports_print_leaked(rt_reports_of_tasks(lc.opaque[0], true), out);
}

/* ---- the whole program ---- */

static _Noreturn void exit_leaked(void)
{
    fflush(NULL);
    _exit(RT_EXIT_LEAKED);
}

bool rt_leak_check_enabled(void)
{
    return enabled;
}

/* exit() from another thread than main's, a task's say, ends all tasks on purpose. */
static void check_at_exit(void)
{
    if (rt_seeded()) {
        if (rt_seed_is_main() && rt_seed_leak_check_process(limit) > 0)
            exit_leaked();
        return;
    }
    if (gettid() != getpid() || rt_left_behind())
        return;
    wait_for_end(1, limit, "exit");
    if (rt_reports_print_leaked(rt_reports_of_tasks(1, true), stderr) > 0)
        exit_leaked();
}

/* Threads that the runtime has not met may do anything. */
static bool unknown_threads(size_t known)
{
    DIR *dir = opendir("/proc/self/task");
    struct dirent *entry;
    size_t count = 0;

    if (!dir)
        return false;
    while ((entry = readdir(dir)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(dir);
#ifdef RT_TSAN
    known++;                            /* TSan's own */
#endif
    return count > known + (size_t)rt_own_threads();
}

/* No other thread than main can move, as far as is known. */
static bool other_threads_still(bool *main_blocked)
{
    size_t known = 0;
    bool others_blocked = true;

    *main_blocked = false;

    rt_lock(&rt_threads.lock);
    for (struct rt_task *t = rt_threads.first; t; t = t->all_next) {
        bool blocked = rt_state_blocked(rt_wait_look(t).state);

        if (!t->in_use)
            continue;
        known++;
        if (t->tid == getpid())
            *main_blocked = blocked;
        else
            others_blocked = others_blocked && blocked;
    }
    rt_unlock(&rt_threads.lock);
    return others_blocked && !unknown_threads(known);
}

bool rt_other_threads_still(void)
{
    bool main_blocked;

    return other_threads_still(&main_blocked) && !rt_timers_pending(rt_tick_is_awaited);
}

static bool threads_still(void)
{
    bool main_blocked;

    return other_threads_still(&main_blocked) && main_blocked;
}

static bool is_still(struct rt_task *t, uint64_t id, void *arg)
{
    bool *still = arg;

    (void)id;
    *still = rt_state_blocked(rt_wait_look(t).state);
    return *still;
}

static bool tasks_still(void)
{
    bool still = true;

    rt_roster_each(is_still, &still);
    return still;
}

static void *watch_main(void *arg)
{
    int64_t interval = limit / 20 < TASK_MILLISECOND ? TASK_MILLISECOND : limit / 20;
    struct timespec pause = { interval / TASK_SECOND, interval % TASK_SECOND };
    uint64_t movements = 0;
    int64_t still_since = rt_now();

    (void)arg;
    for (;;) {
        uint64_t now_moved = rt_movements();

        if (now_moved != movements || !threads_still() || !tasks_still() ||
            rt_timers_pending(rt_tick_is_awaited)) {
            movements = now_moved;
            still_since = rt_now();
        } else if (rt_now() - still_since >= limit) {
            fprintf(stderr, "chanrt: all tasks are blocked\n");
            rt_reports_print_leaked(rt_reports_of_threads(), stderr);
            rt_reports_print_leaked(rt_reports_of_tasks(1, true), stderr);
            exit_leaked();
        }
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void start_watching(void)
{
    rt_thread_start(watch_main, NULL);
}

void rt_leak_watch(void)
{
    if (enabled && !rt_seed_has_process())
        pthread_once(&watch_once, start_watching);
}

/* A program's own constructors come later, and may start tasks. */
__attribute__((constructor(101))) static void read_environment(void)
{
    const char *on = getenv("CHANRT_LEAKCHECK");
    uint64_t ms = TIMEOUT_MS;

    if (on && strcmp(on, "1") == 0) {
        rt_setting("CHANRT_LEAKCHECK_MS", false, 0, RT_MS_MOST, &ms);
        limit = (int64_t)ms * TASK_MILLISECOND;
        enabled = true;
    }
    rt_seed_read_environment();
}

/* After the program's own exit handlers and destructors: they may be who stops a task. */
__attribute__((destructor(101))) static void check_when_all_is_over(void)
{
    if (enabled)
        check_at_exit();
}

/* ---- the functions behind the macros ---- */

leak_check_t leak_check_begin(void)
{
    return leak_check_begin_at(RT_CALLER);
}

size_t leak_check_end(leak_check_t lc, int64_t timeout, FILE *out)
{
    return leak_check_end_at(lc, timeout, out, RT_CALLER);
}
