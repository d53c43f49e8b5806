/* facts.h - what the exploration of one root proved.
 *
 * The explorer writes facts and names nothing: whether a stuck send is a
 * "forgotten sender" is for the rules to say, in SQL, over these rows.
 * Places refer to the program's flow; strings and arrays live in the facts'
 * arena.
 */
#ifndef FACTS_H
#define FACTS_H

#include "arena.h"
#include "flow.h"

/* An instruction of the program; function FLOW_NONE: no place. */
struct place {
    uint32_t function, instr;
};

static inline bool same_place(struct place a, struct place b)
{
    return a.function == b.function && a.instr == b.instr;
}

enum fact_kind {
    FACT_STUCK,             /* a task waits at `at` and will for ever */
    FACT_SEND_ON_CLOSED,    /* from here on: the program aborts at `at` */
    FACT_DOUBLE_CLOSE,
    FACT_CLOSE_NULL,
    FACT_NEGATIVE_WAIT_GROUP,
    FACT_UNLOCK_UNLOCKED,
    FACT_ELEMENT_SIZE,      /* the size at `at` is not the channel's */
    FACT_POLLING,           /* goes round on a poll at `at` that finds nothing, without waiting in between */
    FACT_SPINNING,          /* goes round for ever, let through at `at` by a closed channel */
    FACT_ENDLESS,           /* goes round for ever, its starter has returned, and nothing in any schedule ends it */
    FACT_CLOSED_BY_RECEIVER,/* closes at `at` a channel it receives from and never sends to */
    FACT_ADD_IN_TASK,       /* the wait is over although the task was about to add to the group at `at` */
    FACT_ESCAPING,          /* the address handed over at `at` leads to what is gone when the task uses it */
    FACT_CHANGING,          /* the same, and what is there has changed meanwhile */
    FACT_LOST_CONTEXT,      /* the context or ticker made at `made` is gone; nobody cancelled, stopped it */
};

enum object_kind {
    OBJECT_NONE,            /* a select without cases, a sleep */
    OBJECT_NULL,            /* a NULL channel */
    OBJECT_CHANNEL, OBJECT_TIMER, OBJECT_TICKER, OBJECT_CONTEXT,
    OBJECT_WAIT_GROUP, OBJECT_MUTEX, OBJECT_RWLOCK, OBJECT_CONDITION, OBJECT_ONCE, OBJECT_GROUP,
    OBJECT_EXTERNAL,        /* came from outside the root: its owner may do anything with it */
};

/* Why a stuck task waits, seen from the other stuck tasks of the same state. */
enum stuck_role {
    ROLE_PRIMARY,           /* nobody who is stuck could have woken it */
    ROLE_MUTUAL,            /* it and others wait for one another */
    ROLE_SELF,              /* it waits for what it holds itself (a lock taken twice) */
    ROLE_SECONDARY,         /* it only waits for another task that is stuck: not a finding of its own */
};

enum step_kind {
    STEP_START,             /* `task` starts task `other` (at the spawn) */
    STEP_MAKE,              /* makes object */
    STEP_SEND, STEP_RECV,   /* does it; `other` is the peer of a rendezvous, or NONE */
    STEP_RECV_CLOSED,       /* receives from a closed and drained channel */
    STEP_CLOSE, STEP_CANCEL,
    STEP_SELECT,            /* takes case `number` */
    STEP_DEFAULT,           /* takes the default: no case was ready */
    STEP_TIMEOUT,           /* a timeout, timer or ticker fires first; a select takes case `number`, -1 its timeout */
    STEP_LOCK, STEP_UNLOCK, STEP_RDLOCK, STEP_RDUNLOCK, STEP_QUEUE,    /* QUEUE: waits in line for a lock */
    STEP_WAIT,              /* begins to wait on a condition */
    STEP_SIGNAL,
    STEP_ADD, STEP_DONE,    /* wait group */
    STEP_WAITED,            /* a wait is over */
    STEP_BRANCH,            /* an assumption: the condition at `block` of at.function is `number` (0 or 1) */
    STEP_CASE,              /* likewise, a switch: the case that begins at `number`, CASE_DEFAULT: none of them */
    STEP_RETURN,            /* the task's function returns; for the root: the root returns */
    STEP_EXIT,              /* the process ends */
    STEP_BLOCK,             /* waits here for ever: the last step of a stuck task */
    STEP_ABORT,             /* the program aborts here */
    STEP_USE,               /* uses a local of another task that is gone */
    STEP_ROUND,             /* goes round here for ever: the last step of such a task */
};

#define CASE_DEFAULT INT64_MIN

struct step {
    uint8_t      kind;          /* enum step_kind */
    uint32_t     task, other;   /* 0 is the root, then in the order of their start; FLOW_NONE */
    struct place at;
    uint32_t     block;         /* STEP_BRANCH, STEP_CASE, STEP_RETURN, perhaps STEP_USE: block of at.function */
    struct place made;          /* of the object, or where it was declared; or NONE */
    uint32_t     object;        /* which of those made there: equal within one trace for the same; 0: none */
    int64_t      number;        /* of steps on locks, wait groups, conditions, and STEP_BLOCK on one: its offset in
                                   the object declared or allocated there, which tells those apart */
    int64_t      amount;        /* STEP_ADD: what is added; 0: not known */
    int64_t      times;         /* the round it belongs to is gone through so often (repeat.h); 0: several times */
    uint32_t     round;         /* steps of that from this one on; 1: it is the last, or alone */
    uint32_t     since;         /* STEP_BLOCK, STEP_QUEUE on a lock: the step that took it (holders.h); else NONE */
};

struct fact {
    uint8_t      kind;          /* enum fact_kind */
    struct place at;            /* the operation */
    uint32_t     task;          /* as in steps; 0 is the root */
    struct place spawned;       /* where the task was started; NONE for the root */
    uint32_t     entry;         /* function the task runs */

    uint8_t      object;        /* enum object_kind; of a select with several cases: of its first */
    struct place made;          /* where it was made or declared; NONE when not made by an operation */
    int64_t      capacity;      /* of a channel; -1 unknown */
    uint32_t     case_count;    /* of a select; 0 elsewhere */

    uint8_t      role;          /* enum stuck_role */
    uint32_t     group;         /* stuck together in the same state: equal numbers; 0: alone */
    bool         group_has_lock, group_has_other;   /* mutual: what they wait on */
    bool         range;         /* a receive in a loop that only its result ends */
    bool         counterpart;   /* somebody somewhere in the program's exploration does what it waits for:
                                   a send or close for a receive, a receive for a send, ... */
    bool         closer;        /* a receive: somebody somewhere closes the channel */
    bool         senders;       /* a receive: somebody somewhere sends to the channel */
    bool         outside;       /* the object was made outside the function that started the task, and that
                                   function has returned; or it is external */
    bool         leak_check;    /* seen by a leak check in the program, not at its end */
    bool         runs_on;       /* other tasks go on running for ever */
    bool         again;         /* the task may come to the operation more than once: it is in a loop */
    bool         many;          /* the spawn may start several tasks: likewise */

    struct step *steps;
    uint32_t     step_count;
};

enum coverage_kind {
    COVERAGE_EXPLORED,
    COVERAGE_CUT_STATES, COVERAGE_CUT_MEMORY, COVERAGE_CUT_TIME,
    COVERAGE_CUT_LOOP,          /* a counted loop too long to be run in full, at `at` */
    COVERAGE_NOT_UNDERSTOOD,    /* something at `at` that the explorer cannot execute: `text` */
    COVERAGE_BOUND,             /* explored within the bound on loops, but no look beyond it: `text` */
};

struct coverage {
    uint8_t      kind;          /* enum coverage_kind */
    struct place at;
    const char  *text;
};

struct facts {
    struct arena    *arena;
    uint32_t         root;      /* function */
    uint64_t         states, transitions;
    double           seconds;
    struct coverage *coverage;  uint32_t coverage_count;    /* none: explored in full */
    struct fact     *facts;     uint32_t fact_count;
};

#endif
