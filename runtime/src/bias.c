/* bias.c - taking a channel's lock from its owner, and becoming one. */
#include "bias.h"
#include "barrier.h"

#include <sched.h>

enum {
    STREAK_LEAST = 64,
    TAKEN_AWAY_MOST = 20,       /* then the streak would have to be 64 << 20 */
    PAUSES = 100,               /* an owner is inside for a few dozen instructions */
};

static bool is_inside(struct rt_worker *w, struct rt_bias_lock *l)
{
    for (unsigned i = 0; i < RT_INSIDE; i++)
        if (atomic_load_explicit(&w->inside[i], memory_order_acquire) == l)
            return true;
    return false;
}

/* Requires the lock below. */
static void take_away(struct rt_bias_lock *l, struct rt_worker *owner)
{
    int pauses = 0;

    atomic_store_explicit(&l->owner, NULL, memory_order_relaxed);
    rt_barrier();
    while (is_inside(owner, l)) {
        if (++pauses % PAUSES == 0)
            sched_yield();
        rt_cpu_relax();
    }
    if (l->taken_away < TAKEN_AWAY_MOST)
        l->taken_away++;
}

void rt_bias_lock_slow(struct rt_bias_lock *l, struct rt_worker *w, unsigned slot)
{
    struct rt_worker *owner;

    rt_lock(&l->under);
    owner = atomic_load_explicit(&l->owner, memory_order_relaxed);
    if (owner)
        take_away(l, owner);
    if (!w || l->last != w) {
        l->last = w;
        l->streak = 0;
    } else if (++l->streak >= (uint32_t)STREAK_LEAST << l->taken_away &&
               rt_barrier_possible) {
        l->streak = 0;
        atomic_store_explicit(&w->inside[slot], l, memory_order_release);
        atomic_store_explicit(&l->owner, w, memory_order_release);
        rt_unlock(&l->under);
    }
}
