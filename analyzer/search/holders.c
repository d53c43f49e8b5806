#include "holders.h"

static bool same_lock(const struct step *a, const struct step *b)
{
    return a->object != 0 && a->object == b->object && a->number == b->number;
}

/* How often the step is taken (repeat.h). */
static int64_t turns(const struct step *s)
{
    return s->times > 1 ? s->times : 1;
}

/* A mutex, and a lock for writing, is given back by whoever unlocks it; a lock for reading by
 * the reader, as often as he took it. */
static bool is_given_back(const struct step *steps, uint32_t count, uint32_t at)
{
    const struct step *lock = &steps[at];
    int64_t depth = turns(lock);

    for (uint32_t i = at + 1; i < count && depth > 0; i++) {
        const struct step *s = &steps[i];

        if (!same_lock(s, lock))
            continue;
        if (lock->kind == STEP_LOCK)
            depth = s->kind == STEP_UNLOCK ? 0 : depth;
        else if (s->task == lock->task)
            depth += s->kind == STEP_RDLOCK ? turns(s) : s->kind == STEP_RDUNLOCK ? -turns(s) : 0;
    }
    return depth <= 0;
}

uint32_t holder_step(const struct step *steps, uint32_t count, const struct step *wait)
{
    for (uint32_t i = count; i-- > 0;)
        if ((steps[i].kind == STEP_LOCK || steps[i].kind == STEP_RDLOCK) && same_lock(&steps[i], wait) &&
            !is_given_back(steps, count, i))
            return i;
    return FLOW_NONE;
}

void holders_find(struct step *steps, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (steps[i].kind == STEP_BLOCK || steps[i].kind == STEP_QUEUE)
            steps[i].since = holder_step(steps, i, &steps[i]);
}
