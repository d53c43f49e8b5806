/* turn.c - who polls in vain. */
#define _GNU_SOURCE
#include "turn.h"
#include "barrier.h"
#include "seed.h"
#include "supply.h"

enum { VAIN_POLLS = 64 };

/* Until a poller has looked. */
uint32_t chanrt_others_ = 1;

static struct rt_lock clearing;

void rt_turn_seeded(atomic_int *count, int change)
{
    rt_lock(&clearing);
    atomic_fetch_add(count, change);
    __atomic_store_n(&chanrt_others_, 1, __ATOMIC_RELAXED);
    rt_unlock(&clearing);
}

/* True when there is nobody to give way to, and polls need not come here meanwhile. */
static bool nobody_waits(void)
{
    bool nobody;

    if (rt_supply_anywhere())
        return false;
    rt_lock(&clearing);
    nobody = atomic_load(&rt_seeded_runs) == 0;
    if (nobody) {
        __atomic_store_n(&chanrt_others_, 0, __ATOMIC_RELAXED);
        if (!rt_barrier() || rt_supply_anywhere()) {
            __atomic_store_n(&chanrt_others_, 1, __ATOMIC_RELAXED);
            nobody = false;
        }
    }
    rt_unlock(&clearing);
    return nobody;
}

void rt_polled_in_vain(void)
{
    struct rt_task *t = rt_self();

    if (rt_seeded()) {
        rt_seed_polled_in_vain();
        return;
    }
    if (++t->vain_polls % VAIN_POLLS == 0 && !nobody_waits())
        task_yield();
}
