/* seed_leak.c - what is left at the end of a seeded run: reported, or handed to the process
 * that counts what many runs show. */
#include "seed_leak.h"
#include "leak.h"
#include "panic.h"
#include "report.h"
#include "seed_many.h"
#include "seed_trace.h"

#include <stdlib.h>
#include <unistd.h>

enum { EXIT_ALL_BLOCKED = 2, LOOK_NS = 10000000 };

/* ---- what is left ---- */

/* What does not differ from run to run. */
static void sight(struct rt_report *r, uint64_t seed, struct rt_sightings *seen)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        rt_out_of_memory();
    if (r->id > 0)
        r->id = RT_ANY_TASK;
    fprintf(out, "leaked ");
    rt_report_print(r, -1, out);
    fclose(out);
    rt_sightings_add(seen, text, seed);
    free(text);
}

void rt_seed_sight(struct rt_run *run, uint64_t first, enum rt_settled settled,
                   struct rt_sightings *seen)
{
    size_t n;
    struct rt_task **left = rt_seed_left(run, first, settled, &n);
    struct rt_reports reports = rt_reports_of(left, n, false);

    for (size_t i = 0; i < n; i++)
        sight(&reports.all[i], rt_run_seed(run), seen);
    free(reports.all);
    free(left);
}

static size_t print_left(struct rt_run *run, uint64_t first, enum rt_settled settled, FILE *out)
{
    size_t n;
    struct rt_task **left = rt_seed_left(run, first, settled, &n);

    rt_reports_print_leaked(rt_reports_of(left, n, true), out);
    free(left);
    return n;
}

size_t rt_seed_leak_check(uint64_t first, int64_t timeout, FILE *out)
{
    enum rt_settled settled = rt_seed_settle_all(first, timeout > 0 ? timeout : 0);
    size_t told;

    if (rt_run_is_process(rt_run_here()))
        rt_many_tell(rt_run_here(), first, settled, &told);
    return print_left(rt_run_here(), first, settled, out);
}

size_t rt_seed_leak_check_process(int64_t timeout)
{
    enum rt_settled settled = rt_seed_settle_all(1, timeout);
    size_t told;

    rt_trace_tell();
    if (rt_many_tell(rt_run_here(), 1, settled, &told))
        return told;
    return print_left(rt_run_here(), 1, settled, stderr);
}

_Noreturn void rt_seed_all_blocked(struct rt_run *run)
{
    size_t told;

    rt_trace_tell();
    rt_many_say("all tasks are blocked");
    if (!rt_many_tell(run, 0, RT_STILL, &told)) {
        fprintf(stderr, "chanrt: all tasks are blocked (CHANRT_SEED=%llu)\n",
                (unsigned long long)rt_run_seed(run));
        print_left(run, 0, RT_STILL, stderr);
    }
    fflush(NULL);
    _exit(rt_leak_check_enabled() ? RT_EXIT_LEAKED : EXIT_ALL_BLOCKED);
}

/* ---- other threads ---- */

bool rt_seed_wait_for_threads(atomic_uint *bell, int64_t patience)
{
    int64_t began = rt_real_now();

    while (atomic_load_explicit(bell, memory_order_acquire) == 0) {
        int64_t now = rt_real_now();

        if (now - began >= patience || rt_other_threads_still())
            return atomic_load_explicit(bell, memory_order_acquire) != 0;
        rt_futex_wait(bell, 0, now + LOOK_NS);
    }
    return true;
}
