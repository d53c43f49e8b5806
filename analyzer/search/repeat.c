#include "repeat.h"

#include <string.h>

enum {
    ROUND_MAX = 12,             /* steps of a round that is looked for; jumped ones may have more */
    ROUNDS_MIN = 3,             /* of more than one step: fewer read better as they are */
};

/* Another lock is another step: what is left has to say which are held. */
static bool is_of_lock(const struct step *s)
{
    return s->kind == STEP_LOCK || s->kind == STEP_RDLOCK || s->kind == STEP_UNLOCK || s->kind == STEP_RDUNLOCK;
}

static bool same_step(const struct step *a, const struct step *b)
{
    return a->kind == b->kind && a->task == b->task && a->other == b->other && same_place(a->at, b->at) &&
           a->block == b->block && same_place(a->made, b->made) && a->number == b->number &&
           a->amount == b->amount &&
           (!is_of_lock(a) || a->object == b->object);
}

static bool same_round(const struct step *a, const struct step *b, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        if (!same_step(&a[i], &b[i]))
            return false;
    return true;
}

void repeat_mark(struct step *steps, uint32_t count, uint32_t length, int64_t times)
{
    for (uint32_t i = 0; i < length; i++) {
        steps[count - length + i].times = times;
        steps[count - length + i].round = length - i;
    }
}

/* How often are the `length` steps from `at` gone through there? 0: they are no round, but parts of others. */
static int64_t times_at(const struct step *steps, uint32_t count, uint32_t at, uint32_t length)
{
    if (at + length > count)
        return 0;
    if (steps[at].times != 1)
        return steps[at].round == length ? steps[at].times : 0;
    for (uint32_t i = 0; i < length; i++)
        if (steps[at + i].times != 1)
            return 0;
    return 1;
}

/* The same `length` steps from `at` on: *times in all, and where they end. */
static uint32_t run_of(const struct step *steps, uint32_t count, uint32_t at, uint32_t length, int64_t *times)
{
    uint32_t next = at;
    int64_t more;

    *times = 0;
    while ((more = times_at(steps, count, next, length)) != 0 && same_round(&steps[at], &steps[next], length)) {
        *times += more;
        next += length;
    }
    return next;
}

/* The length of the shortest round that begins at `at`, how often it comes, and where it ends. */
static uint32_t round_at(const struct step *steps, uint32_t count, uint32_t at, int64_t *times, uint32_t *end)
{
    if (steps[at].times != 1) {
        *end = run_of(steps, count, at, steps[at].round, times);
        return steps[at].round;
    }
    for (uint32_t length = 1; length <= ROUND_MAX; length++) {
        *end = run_of(steps, count, at, length, times);
        if (*times >= (length == 1 ? 2 : ROUNDS_MIN))
            return length;
    }
    *times = 1;
    *end = at + 1;
    return 1;
}

uint32_t repeat_fold(struct step *steps, uint32_t count)
{
    uint32_t to = 0;

    for (uint32_t at = 0, end; at < count; at = end) {
        int64_t times;
        uint32_t length = round_at(steps, count, at, &times, &end);

        memmove(&steps[to], &steps[at], length * sizeof *steps);
        to += length;
        repeat_mark(steps, to, length, times);
    }
    return to;
}

void repeat_forget(struct step *steps, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        steps[i].times = steps[i].times == 1;
        steps[i].amount = 0;
    }
}
