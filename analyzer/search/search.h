/* search.h - the state graph of one root, breadth first so that traces are shortest. */
#ifndef SEARCH_H
#define SEARCH_H

#include "machine.h"

struct edge {
    uint32_t to;
    uint32_t first_moved, moved_count;  /* in search.moved: signatures of those whom it moved */
};

struct node {
    size_t   at;                /* bytes in search.store */
    uint32_t size;
    uint32_t hash;
    uint32_t parent;            /* FLOW_NONE: an initial state */
    uint32_t task;              /* of the parent, that moved */
    uint32_t forced;            /* the same, when it was forced on; else FLOW_NONE */
    uint32_t first_choice;      /* in search.choices */
    uint16_t choice_count;
    uint32_t population;        /* which tasks are alive, whatever they do: a hash */
    bool     open;              /* something beyond was not followed */
    bool     done;              /* expanded */
    bool     paused;            /* a task of it rests in its own affairs */
    bool     ended;             /* a successor ended the process on purpose, or aborted it */
    uint32_t first_edge, edge_count;
};

/* Steps, and what they call the tasks. */
struct trace {
    struct step *steps;
    uint32_t     count;
    uint32_t     names[64];
    struct step  blocks[64];    /* of each task that is stuck: that it waits for ever; not among the steps */
};

/* A state in which tasks are stuck for ever. */
struct stuck {
    const struct trace *retraced;   /* how the program as it is written gets there, when the state is a scaled one */
    uint32_t node;
    uint64_t tasks;             /* which of them, a bit each */
    bool     leak_check;
    bool     runs_on;
    bool     early;             /* others can still move, but not help */
    bool     caller_bound;      /* waits for its caller's channel only */
};

struct fault {
    const struct trace *retraced;
    uint32_t     node;          /* where it happens next; FLOW_NONE: before the first stop */
    uint32_t     task, first_choice;
    uint16_t     choice_count;
    uint32_t     kind;          /* enum fact_kind */
    struct place at, made, spawned;
    uint32_t     entry;
    uint8_t      object;
};

/* A notice that search found to be worth a fact, or has to look into. */
struct remark {
    const struct trace *retraced;       /* as of stuck */
    struct notice what;
    uint32_t      node;             /* the first after it; `what.task` is its number there, or FLOW_NONE */
    uint32_t      entry;
    struct place  spawned;
    bool          round;            /* what follows from the node is a round */
};

struct loss {
    const struct trace *retraced;       /* as of stuck */
    struct lost what;
    uint32_t    node;           /* the first in which it is lost */
};

struct search {
    struct machine *m;
    struct arena   *arena;
    const struct explore_options *options;
    uint32_t        root;
    bool            is_main;    /* the root ends the process when it returns */

    struct node    *nodes;   uint32_t node_count, node_capacity;
    uint8_t        *store;   size_t store_size, store_capacity;
    uint32_t       *table;   uint32_t table_size;
    uint16_t       *choices; uint32_t choice_count, choice_capacity;
    struct edge    *edges;   uint32_t edge_count, edge_capacity;
    uint32_t       *moved;   uint32_t moved_count, moved_capacity;
    struct bytes    scratch;
    uint64_t        transitions;

    struct stuck   *stuck;   uint32_t stuck_count, stuck_capacity;
    uint64_t       *scenes;  uint32_t scene_count, scene_capacity;  /* sums of signatures found out of reach together */
    struct fault   *faults;  uint32_t fault_count, fault_capacity;
    struct loss    *losses;  uint32_t loss_count, loss_capacity;
    struct remark  *remarks; uint32_t remark_count, remark_capacity;    /* facts */
    struct remark  *polls;   uint32_t poll_count, poll_capacity;        /* perhaps on a round: see rounds.h */
    enum coverage_kind cut;     /* COVERAGE_EXPLORED while within the budget */
    uint64_t        withheld;   /* stuck states and faults not believed, since counts were widened before */
    uint32_t        far_states; /* of might-have-beens that lie far away: all so far (blame.c) */
    bool            shallow;    /* a might-have-been: collect no facts */
};

/* Explore everything from the initial states, at most max_states (0: no limit). */
void search_init(struct search *s, struct machine *m, const struct explore_options *options, struct arena *arena);
void search_from_root(struct search *s, uint32_t root, uint64_t max_states);
/* The same, a step at a time: the initial states; and what follows from a node, once for each. */
void search_begin(struct search *s, uint32_t root);
void search_expand(struct search *s, uint32_t node);
bool search_is_within_budget(struct search *s, uint64_t max_states, double start);
/* Explore what follows from the machine's present state, at most max_states. */
void search_from_here(struct search *s, uint32_t max_states);
/* The same, depth first: soon far away, and not by the shortest way. What sums up forced
 * receives grows with every state; max_bytes bounds that work. */
void search_deep_from_here(struct search *s, uint32_t max_states, size_t max_bytes);
void search_free(struct search *s);
double search_now(void);    /* seconds that this thread has worked: a busy machine changes no verdict */

/* Bottom components of the finished graph in which tasks stay blocked (graph.c). */
void search_components(struct search *s);

/* Does the edge move a task with this signature? */
bool search_edge_moves(const struct search *s, const struct edge *edge, uint32_t signature);

/* Keep a remark, unless enough of the kind were made of the same place. */
void search_remark(struct search *s, struct remark remark);

/* Take note of what is lost in a node, where that is worth a word. */
void search_lose(struct search *s, struct lost what, uint32_t node);

/* A server may leak one more task with every request: of many in the machine's state
 * that are leaked in the same way, two stay for the record. To be called before saving. */
void search_bury(struct search *s);

/* Keep the choices of the present run; where, in search.choices. */
uint32_t search_keep_choices(struct search *s);

/* Load a node's state. */
void search_load(struct search *s, uint32_t node);

/* A bit for each task of the loaded state that cannot move. */
uint64_t search_blocked(struct search *s, uint32_t node);

/* Facts from the stuck states and faults of a finished search (verdict.c). */
void verdict(struct search *s, struct facts *facts);
/* Of these, the remarks (remarks.c). capacity: of facts->facts. */
void remark_facts(struct search *s, struct facts *facts, uint32_t *capacity);

/* Steps in arena (witness.c): those that lead to a node, whose tasks `tasks` are stuck.
 * names[i]: how the steps call task i of the node. */
struct trace witness_stuck(struct search *s, uint32_t node, uint64_t tasks, struct arena *arena);
/* That a task of the machine's state waits for ever, as a step of the trace that is recorded. */
struct step witness_block(struct machine *m, uint32_t task);
struct trace witness_path(struct search *s, uint32_t node, struct arena *arena);
/* The same, and that a task of the node goes round from there, past `at`. */
struct trace witness_round(struct search *s, uint32_t node, uint32_t task, struct place at, struct arena *arena);
struct trace witness_fault(struct search *s, const struct fault *f, struct arena *arena);

/* Machine mode for what might have been: nothing in it is a fact. */
enum { FORCED_NOBODY = 0xfffffffe };

#endif
