/* seed_choice.h - all that is left open in a seeded run: who moves next, which timer
 * fires, which ready case a select takes.
 *
 * Each is asked of a chooser, which sees the whole choice and nothing else. The one here
 * throws dice; the one that follows a trace is in seed_trace.h.
 */
#ifndef RT_SEED_CHOICE_H
#define RT_SEED_CHOICE_H

#include "task.h"
#include "timer.h"

/* Something that can move: a context, or a pending timer, which moves once. */
struct rt_mover {
    struct rt_task  *task;          /* the context, or NULL */
    struct rt_timer *timer;         /* the timer, or NULL */
    const char      *site;          /* the call a context is about to make, if known */
    uint64_t         owner;         /* a timer: the id of who set it, at site, if the chooser notes it */
    /* the chooser's own */
    uint64_t rank;
    unsigned turns;
    unsigned polls;
};

enum rt_way {
    RT_YIELDS,
    RT_POLLS_IN_VAIN,
};

struct rt_chooser {
    /* A task was started or a timer set. again: a ticker, for its next tick. */
    void   (*arrives)(struct rt_chooser *c, struct rt_mover *m, bool again);
    /* A context lets others go first. */
    void   (*gives_way)(struct rt_chooser *c, struct rt_mover *m, enum rt_way way);
    /* The index of the one of n > 0 movers that moves next: first the contexts, then
     * timers. last is the context whose turn it was; it may be unable to move. */
    size_t (*next)(struct rt_chooser *c, struct rt_mover **movers, size_t contexts, size_t n,
                   struct rt_mover *last);
    /* Which of n > 0 ready cases: an index into ready, which holds theirs. */
    size_t (*ready_case)(struct rt_chooser *c, struct rt_mover *m, const unsigned *ready,
                         size_t n);
    /* The rest is for choosers that want to know all; not all do. */
    /* The context whose turn it is cannot move any more: it has parked, or, for good, it has
     * finished or waits for all others to. NULL: no matter. */
    void   (*rests)(struct rt_chooser *c, struct rt_mover *m, bool for_good);
    bool   sees_all;                /* next is wanted also when there is no choice */
};

static inline void rt_chooser_rests(struct rt_chooser *c, struct rt_mover *m, bool for_good)
{
    if (c->rests)
        c->rests(c, m, for_good);
}

/* Drawn from a seed. */
struct rt_dice {
    struct rt_chooser chooser;
    uint64_t state;
    uint64_t steps;
    uint64_t lowest;                /* rank of the one lowered last */
    uint64_t change[3];             /* at these steps the moving one is lowered */
    unsigned patience;              /* steps before one that goes on and on is lowered */
    unsigned polls;                 /* vain ones before the poller is */
    unsigned eager;                 /* of 16 timers fire as if they were tasks */
    unsigned stay;                  /* walk: of 8 steps go to the same again */
    bool     gave_way;              /* walk: not this time */
};

void rt_dice_init(struct rt_dice *dice, uint64_t seed);

#endif
