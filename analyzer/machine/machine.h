/* machine.h - the abstract machine: what a state is and what can happen next.
 *
 * The search (explore.c) knows the machine through few functions, in the manner
 * of LTSmin's GetInitialState and GetTransitions (Kant et al. 2015): an initial
 * state, the successors of a state by one task, and the canonical bytes of a
 * state. A step runs one task from a visible operation to the next; only there
 * can others come in between.
 *
 * Non-determinism (an unknown condition, a ready case among several) goes
 * through machine_choose(): a step is run again with every sequence of choices,
 * so no code here forks anything.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "explore.h"
#include "plan.h"

#define NO_PLACE ((struct place){ FLOW_NONE, FLOW_NONE })

enum value_kind {
    VALUE_UNSET,        /* never written: reads as something unknown */
    VALUE_INT,          /* n */
    VALUE_ADDRESS,      /* byte n of object id */
    VALUE_FUNCTION,     /* symbol id */
    VALUE_UNKNOWN,      /* unknown id, plus n */
    VALUE_SOMEWHERE,    /* an unknown byte of object id */
};

struct value {
    uint8_t  kind;
    uint32_t id;
    int64_t  n;
};

#define INT_VALUE(number) ((struct value){ VALUE_INT, 0, (number) })

/* A program's numbers wrap round, as its machine's do. */
static inline int64_t number_plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t number_minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static inline int64_t number_times(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

enum unknown_origin { UNKNOWN_FRESH, UNKNOWN_COUNTER, UNKNOWN_BINARY, UNKNOWN_UNARY, UNKNOWN_CAST, UNKNOWN_CALL };
enum fresh_from { FROM_ANYWHERE, FROM_CALLER };     /* `op` of UNKNOWN_FRESH; FROM_CALLER: of a part (explore.h) */
enum { EXCLUDED_MAX = 4 };

/* A number or pointer we know little of: an interval, a few values it is not,
 * and, when it was computed from others, from what: the same term is the same
 * unknown, so a condition tested twice goes the same way. */
struct unknown {
    uint8_t      origin;            /* enum unknown_origin */
    uint8_t      op, type, depth;
    struct value a, b;
    int64_t      low, high;
    int64_t      excluded[EXCLUDED_MAX];
    uint8_t      excluded_count;
    uint32_t     object;            /* a pointer that was followed: what it points at */
    uint32_t     splits;            /* how often the interval was halved by choice */
};

struct cell {
    uint32_t     offset;
    uint32_t     size;
    struct value value;
    bool         operated;          /* the state of a lock, wait group, condition or once: not data */
};

enum store_kind { STORE_MEMORY, STORE_CHANNEL, STORE_CONTEXT, STORE_GROUP };
enum fill { FILL_UNSET, FILL_ZERO, FILL_UNKNOWN, FILL_STRING, FILL_GLOBAL };
enum cancelled { CANCELLED_NOT, CANCELLED_BY_CALL, CANCELLED_BY_TIME };

/* Bytes of an object; to 0: none. */
struct span {
    uint32_t from, to;
};

struct object {
    uint8_t      store;             /* enum store_kind */
    uint8_t      kind;              /* of a channel: OBJECT_CHANNEL, _TIMER, _TICKER, _CONTEXT */
    uint8_t      fill;              /* enum fill: what bytes without a cell hold */
    uint8_t      cancelled;         /* context: enum cancelled */
    bool         closed;
    bool         written;           /* filled by a library function: bytes without a cell need not be zero */
    bool         external;          /* unknown code may use it too */
    bool         spent;             /* timer: has fired; ticker: was stopped */
    bool         has_timeout;       /* context */
    bool         released;          /* context: somebody cancelled or released it */
    bool         local;             /* a local variable, and for those see escape.c: */
    bool         late;              /* a fresh task has read what was changed after it was lent */
    bool         gone;              /* its frame, or the turn of the loop it belongs to, is over */
    struct place lent;              /* where a task was given an address in it, or NONE */
    uint32_t     lent_at;           /* and which */
    struct span  changed, again;    /* what was written since it was last lent; and lent again after */
    struct place made;
    uint32_t     symbol;            /* FILL_GLOBAL: the global; FILL_STRING: the string */
    uint32_t     size;              /* memory: bytes, UINT32_MAX unknown; channel: of an element */
    uint32_t     length;            /* channel: elements waiting; group: tasks running */
    uint32_t     refs;              /* context */
    uint32_t     link;              /* context: its done channel; that: its context; group: its context */
    uint32_t     parent;            /* context */
    struct value capacity;          /* channel; group: limit */
    struct value result;            /* group */
    struct cell *cells;             /* by offset. Of a channel: element i at i * stride */
    uint32_t     cell_count, cell_capacity;
    uint32_t     number;            /* in canonical order, while canonicalising */
    bool         marked;
    uint32_t     name;              /* stable within one run of a trace, not part of the state; 0: none yet */
};

/* Bytes from an element of a channel to the next. */
static inline uint32_t element_stride(const struct object *ch)
{
    return ch->size ? ch->size : 1;
}

enum frame_kind { FRAME_CALL, FRAME_ONCE };

struct frame {
    uint8_t      kind;
    uint32_t     function, block, instr;
    struct value *regs;
    uint32_t    *slots;             /* objects, FLOW_NONE before their declaration */
    struct value once;              /* FRAME_ONCE: the once it runs under */
    uint16_t    *turns;             /* per block, since the last operation: times round a loop on choices, */
    uint16_t    *turn_choice;       /* and the choices made when it last came round; NULL until needed */
    struct turn *turn;              /* and what the present turn is like (turns.c); NULL until needed, not part of the state */
};

enum phase {
    PHASE_NONE,
    PHASE_QUEUED,       /* a writer that waits in line: new readers wait behind it */
    PHASE_WAITING,      /* in cond_wait, the mutex given back */
    PHASE_SIGNALLED,    /* woken from cond_wait, wants the mutex again */
};

struct task {
    struct frame *frames;
    uint32_t     frame_count, frame_capacity;
    uint32_t     entry;             /* function */
    struct place spawned;
    uint8_t      phase;
    uint32_t     group;             /* object, or FLOW_NONE */
    uint32_t     epoch;             /* leak checks begun before it was started */
    bool         paused;            /* rests between two operations, in its own affairs */
    bool         fresh;             /* has not done an operation yet */
    uint32_t     touched, touched_at;   /* the local of another task that it has touched since its last operation, or NONE; byte */
    struct place touched_by;        /* by this instruction, or instr NONE: */
    uint32_t     touched_in;        /* by what this block ends by */
    bool         caller_gone;       /* the function that started it has returned */
    uint32_t     name;              /* stable within one run of a trace, not part of the state */
    uint8_t      mark;              /* tells one task from its twins while it is asked who is to blame; 0: none */
    uint64_t     order;             /* sort key while canonicalising */
};

/* A context that is still running, or a ticker, that nothing leads to any more. */
struct lost {
    struct place made;
    bool         has_timeout;       /* it ends by itself */
    bool         is_ticker;
};

/* What the operations of one step were like, a bit each: tells a task that goes round
 * for ever from one that waits in between. */
enum deed {
    DEED_TIME = 1,      /* time passed: a sleep, a timer */
    DEED_POLLED = 2,    /* looked for something to receive, found nothing, and went on */
    DEED_CLOSED = 4,    /* went on because a channel is closed */
    DEED_WAITED = 8,    /* went on thanks to somebody else, or after a wait */
    DEED_FOREIGN = 16,  /* of these: thanks to code we do not see */
};
enum { DEED_KINDS = 5 };

struct deeds {
    uint8_t      what;
    struct place at[DEED_KINDS];    /* of each, where first */
    struct place made[DEED_KINDS];  /* and what with */
};

/* Something worth a word that is seen while a step runs, though the program goes on. */
struct notice {
    uint8_t      kind;              /* enum fact_kind */
    uint8_t      object;            /* enum object_kind */
    uint32_t     task;              /* who does it */
    struct place at, made;
};

/* The signatures of the tasks that one step moved. */
enum { MOVED_MAX = 64 };
struct moved {
    uint32_t signature[MOVED_MAX];
    uint32_t count;                 /* beyond MOVED_MAX: anybody may have moved */
};

/* The outside of one run of a step: choices, events, what went wrong. */
enum run_end {
    RUN_ON,             /* a state like any other */
    RUN_PRUNED,         /* outside the small scope, or contradictory: no state */
    RUN_EXITED,         /* the process ended on purpose */
    RUN_FAULTED,        /* the process aborted: see fault */
};

enum { CHOICES_MAX = 64 };

struct terms {                  /* unknowns that are computed from others, by what they are: terms.c */
    uint32_t *table;            /* open addressing: index of an unknown + 1, 0 empty */
    uint32_t  size, indexed;    /* a power of two; how many unknowns are in it */
};

struct machine {
    const struct flow *flow;
    const struct plan *plan;
    const struct explore_options *options;
    struct arena  *arena;           /* of this run; emptied when a state is loaded */

    struct object *objects;  uint32_t object_count, object_capacity;
    struct unknown *unknowns; uint32_t unknown_count, unknown_capacity;
    struct terms   terms;
    struct task   *tasks;    uint32_t task_count, task_capacity;    /* 0 is the root, also when it has returned */
    uint32_t      *globals;         /* object of each global, FLOW_NONE until used */
    uint32_t       epoch;
    bool           widened;         /* counts cannot be trusted from here on: nothing stuck is a fact */
    struct coverage widening;       /* the first place that widened a state in which something was stuck */

    enum run_end   end;
    uint32_t       fault;           /* enum fact_kind when RUN_FAULTED */
    struct place   fault_at;
    uint32_t       fault_task;
    struct place   fault_made;
    uint8_t        fault_object;
    uint32_t       moves;           /* operations executed in this step */
    struct moved   moved;           /* whose operations */
    uint64_t       instructions;
    uint32_t       current;         /* the task that runs */

    uint16_t       choices[CHOICES_MAX], choice_limits[CHOICES_MAX];
    uint32_t       choice_count, choice_at;

    struct lost   *lost;     uint32_t lost_count, lost_capacity;    /* contexts nobody can cancel any more */
    struct notice *notices;  uint32_t notice_count, notice_capacity;
    struct deeds   deeds;           /* of this step */
    struct coverage *coverage; uint32_t coverage_count, coverage_capacity;
    struct arena  *coverage_arena;

    bool           beyond;          /* only what is sure to have numbers is followed */
    bool           bounded;         /* some loop of unknown count was left at the bound */
    bool           is_library;      /* the root is called by code we do not see: globals may hold anything */
    bool           tracing;         /* events are recorded */
    struct arena  *trace_arena;
    struct step   *steps;    uint32_t step_count, step_capacity;
    uint32_t       next_name, next_object;
    const uint32_t *kept;    uint32_t kept_count;   /* of the last machine_save: the object of each number */
    const uint32_t *forced_signatures;  /* whoever has one of these signatures is forced on likewise */
    uint32_t       forced_count;
    bool           by_handle;       /* signatures tell tasks apart that run the same code on different objects */
    uint64_t       forced_marks;    /* and whoever has one of these marks, a bit each, wherever it stands */
    uint32_t       forced;          /* task whose next operation succeeds come what may, or FLOW_NONE */

    struct lock_order *lock_order;  /* locks that are passed over, or NULL: lock_order.h */
    struct sums   *sums;            /* written down when not NULL */
    struct numbers_apart *apart;    /* machine_save puts numbers here, machine_load takes them from here; or NULL */

    struct use    *uses;     uint32_t use_count, use_capacity;
    struct arena  *use_arena;
};

/* What is computed with numbers, for who has to know when it would come out another
 * way (retrace.c): an expression's or one of the following. */
enum { SUM_CAST = 254, SUM_FIXED = 255 };    /* a becomes `type`; a is used in a way that no line is drawn through */
struct sum {
    uint8_t op, type;
    int64_t a, b;
};

struct sums {
    struct sum *at;
    size_t      count, capacity;
};

/* The numbers of a state, apart from the rest of its bytes. */
struct numbers_apart {
    int64_t *at;
    size_t   count, capacity, next;
};

/* Which operations ever touched what was made where: the rules ask whether a
 * counterpart exists at all. */
struct use {
    struct place made;
    uint8_t      op;                /* enum flow_op; a select case counts as SEND or RECV */
};

/* ---- the two functions the search knows, and canonical bytes ------------- */

/* The state before the root's first instruction, run to its first stop. */
bool machine_initial(struct machine *m, uint32_t root);

/* Forget the state; choices, coverage, uses and steps stay. */
void machine_reset(struct machine *m);

/* Load a state from its canonical bytes. */
void machine_load(struct machine *m, const uint8_t *bytes);

/* Let task do its pending operation and run on. False: it cannot. Choices are
 * taken from m->choices; call machine_next_choice() for the next sequence. */
bool machine_step(struct machine *m, uint32_t task);
void machine_first_choice(struct machine *m);
bool machine_next_choice(struct machine *m);    /* false: all sequences done */

struct bytes { uint8_t *at; size_t size, capacity; };

/* Canonical bytes: objects, unknowns and tasks numbered by how they are reached,
 * unreachable ones dropped, identical tasks in one order. order[new] = old task.
 * Requires m->end == RUN_ON. */
void machine_save(struct machine *m, struct bytes *out, uint32_t *order);

/* ---- choices, places, events ------------------------------------------- */

uint32_t     machine_choose(struct machine *m, uint32_t alternatives);
void         machine_prune(struct machine *m);
void         machine_fault(struct machine *m, enum fact_kind kind, struct value handle);
void         machine_not_understood(struct machine *m, enum coverage_kind kind, const char *text);
void         machine_trace(struct machine *m, enum step_kind kind, struct place made, uint32_t other,
                           int64_t number);
/* The same, of a step that does something with the object. */
void         machine_trace_object(struct machine *m, enum step_kind kind, struct value handle, uint32_t other,
                                  int64_t number);
void         machine_widen(struct machine *m, const char *text);
void         machine_note_sum(struct machine *m, uint8_t op, uint8_t type, int64_t a, int64_t b);
void         machine_note_use(struct machine *m, struct place made, enum flow_op op);
struct place machine_here(const struct machine *m, uint32_t task);
/* A hash of what the task runs and where it stands - and, with by_handle, what it
 * operates on there: the same in every state, whatever number the task has. */
uint32_t     machine_signature(struct machine *m, uint32_t task);
void         machine_note_moved(struct machine *m, uint32_t task);
void         machine_deed(struct machine *m, enum deed deed);
void         machine_deed_with(struct machine *m, enum deed deed, struct place made);
void         machine_notice(struct machine *m, struct notice notice);
bool         machine_is_forced(struct machine *m, uint32_t task);
const struct instr *machine_instr(const struct machine *m, uint32_t task);   /* pending, or NULL */

/* ---- values (value.c) ---------------------------------------------------- */

struct value value_fresh(struct machine *m, enum scalar type);
struct value value_from_caller(struct machine *m, enum scalar type);    /* what the root was handed, or found */
struct value value_resolve(const struct machine *m, struct value v);  /* an unknown pinned to one number is that number */
struct value value_binary(struct machine *m, enum expr_op op, enum scalar type, struct value a, struct value b);
struct value value_unary(struct machine *m, enum expr_op op, enum scalar type, struct value a);
struct value value_cast(struct machine *m, enum scalar type, struct value a);
struct value value_call(struct machine *m, uint32_t symbol, const struct value *args, uint32_t count);
bool         value_true(struct machine *m, struct value v);            /* may choose */
bool         value_holds(struct machine *m, enum expr_op op, struct value a, struct value b); /* may choose */
/* A number for v: chooses among those possible, at most limit of them; false: too many. */
bool         value_concretise(struct machine *m, struct value *v, int64_t low, int64_t high, unsigned limit);
bool         value_is_counted(const struct machine *m, struct value v);    /* computed from a saturated counter */
bool         unknown_is_narrowed(const struct unknown *u);      /* more is known of it than its type */
void         value_range(const struct machine *m, struct value v, int64_t *low, int64_t *high);

/* ---- memory (memory.c) --------------------------------------------------- */

uint32_t     object_new(struct machine *m, enum store_kind store, struct place made);
uint32_t     memory_new(struct machine *m, uint32_t size, enum fill fill, struct place made);
struct value memory_address(uint32_t object, int64_t offset);
/* The object and offset an address leads to; binds an unknown pointer to an
 * object of its own. False: NULL or not an address; *somewhere: the offset is unknown. */
bool         memory_resolve(struct machine *m, struct value address, uint32_t *object, int64_t *offset,
                            bool *somewhere);
struct value memory_load(struct machine *m, struct value address, enum scalar type);
/* The byte, as an unsigned char, so far behind an address; false: it is not known. Changes
 * nothing. variable: not of constants only, for who reads memory of characters (slice.c knows). */
bool         memory_byte(const struct machine *m, struct value address, int64_t offset, bool variable, int64_t *byte);
uint32_t     memory_decided(struct machine *m, struct value address);   /* elements of that object branches have decided on */
void         memory_store(struct machine *m, struct value address, uint32_t size, struct value v);
void         memory_copy(struct machine *m, struct value to, struct value from, uint32_t size);
void         memory_zero(struct machine *m, struct value address, uint32_t size);
/* size bytes there hold anything; UINT32_MAX: nobody knows how many */
void         memory_unknown(struct machine *m, struct value address, uint32_t size);
void         memory_operate(struct machine *m, struct value address, struct value v);   /* the state of a lock */
void         memory_havoc(struct machine *m, struct value v);  /* and all reachable from it, to be used by others */
void         memory_hand_out(struct machine *m, struct value address, uint32_t size);     /* a copy of what is there, likewise */
void         memory_take(struct machine *m, uint32_t object, uint32_t from, uint32_t size,
                         uint32_t to_object, uint32_t to);     /* move bytes between objects */
uint32_t     global_object(struct machine *m, uint32_t global);
uint32_t     string_object(struct machine *m, uint32_t string);

/* ---- locals that tasks were given the address of (escape.c) --------------- */

void escape_lend(struct machine *m, struct value v, struct place here);     /* v is handed over here */
void escape_lend_within(struct machine *m, struct value v, struct place here);   /* a copy of what is at v is */
void escape_touch(struct machine *m, uint32_t task, const struct instr *in);
void escape_touch_end(struct machine *m, uint32_t task);                    /* by what its block ends by */
void escape_operated(struct machine *m, uint32_t task, const struct instr *in);     /* it did the operation */
void escape_noticed(struct machine *m, uint32_t task);                      /* others may know how far it is */
void escape_skipped(struct machine *m, uint32_t task, const struct instr *in);      /* what is not executed */
void escape_stored(struct machine *m, uint32_t task, struct value address);
void escape_unseen(struct machine *m, uint32_t task);                        /* it has run code that is not seen */
void escape_changed(struct machine *m, struct value address, uint32_t size);
void escape_gone(struct machine *m, uint32_t object);                       /* or FLOW_NONE */

/* ---- expressions (eval.c) -------------------------------------------------- */

struct value eval(struct machine *m, const struct frame *f, uint32_t expr);
struct value eval_slot(struct machine *m, const struct frame *f, uint32_t slot);   /* its address */
/* The object of a local variable; made is where it is declared. */
uint32_t     local_new(struct machine *m, const struct frame *f, uint32_t slot, struct place made);

/* ---- running (run.c) ------------------------------------------------------ */

/* What is still read of a frame from where it rests: registers, then slots; NULL: everything. */
const bits_word *frame_live(const struct machine *m, const struct frame *f);
uint32_t     task_start(struct machine *m, struct value function, struct value arg, uint32_t group);
void         frame_push(struct machine *m, struct task *t, uint32_t function);
void         run_task(struct machine *m, uint32_t task);       /* to its next stop */
void         run_past(struct machine *m, uint32_t task);       /* the instruction it rests on, no operation; leaves it to run_new_tasks */
void         run_new_tasks(struct machine *m);
void         op_advance(struct machine *m, uint32_t task, struct value result); /* past its operation */

/* ---- turns of loops (turns.c) ------------------------------------------------ */

/* The branch at the end of the frame's block was decided, by so many choices. */
void         turns_branch(struct machine *m, struct frame *f, uint32_t choices);
/* The frame comes to the head of a loop; true: once more, on a choice. Prunes where that is too often. */
bool         turns_count(struct machine *m, struct frame *f, uint32_t head);

/* ---- operations (op_*.c) -------------------------------------------------- */

enum outcome {
    OUTCOME_DONE,       /* result set, the task is past the operation */
    OUTCOME_BLOCKED,    /* cannot go ahead now */
    OUTCOME_ENDED,      /* m->end says how */
};

enum outcome op_execute(struct machine *m, uint32_t task, const struct instr *in);
enum outcome op_channel(struct machine *m, uint32_t task, const struct instr *in);
enum outcome op_select(struct machine *m, uint32_t task, const struct instr *in);
enum outcome op_time(struct machine *m, uint32_t task, const struct instr *in);
enum outcome op_sync(struct machine *m, uint32_t task, const struct instr *in);
enum outcome op_group(struct machine *m, uint32_t task, const struct instr *in);
enum outcome op_library(struct machine *m, uint32_t task, const struct instr *in);
void         op_format(struct machine *m, uint32_t task, const struct instr *in);      /* FORMAT, but for its result */

struct value op_arg(struct machine *m, uint32_t task, const struct instr *in, uint32_t arg);
/* Bytes from argument `arg` to the end of the object it designates; UINT32_MAX: not said. */
uint32_t     op_room(struct machine *m, uint32_t task, const struct instr *in, uint32_t arg);
void         context_cancel(struct machine *m, uint32_t context, enum cancelled how);

/* What a pending operation waits for: filled for every task that has one. */
struct waiting {
    uint8_t      op;                /* enum flow_op */
    uint32_t     count;             /* handles; a select has several */
    struct value handle[16];        /* channel, or address of the lock, wait group, condition, ... */
    bool         is_send[16];
};
/* How often the lock is taken, or how many places the wait group has open; VALUE_UNSET: who knows. */
struct value op_count(struct machine *m, uint32_t task, const struct instr *in);
/* Would giving back - a lock, or a place in a wait group - abort the program now? */
bool         op_gives_too_much(struct machine *m, uint32_t task, const struct instr *in);
void         op_waiting(struct machine *m, uint32_t task, struct waiting *w);
enum object_kind op_object_kind(const struct machine *m, enum flow_op op, struct value handle);
struct place object_made(const struct machine *m, struct value handle);

#endif
