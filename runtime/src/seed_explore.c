/* seed_explore.c - leak_check_explore: one function under many seeds, in this process. */
#include "sched.h"
#include "seed_leak.h"
#include "site.h"

/* Steps after which the function under test is not waited for any longer. */
enum { BOUND = 1 << 22 };

static void explore(task_fn *fn, void *arg, uint64_t seed, const char *site,
                    struct rt_sightings *seen)
{
    struct rt_run *run = rt_run_enter(seed);
    struct rt_task *t = rt_task_create(fn, site, __builtin_return_address(0), arg, 0);
    uint64_t id = t->id;
    enum rt_settled settled;

    rt_start(t);
    settled = rt_seed_settle(id, id, BOUND, 0);
    if (settled == RT_FINISHED)
        settled = rt_seed_settle_all(id, 0);
    rt_seed_sight(run, id, settled, seen);
    rt_run_leave(run);
}

size_t leak_check_explore_at(task_fn *fn, void *arg, uint64_t first_seed, unsigned runs, FILE *out,
                             const char *site)
{
    struct rt_sightings seen = { .count = 0 };
    size_t places;

    for (unsigned i = 0; i < runs; i++)
        explore(fn, arg, first_seed + i, site, &seen);
    places = seen.count;
    rt_sightings_print(&seen, "seed ", runs, out);
    rt_sightings_free(&seen);
    return places;
}

size_t leak_check_explore(task_fn *fn, void *arg, uint64_t first_seed, unsigned runs, FILE *out)
{
    return leak_check_explore_at(fn, arg, first_seed, runs, out, RT_CALLER);
}
