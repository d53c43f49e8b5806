/* supply.c - queues of runnable tasks, and taking from them.
 *
 * After Go's (Vyukov, "Scalable Go Scheduler Design Doc", 2012): per-worker queues with
 * a next slot for the task just made ready, so that two tasks that talk stay on one
 * worker and in its cache.
 *
 * The next slot is not free for the taking, or two workers would tear the talkers apart:
 * it is stolen only from a worker that has not switched tasks for a whole search. So
 * that a task in the slot of a worker lost in a long computation is found, one sleeper,
 * the watcher, wakes up every millisecond as long as some worker runs.
 */
#include "supply.h"
#include "panic.h"
#include "sched.h"

#include <stdlib.h>

enum {
    ROUND = 32,                 /* switches */
    ROUND_LATE = 10000000,      /* ns; after a round that took longer the next is a switch */
    OLDEST_ROUNDS = 64,         /* and ns before the oldest fresh task has a turn */
    OLDEST_NS = 4000000,
    SEARCH_NS = 20000,
    PAUSES_LEAST = 32,          /* between two looks; some 0.5 us, up to 8 */
    PAUSES_MOST = 512,
    QUEUE_FEW = 8,
    TURN_LEAST = 300,           /* ns */
    RIPE_NS = 100000,           /* a fresh task is left to its worker for so long, */
    RIPE_QUICK_NS = 1000000,    /* for so long while that has many short turns */
};

/* A ring and not a list, so that taking many does not wait for one task's memory to learn
 * where the next is. */
static struct {
    struct rt_lock   lock;
    struct rt_task **ring;
    size_t           room;      /* a power of two, or 0 */
    size_t           first;
    _Atomic size_t   count;
} global;

/* Requires the lock. */
static void global_grow(void)
{
    size_t room = global.room ? 2 * global.room : 2 * RT_RUNQ_SIZE;
    struct rt_task **ring = malloc(room * sizeof *ring);

    if (!ring)
        rt_out_of_memory();
    for (size_t i = 0; i < global.count; i++)
        ring[i] = global.ring[(global.first + i) & (global.room - 1)];
    free(global.ring);
    global.ring = ring;
    global.room = room;
    global.first = 0;
}

void rt_supply_push_global(struct rt_task *const *tasks, unsigned n)
{
    rt_lock(&global.lock);
    while (global.count + n > global.room)
        global_grow();
    for (unsigned i = 0; i < n; i++)
        global.ring[(global.first + global.count + i) & (global.room - 1)] = tasks[i];
    atomic_store_explicit(&global.count, global.count + n, memory_order_relaxed);
    rt_unlock(&global.lock);
    rt_turn_wanted();
}

void rt_supply_push(struct rt_worker *w, struct rt_task *t)
{
    struct rt_task *batch[RT_RUNQ_SIZE / 2 + 1];
    unsigned n;

    while (!rt_runq_push(&w->queue, t)) {
        n = rt_runq_grab(&w->queue, batch);
        batch[n] = t;
        if (n > 0) {
            rt_supply_push_global(batch, n + 1);
            return;
        }
    }
    rt_turn_wanted();
}

/* What the deque cannot hold goes to the queue, oldest first. */
void rt_supply_push_fresh(struct rt_worker *w, struct rt_task *t)
{
    struct rt_task *old;

    while (!rt_deque_push(&w->fresh, t))
        for (int i = 0; i < RT_DEQUE_SIZE / 2; i++)
            if ((old = rt_deque_pop_oldest(&w->fresh)) != NULL)
                rt_supply_push(w, old);
    rt_turn_wanted();
}

/* Requires the lock and a count above 0. */
static struct rt_task *global_first(void)
{
    return global.ring[global.first & (global.room - 1)];
}

/* Leaves no address behind that the leak profile would take for a use. */
static void global_drop_first(void)
{
    global.ring[global.first & (global.room - 1)] = NULL;
    global.first++;
    atomic_store_explicit(&global.count, global.count - 1, memory_order_relaxed);
}

/* One task to run and a fair share of at most most-1 others into w's queue. */
static struct rt_task *global_take(struct rt_worker *w, size_t most)
{
    size_t count = atomic_load_explicit(&global.count, memory_order_relaxed);
    size_t share = count / rt_workers_wanted + 1;
    struct rt_task *t = NULL;

    if (count == 0)
        return NULL;
    if (share > most)
        share = most;
    rt_lock(&global.lock);
    if (global.count > 0) {
        t = global_first();
        global_drop_first();
    }
    while (--share > 0 && global.count > 0 && rt_runq_push(&w->queue, global_first())) {
        __builtin_prefetch(global_first(), 1);
        global_drop_first();
    }
    rt_unlock(&global.lock);
    return t;
}

struct rt_task *rt_supply_queued(struct rt_worker *w)
{
    bool alone = rt_workers_wanted == 1;
    struct rt_task *t = rt_deque_pop(&w->fresh, alone);

    return t ? t : rt_runq_pop(&w->queue, alone);
}

/* A round is some switches by next slot and queue alone, without a look at anything else;
 * so that tasks that go on waking each other do not starve others, queue and global queue
 * have the first turn in a new one. The clock is read once a round too: that is good enough
 * for what parking tasks are stamped with, and costs as much as a switch. */
static void begin_round(struct rt_worker *w)
{
    int64_t now = rt_now_coarse();

    w->round_end = w->switches + (now - w->now > ROUND_LATE ? 1 : ROUND);
    w->now = now;
    w->rounds++;
}

/* Each turn of the oldest begins another walk of a tree that is walked depth first, with
 * stacks of its own: 460 instead of 65 for one of 100,000 leaves when only rounds counted. */
static bool is_time_for_oldest(struct rt_worker *w)
{
    if (w->rounds - w->oldest_round < OLDEST_ROUNDS || w->now - w->oldest_at < OLDEST_NS)
        return false;
    w->oldest_round = w->rounds;
    w->oldest_at = w->now;
    return true;
}

static struct rt_task *take_first_of_round(struct rt_worker *w)
{
    struct rt_task *t = NULL;

    if (is_time_for_oldest(w) && (t = rt_deque_pop_oldest(&w->fresh)) != NULL)
        return t;
    if (w->rounds % 2 == 0)
        t = global_take(w, 1);
    return t ? t : rt_runq_pop(&w->queue, rt_workers_wanted == 1);
}

struct rt_task *rt_supply_own(struct rt_worker *w)
{
    struct rt_task *t = NULL;

    if (atomic_load_explicit(&w->switches, memory_order_relaxed) >= w->round_end) {
        begin_round(w);
        t = take_first_of_round(w);
    }
    if (!t)
        t = rt_supply_soon(w);
    return t ? t : global_take(w, RT_RUNQ_SIZE / 2);
}

/* ---- searching ---- */

/* Another worker, when the search began and at the last look. */
struct seen {
    uint64_t switches;
    uint64_t lately;            /* switches at the last look, */
    int64_t  looked;            /* which was then */
    bool     quick;             /* its tasks had shorter turns than TURN_LEAST before that */
};

static void look(struct rt_worker *victim, struct seen *seen, int64_t now)
{
    uint64_t switches = atomic_load_explicit(&victim->switches, memory_order_relaxed);
    int64_t turns = (int64_t)(switches - seen->lately), time = now - seen->looked;

    seen->lately = switches;
    seen->looked = now;
    seen->quick = time == 0 || turns * TURN_LEAST > time;
}

/* A short queue is left to a worker whose tasks have turns shorter than what it costs to have
 * their channels change hands: they talk with each other, and will be next in a moment.
 * (Select over four channels with two workers: 81 ns an item instead of 156.) */
static bool is_short_and_quick(struct rt_worker *victim, const struct seen *seen)
{
    return rt_runq_count(&victim->queue) < QUEUE_FEW && seen->quick;
}

static struct rt_task *steal_from(struct rt_worker *w, struct rt_worker *victim)
{
    struct rt_task *batch[RT_RUNQ_SIZE / 2];
    unsigned n = rt_runq_grab(&victim->queue, batch);

    for (unsigned i = 1; i < n; i++)
        rt_supply_push(w, batch[i]);
    return n > 0 ? batch[0] : NULL;
}

static struct rt_task *steal_once(struct rt_worker *w, struct seen *seen, int64_t now)
{
    unsigned first = w->dice++;

    for (unsigned i = 0; i < rt_workers_wanted; i++) {
        unsigned at = (first + i) % rt_workers_wanted;
        struct rt_worker *victim = &rt_workers[at];
        struct rt_task *t = NULL;

        if (victim == w)
            continue;
        look(victim, &seen[at], now);
        if (!is_short_and_quick(victim, &seen[at]) && (t = steal_from(w, victim)) != NULL)
            return t;
    }
    return global_take(w, RT_RUNQ_SIZE / 2);
}

/* Fresh tasks are cheap to run where their stacks and their parent are, and dear elsewhere.
 * The oldest one is taken when it has been that for a while; a worker that goes from one short
 * turn to the next is soon through with all of them. (1,000 tasks that each send, with two
 * workers: 86 ns each instead of 110, together with the patience of idle.c.) */
static int64_t ripe_at(const struct seen *seen)
{
    return seen->quick ? RIPE_QUICK_NS : RIPE_NS;
}

/* Half of what there is, up to a batch. */
static struct rt_task *steal_half_fresh(struct rt_worker *w, struct rt_worker *victim)
{
    struct rt_task *batch[RT_RUNQ_SIZE / 2];
    unsigned n = rt_deque_take(&victim->fresh, batch, RT_RUNQ_SIZE / 2);

    for (unsigned i = 1; i < n; i++)
        rt_supply_push(w, batch[i]);
    return n > 0 ? batch[0] : NULL;
}

/* w->unripe afterwards: there are some to be had later. *soon: so soon that it is worth waiting
 * for, as their worker is busy with something else and has not touched the oldest since somebody
 * looked. */
static struct rt_task *steal_fresh(struct rt_worker *w, const struct seen *seen, int64_t now,
                                   bool *soon)
{
    *soon = w->unripe = false;
    for (unsigned i = 0; i < rt_workers_wanted; i++) {
        struct rt_worker *victim = &rt_workers[i];
        struct rt_task *t;
        int64_t age;

        if (victim == w || rt_deque_empty(&victim->fresh))
            continue;
        age = rt_deque_age(&victim->fresh, now);
        if (age >= ripe_at(&seen[i]) && (t = steal_half_fresh(w, victim)) != NULL)
            return t;
        w->unripe = true;
        *soon |= age > 0 && !seen[i].quick;
    }
    return NULL;
}

static struct rt_task *steal_next(struct rt_worker *w, const struct seen *seen)
{
    for (unsigned i = 0; i < rt_workers_wanted; i++) {
        struct rt_worker *victim = &rt_workers[i];
        struct rt_task *t;

        if (victim == w ||
            atomic_load_explicit(&victim->switches, memory_order_relaxed) != seen[i].switches)
            continue;
        if ((t = rt_supply_take_next(victim)) != NULL)
            return t;
    }
    return NULL;
}

struct rt_task *rt_supply_search(struct rt_worker *w)
{
    struct seen seen[RT_WORKERS_MOST];
    int64_t now = rt_now(), begin = now;
    unsigned pauses = PAUSES_LEAST;
    bool soon;
    struct rt_task *t;

    for (unsigned i = 0; i < rt_workers_wanted; i++)
        seen[i] = (struct seen){
            .switches = atomic_load_explicit(&rt_workers[i].switches, memory_order_relaxed),
            .lately = atomic_load_explicit(&rt_workers[i].switches, memory_order_relaxed),
            .looked = now,
        };
    do {
        if ((t = steal_once(w, seen, now)) != NULL ||
            (t = steal_fresh(w, seen, now, &soon)) != NULL)
            return t;
        for (unsigned i = 0; i < pauses; i++)
            rt_cpu_relax();
        if (pauses < PAUSES_MOST)
            pauses *= 2;
        now = rt_now();
    } while (now - begin < SEARCH_NS + (soon ? 2 * RIPE_NS : w->unripe ? RIPE_NS : 0));
    return steal_next(w, seen);
}

bool rt_supply_to_steal(bool fresh)
{
    if (atomic_load(&global.count) != 0)
        return true;
    for (unsigned i = 0; i < rt_worker_count(); i++)
        if (!rt_runq_empty(&rt_workers[i].queue) ||
            (fresh && !rt_deque_empty(&rt_workers[i].fresh)))
            return true;
    return false;
}

bool rt_supply_anywhere(void)
{
    if (rt_supply_to_steal(true))
        return true;
    for (unsigned i = 0; i < rt_worker_count(); i++)
        if (atomic_load_explicit(&rt_workers[i].next, memory_order_acquire))
            return true;
    return false;
}
