/* roster.c - ids in blocks, counts per worker, and the walk over the stacks. */
#include "roster.h"
#include "sched.h"
#include "stack.h"
#include "worker.h"

/* Ids come one by one until a worker has spawned some: in a small program they are in the
 * order of the spawns. */
enum { ID_BLOCK_MOST = 16, SPAWNED_FEW = 64 };

static _Atomic uint64_t next_id = 1;
static atomic_uint marks;
/* By threads that are no workers. */
static _Atomic uint64_t started_outside, ended_outside;

/* ---- ids ---- */

/* Ids of a block taken before a mark must not be given out after it. */
static uint64_t id_at_hand(struct rt_tally *tally)
{
    unsigned mark = atomic_load_explicit(&marks, memory_order_acquire);

    if (tally->next_id == tally->end_id || tally->mark != mark) {
        uint64_t block = tally->started < SPAWNED_FEW ? 1 : ID_BLOCK_MOST;

        tally->next_id = atomic_fetch_add_explicit(&next_id, block, memory_order_relaxed);
        tally->end_id = tally->next_id + block;
        tally->mark = mark;
    }
    return tally->next_id++;
}

/* The mark is set after looking: a block taken in between is not too low. */
uint64_t rt_roster_mark(void)
{
    uint64_t id = atomic_load_explicit(&next_id, memory_order_relaxed);

    atomic_fetch_add_explicit(&marks, 1, memory_order_acq_rel);
    return id;
}

/* ---- coming and going ---- */

/* Only the owner writes it. */
static void count(_Atomic uint64_t *counter)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_release);
}

void rt_roster_enter(struct rt_tally *tally, struct rt_task *t)
{
    uint64_t id;

    if (tally) {
        id = id_at_hand(tally);
        count(&tally->started);
    } else {
        id = atomic_fetch_add_explicit(&next_id, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&started_outside, 1, memory_order_release);
    }
    atomic_store_explicit(&t->id, id, memory_order_release);
}

void rt_roster_leave(struct rt_tally *tally, struct rt_task *t)
{
    atomic_store_explicit(&t->id, 0, memory_order_release);
    if (tally)
        count(&tally->ended);
    else
        atomic_fetch_add_explicit(&ended_outside, 1, memory_order_release);
}

/* Who ended is counted first, so that a task that starts here and ends there meanwhile
 * counts as there. */
size_t task_count(void)
{
    uint64_t ended = atomic_load_explicit(&ended_outside, memory_order_acquire), started = 0;

    for (unsigned i = 0; i < rt_worker_count(); i++)
        ended += atomic_load_explicit(&rt_workers[i].tally.ended, memory_order_acquire);
    for (unsigned i = 0; i < rt_worker_count(); i++)
        started += atomic_load_explicit(&rt_workers[i].tally.started, memory_order_acquire);
    started += atomic_load_explicit(&started_outside, memory_order_acquire);
    return (size_t)(started - ended);
}

/* ---- looking ---- */

struct walk {
    bool (*visit)(struct rt_task *t, uint64_t id, void *arg);
    void  *arg;
};

static bool visit_stack(void *stack, void *arg)
{
    struct walk *walk = arg;
    struct rt_task *t = rt_task_on(stack);
    uint64_t id = atomic_load_explicit(&t->id, memory_order_acquire);

    return id == 0 || walk->visit(t, id, walk->arg);
}

void rt_roster_each(bool (*visit)(struct rt_task *t, uint64_t id, void *arg), void *arg)
{
    struct walk walk = { visit, arg };

    rt_stacks_each(visit_stack, &walk);
}
