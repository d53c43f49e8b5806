/* seed_run.h - inside a seeded run: for seed.c, where contexts move, and seed_run.c, where
 * runs begin and are judged. */
#ifndef RT_SEED_RUN_H
#define RT_SEED_RUN_H

#include "seed.h"
#include "seed_choice.h"
#include "seed_time.h"

/* What a task is besides in a seeded run. */
struct rt_seeded {
    struct rt_mover          mover;
    _Atomic(struct rt_run *) run;           /* NULL: left behind, never moves again */
    size_t                   at;            /* 1 + index in movers; 0: cannot move */
    uint64_t                 moved;         /* at this step, the last time */
    bool                     by_time;       /* a timer made it able to */
    struct rt_seeded        *next, **link;  /* in contexts; link is NULL before */
};

/* Somebody who waits until nothing moves any more. */
struct rt_settler {
    struct rt_settler *outer;
    struct rt_task    *task;
    uint64_t           first, last; /* the tasks it waits for */
    size_t             live;        /* of these */
    uint64_t           began;       /* at this step */
    uint64_t           bound;
    int64_t            patience;    /* with other threads */
    enum rt_settled    settled;
};

/* Contexts that other threads have made ready. */
struct rt_inbox {
    struct rt_task *first, **last;
    atomic_uint     bell;
};

struct rt_run {
    uint64_t              seed;
    pid_t                 process;
    void                 *thread;       /* whose it is: see rt_run_thread */
    struct rt_run        *outer;
    struct rt_task       *caller;       /* of rt_run_enter */
    struct rt_worker     *worker;       /* that its thread is when it is not seeded */
    struct rt_mover      *turn;         /* of the context that runs */
    struct rt_mover       home;         /* of a caller that is no context */
    struct rt_task       *dead;         /* finished; to be buried off its stack */
    struct rt_seeded     *contexts;     /* youngest first */
    struct rt_mover     **movers;       /* contexts that can move, the running one too;
                                           behind them room for timers */
    size_t                count, room;
    uint64_t              steps;
    uint64_t              lively;       /* who has moved since this step is no leak of itself */
    bool                  firing;       /* a timer: no turn for anybody meanwhile */
    struct rt_settler    *settlers;     /* innermost first */
    struct rt_inbox       inbox;
    struct rt_seed_timers timers;
    struct rt_chooser    *chooser;
    struct rt_dice        dice;
};

extern struct rt_run *rt_process_run;       /* of a seeded process, or NULL */
extern struct rt_lock rt_inbox_lock;            /* all inboxes, and the end of any run */
extern struct rt_lock rt_timers_lock;           /* stopping timers, and the end of any run */

/* The calling thread runs run from now on, or none. */
void  rt_run_set_here(struct rt_run *run);
/* What tells the calling thread from others. */
void *rt_run_thread(void);

/* Contexts that can move. */
void rt_run_add_mover(struct rt_run *run, struct rt_seeded *s);
void rt_run_remove_mover(struct rt_run *run, struct rt_seeded *s);
void rt_run_take_inbox(struct rt_run *run);

/* A task becomes a context of run, in two steps: the first any thread may do. */
struct rt_seeded *rt_run_seeded_part(struct rt_run *run, struct rt_task *t);
void              rt_run_join(struct rt_run *run, struct rt_seeded *s);

/* The context whose turn it is; NULL when that is the caller of rt_run_enter. */
struct rt_seeded *rt_run_running(struct rt_run *run);

/* The calling context, or the caller of rt_run_enter, leaves its place to whoever is next;
 * returns when it is its turn again. */
void rt_run_give_turn(struct rt_run *run, struct rt_task *self);

#endif
