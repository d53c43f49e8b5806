/* plan.h - what of a program matters to its tasks, worked out once per root.
 *
 * "Irrelevant code costs nothing": an instruction that no operation depends on
 * is not executed, a branch whose sides hold nothing that matters is not a
 * branch, and a register that nobody reads any more is not part of a state.
 * Program slicing (Weiser 1981) by control dependence (Ferrante, Ottenstein,
 * Warren 1987), and live variables, over the whole program.
 */
#ifndef PLAN_H
#define PLAN_H

#include "explore.h"

typedef uint64_t bits_word;

/* Classes of objects an operation may be about: see tokens.h. */
enum {
    TOKEN_NONE, TOKEN_MUTEX, TOKEN_RWLOCK, TOKEN_WAIT_GROUP, TOKEN_CONDITION, TOKEN_ONCE, TOKEN_GROUP,
    TOKEN_ATOMIC,
    TOKEN_CHANNEL,              /* a channel of any class; the classes follow, folded into what is left */
    TOKENS = 192,
};

/* What of an object an operation changes or looks at. */
enum aspect {
    ASPECT_PUT = 1,             /* sends; unlocks; is done */
    ASPECT_TAKE = 2,            /* receives; locks; waits for a group */
    ASPECT_CLOSE = 4,           /* closes, cancels; adds to a wait group */
    ASPECT_PROBE = 8,           /* looks whether it is ready, and goes on either way */
    ASPECT_ALL = 15,
};
enum { ASPECTS = 4 };

struct token_set {
    uint64_t bits[ASPECTS][TOKENS / 64];
};

/* The cases of a select that its function fills in, one by one: what each is about. */
enum { CASES_MAX = 16 };
struct select_cases {
    uint32_t count;
    uint8_t  token[CASES_MAX], aspects[CASES_MAX];
    uint32_t value[CASES_MAX];      /* expression of where the value lies, FLOW_NONE or CASE_SEVERAL */
    uint32_t silent;                /* a bit each: nobody reads what it sends or receives (payload.h) */
};

/* A register, or a variable in a slot, that goes up, down or either way as a loop goes round. */
struct counter {
    uint32_t at;                /* FLOW_NONE: the end of a list */
    bool     in_slot;
    bool     up, down;
    bool     ends;              /* a condition may end the loop by it, or an index be taken from it: it is told apart for longer */
};

struct function_plan {
    bool       by_pointer;      /* a call or start through a pointer may mean it */
    uint8_t   *token;           /* per operation */
    struct select_cases **cases;/* per operation: of a select, where they are known; else NULL */
    struct token_set *ahead;    /* per block: what it and all behind it may operate on */
    bool       reached;         /* from the root: only then is the rest filled in */
    uint8_t   *keep;            /* per instruction: 1 when it is executed */
    bool      *param_matters;   /* per parameter: somebody reads it */
    bool      *mute;            /* per instruction: a send of a value that nobody reads */
    bool      *silent;          /* per instruction: a send or receive of what nobody reads (payload.h); or NULL */
    bool      *confined;        /* per slot: its address goes nowhere but into sends and receives; or NULL */
    bits_word **stale;          /* per instruction that a frame can rest on: slots that hold what nobody reads
                                   any more (contents.h); or NULL, also of all */
    bool      *unread;          /* per slot: what is written there nobody reads; or NULL */
    bool      *touches;         /* per instruction: may use what a task was lent (lending.h); or NULL */
    bool      *ends_touch;      /* likewise, per block: what it ends by; NULL with touches */
    bool      *lent;            /* per slot: its address is handed on, and a task may get it; or NULL */
    bool      *dropped;         /* per instruction: a lock or unlock that changes nothing */
    bool      *stops;           /* per instruction: an operation others may come before */
    bool      *decides;         /* per block: its branch matters */
    uint32_t  *skip_to;         /* per block whose branch does not matter: where both sides meet,
                                   PLAN_RETURN when that is the end; FLOW_NONE elsewhere */
    bits_word **live;           /* per instruction that a frame can rest on: registers, then slots,
                                   that are still read; NULL elsewhere */
    bool      *pauses;          /* per block: a frame may rest before its first instruction */
    uint8_t   *long_loop;       /* per block: 1 head of a loop counted too far to be run in full;
                                   2 the same, and it holds operations */
    uint32_t **widen;           /* per such head: registers it counts in, ended by FLOW_NONE */
    struct counter **counters;  /* per loop head: what it counts in; NULL elsewhere */
    uint32_t  *leaves;          /* per block: head of the innermost loop around it that its branch leads out of, or FLOW_NONE */
    bool      *computes;        /* per loop head: nothing in the loop is noticed outside */
    uint8_t   *tally;           /* per instruction: a store that counts on what lies there: modulo what that matters
                                   (tallies.h), at least 1; 0 elsewhere; or NULL */
    uint8_t   *moduli;          /* per register, then per slot: modulo what a count in it matters; NULL: 1 */
    bool      *walks;           /* per expression: a load that goes along an array whose contents end the loop */
    bool      *range;           /* per instruction: a receive in a loop that only its result ends */
    bool      *repeats;         /* per instruction: it stands in a loop */
    bits_word *globals;         /* globals that running it can touch, through calls too */
    int64_t   *scaled;          /* per expression: the number a constant stands for; NULL: as written */
};

enum { PLAN_RETURN = 0xfffffffe };

/* How coarse an exploration is. */
struct coarseness {
    int64_t long_count;         /* loops that count beyond this are loops of unknown count */
    int64_t saturation;         /* counters that end no loop are told apart up to here */
    int64_t tally;              /* and what is counted in memory up to here, counters that may end a loop at least */
    bool    scale;              /* numbers beyond long_count are made smaller, where that can be done */
};

struct scaling;

struct plan {
    struct function_plan *functions;
    uint32_t              global_words;
    uint32_t              element_size[TOKENS]; /* bytes, at least, of what channels of the class carry; 0: who knows */
    uint32_t              long_loops;   /* how many loops are not run in full */
    struct coarseness     coarse;
    struct scaling       *scaling;      /* NULL: all numbers are as written */
    int64_t             **global_scaled; /* per global: the numbers of its inits; NULL: as written */
    bool                  texts;        /* somebody reads characters: FORMAT writes them */
    bool                  has_trylock;
    bool                  has_locks;    /* that matter */
    bool                  outward;      /* code that is not seen may read what pointers lead to */
    bool                  lends;        /* a task may be given the address of somebody else's local */
    bool                  stops_at_movers;      /* see REDUCTION_MOVERS */
    bool                  operates;     /* the root reaches an operation at all; else there is no plan */
};

static inline bool bit_test(const bits_word *set, uint32_t i)
{
    return set[i / 64] >> (i % 64) & 1;
}

static inline void bit_set(bits_word *set, uint32_t i)
{
    set[i / 64] |= (bits_word)1 << (i % 64);
}

/* Plan the exploration of program from root, without these reductions (enum reduction). */
struct plan *plan_make(const struct flow *program, uint32_t root, struct coarseness coarse, unsigned without,
                       struct arena *arena);

/* As cfg_successors, along the branches that matter. */
uint32_t plan_successors(const struct function *fn, const struct function_plan *p, uint32_t block, uint32_t *to,
                         uint32_t room);

#endif
