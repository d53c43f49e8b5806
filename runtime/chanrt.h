/* chanrt.h - tasks and channels for C, with Go's semantics.
 *
 * This file is the public contract of the channel runtime: names, argument
 * order and meaning are fixed, because the analyzer, the rules, the test
 * programs and independent evaluation programs are all written against it.
 * The implementation may add to it (functions, annotations for the analyzer,
 * macros that capture the call site), turn a function into a macro of the same
 * name and arguments (not those whose names end in _n), and complete the struct
 * bodies; it may not rename or re-mean anything here.
 *
 * Any OS thread may call any function. A call that blocks parks the calling
 * task, or the calling thread when it is not a task; it never spins.
 * Misuse that Go answers with a panic (send on a closed channel, closing
 * twice, closing NULL, a negative wait group) prints what happened, where, and
 * in which task, and aborts. Running out of memory aborts likewise, so no
 * constructor returns NULL.
 * Durations are nanoseconds in int64_t; zero and less means at once.
 * Scheduling is cooperative: a task gives way when it blocks, yields, sleeps, goes on
 * polling in vain or spawning; a long computation calls task_yield.
 * Tasks run on as many OS threads as there are CPUs, or CHANRT_THREADS (1 to 256).
 * When main returns the process ends at once, as in Go; running tasks with it.
 * Signal handlers run on the program's own threads: those that tasks run on have all signals
 * blocked, and so have threads that a task makes, and what it starts with posix_spawn (see
 * POSIX_SPAWN_SETSIGMASK). A child that a task forks has the program's mask again. After fork
 * the child has no tasks: it can exec or _exit, and aborts when it would have to wait.
 * A wrong number in an environment variable named here ends the process with status 2.
 * A task's stack has 64 KiB, or CHANRT_STACK (bytes, or with K or M); using it up ends the
 * process with a line that says which task it was, and SIGSEGV. That is what the 64 KiB below
 * it are for, which nobody may touch; a function with a larger frame, or with alloca or
 * a variable-length array, can step over them into another stack unless it is compiled
 * with -fstack-clash-protection (which chanrt.pc and the CMake package pass on). Where the
 * system has no more guards (Linux before 6.13, after 15,000 stacks), the overflow is noticed
 * when the task next leaves its stack, if the lowest words below it were written.
 * Floating-point control words (rounding, traps) belong to the OS thread: who changes them
 * restores them before blocking.
 * An operation in progress keeps its channel alive: a peer may release the last
 * reference as soon as its own call has returned. Likewise a wait group, mutex
 * or condition on a waiter's stack may go as soon as the waiter has returned.
 */
#ifndef CHANRT_H
#define CHANRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* C++ has no compound literals: of the macros task_go, chan_select, chan_poll and
 * chan_select_timeout it uses the functions under them, task_spawn_copy and chan_..._n. */
#ifdef __cplusplus
extern "C" {
#endif

/* What a function means, for the analyzer: the operation its name stands for; the
 * arguments' roles are their positions. Other compilers than clang do not look. */
#if defined(__clang__)
#define CHANRT_MODEL(...) __attribute__((annotate(__VA_ARGS__)))
#else
#define CHANRT_MODEL(...)
#endif
/* How to write the same so that a receive from $2 ends the wait as well: an int that is 0
 * when it was done, 1 when $2 came first. $0 and $1 are the arguments; of a receive
 * whose result counts, $3 is a bool for that. For the analyzer's repairs. */
#define CHANRT_UNLESS(text)    CHANRT_MODEL("chanleak-unless:" text)
#define CHANRT_UNLESS_OK(text) CHANRT_MODEL("chanleak-unless-ok:" text)

#define TASK_MICROSECOND INT64_C(1000)
#define TASK_MILLISECOND INT64_C(1000000)
#define TASK_SECOND      INT64_C(1000000000)

/* ---- tasks ------------------------------------------------------------ */

typedef void task_fn(void *arg);

/* Start fn(arg) as a task. The caller keeps ownership of *arg. */
void task_spawn(task_fn *fn, void *arg) CHANRT_MODEL("chanleak:spawn");

/* Start fn as a task on a private copy of the size bytes at arg; the copy
 * lives until fn returns. This is how several arguments are handed over
 * without anything on the spawner's stack being shared. */
void task_spawn_copy(task_fn *fn, const void *arg, size_t size) CHANRT_MODEL("chanleak:spawn_copy");

/* task_go(worker, (struct worker_args){ .in = in, .out = out }) */
#define task_go(fn, ...) \
    task_spawn_copy((fn), &(__VA_ARGS__), sizeof(__VA_ARGS__))

void task_yield(void) CHANRT_MODEL("chanleak:yield");
void task_sleep(int64_t duration) CHANRT_MODEL("chanleak:sleep");

size_t task_count(void)             /* tasks started and not yet finished */
    CHANRT_MODEL("chanleak:pure");
void   task_dump(FILE *out)         /* every live task: id, what it is blocked
                                       on and for how long, its stack, and where
                                       it was spawned; equal ones together */
    CHANRT_MODEL("chanleak:pure");
void   task_dump_full(FILE *out)    /* the same, each task by itself */
    CHANRT_MODEL("chanleak:pure");

/* A stack is that of a blocked or runnable task; what a running one is doing cannot be
 * known safely. It is found through frame pointers (-fno-omit-frame-pointer): in code
 * without them it ends at the caller of the blocking operation. Functions, lines and
 * inlined calls are shown when libchanrt_debug is linked (with -Wl,-u,rt_symbols_open
 * unless the program calls task_debug_serve), otherwise "program(+0xoffset)", which
 * addr2line understands. The runtime's own frames are left out. The tasks go on
 * meanwhile, so that the dump is no picture of one moment. */

/* ---- channels --------------------------------------------------------- */

typedef struct chan chan_t;

/* A channel of elements of elem_size bytes (0: signals only); capacity 0 is a
 * rendezvous. It carries one reference, the caller's. Tasks waiting on it are
 * served first come, first served. */
chan_t *chan_create(size_t elem_size, size_t capacity) CHANRT_MODEL("chanleak:make");
#define chan_make(type, capacity) chan_create(sizeof(type), (capacity))

chan_t *chan_retain(chan_t *ch)     /* one more reference; returns ch */
    CHANRT_MODEL("chanleak:retain");
void    chan_release(chan_t *ch)    /* one less; the last frees. NULL is fine */
    CHANRT_MODEL("chanleak:release");

/* Block until the element at value (NULL when elem_size is 0) is taken or
 * buffered. Blocks forever on a NULL channel. Aborts on a closed one. */
void chan_send(chan_t *ch, const void *value) CHANRT_MODEL("chanleak:send")
    CHANRT_UNLESS("chan_select(CHAN_SEND($0, $1), CHAN_RECV($2, NULL))");

/* chan_send_value(ch, 42): send a copy of an expression's value. Aborts when the
 * size of the expression's type is not the channel's element size: true and 'c'
 * are ints in C, so a bool channel wants (bool)true. */
#define chan_send_value(ch, expr)                                    \
    do {                                                             \
        __typeof__(expr) chan_value_ = (expr);                       \
        chan_send_sized((ch), &chan_value_, sizeof chan_value_);     \
    } while (0)
void chan_send_sized(chan_t *ch, const void *value, size_t size)
    CHANRT_MODEL("chanleak:send_sized");

/* Block until an element arrives, copy it to value (which may be NULL) and
 * return true; on a closed and drained channel zero *value and return false.
 * Blocks forever on NULL. */
bool chan_recv(chan_t *ch, void *value) CHANRT_MODEL("chanleak:recv")
    CHANRT_UNLESS("chan_select(CHAN_RECV($0, $1), CHAN_RECV($2, NULL))")
    CHANRT_UNLESS_OK("chan_select(CHAN_RECV_OK($0, $1, &$3), CHAN_RECV($2, NULL))");

/* No more sends: wakes every receiver; a sender still waiting aborts. Aborts when
 * closed already or NULL. */
void chan_close(chan_t *ch) CHANRT_MODEL("chanleak:close");

/* Never block: true when an element was sent or received. A closed and drained
 * channel gives false, as an empty one does, and leaves *value alone;
 * CHAN_RECV_OK in a poll tells the two apart. value may be NULL in a receive. */
bool chan_try_send(chan_t *ch, const void *value) CHANRT_MODEL("chanleak:try_send");
bool chan_try_recv(chan_t *ch, void *value) CHANRT_MODEL("chanleak:try_recv");

size_t chan_len(const chan_t *ch) CHANRT_MODEL("chanleak:len");
size_t chan_cap(const chan_t *ch) CHANRT_MODEL("chanleak:cap");

/* chan_range(struct job, job, jobs) { ... }: each element until the close. ch is
 * evaluated before every element. */
#define chan_range(type, name, ch) for (type name; chan_recv((ch), &name);)

/* ---- select ----------------------------------------------------------- */

enum chan_op { CHAN_OP_RECV, CHAN_OP_SEND };

typedef struct chan_case {
    enum chan_op op;
    chan_t      *ch;                /* NULL: this case is never ready */
    void        *value;             /* received into, or sent from */
    bool        *ok;                /* received: false when closed; may be NULL */
} chan_case_t;

/* value may be NULL in a receive. */
#define CHAN_RECV(ch, value)        { CHAN_OP_RECV, (ch), (value), NULL }
#define CHAN_RECV_OK(ch, value, ok) { CHAN_OP_RECV, (ch), (value), (ok) }
#define CHAN_SEND(ch, value)        { CHAN_OP_SEND, (ch), (void *)(value), NULL }

/* Wait until one of n cases can go ahead, do it and return its index; a fair
 * random choice among several. A send case on a closed channel aborts, as a
 * plain send does. n == 0 blocks forever. */
int chan_select_n(chan_case_t *cases, size_t n) CHANRT_MODEL("chanleak:select");
/* The same, but returns -1 at once when no case is ready ("default"), or n == 0. */
int chan_poll_n(chan_case_t *cases, size_t n) CHANRT_MODEL("chanleak:poll");
/* The same, but returns -1 after timeout nanoseconds. */
int chan_select_timeout_n(chan_case_t *cases, size_t n, int64_t timeout)
    CHANRT_MODEL("chanleak:select_timeout");

#define CHAN_CASES_(...) \
    (chan_case_t[]){ __VA_ARGS__ }, \
    sizeof((chan_case_t[]){ __VA_ARGS__ }) / sizeof(chan_case_t)
/* switch (chan_select(CHAN_RECV(done, NULL), CHAN_SEND(out, &v))) { case 0: ... } */
#define chan_select(...) chan_select_n_at(CHAN_CASES_(__VA_ARGS__), CHANRT_SITE)
#define chan_poll(...)   chan_poll_n_at(CHAN_CASES_(__VA_ARGS__), CHANRT_SITE)
#define chan_select_timeout(timeout, ...) \
    chan_select_timeout_n_at(CHAN_CASES_(__VA_ARGS__), (timeout), CHANRT_SITE)

/* ---- time ------------------------------------------------------------- */

/* A channel of int64_t (capacity 1) that receives one element after duration.
 * It carries one reference, the caller's; releasing it before it has fired
 * stops the timer. For one wait, chan_select_timeout_n needs no channel. */
chan_t *chan_after(int64_t duration) CHANRT_MODEL("chanleak:after");

typedef struct ticker ticker_t;
ticker_t *ticker_create(int64_t period) CHANRT_MODEL("chanleak:ticker_make");
chan_t   *ticker_chan(ticker_t *t)      /* int64_t, capacity 1, drops ticks; borrowed */
    CHANRT_MODEL("chanleak:ticker_chan");
void      ticker_stop(ticker_t *t)      /* stops and frees; does not close: a channel
                                           retained from it stays silent */
    CHANRT_MODEL("chanleak:ticker_stop");

/* ---- cancellation ----------------------------------------------------- */

/* A child is cancelled with its parent, at once when the parent is already, and
 * keeps its parent alive. Dropping the last reference cancels first. */
typedef struct ctx ctx_t;

ctx_t  *ctx_background(void)                        /* never cancelled, not freed;
                                                       its ctx_done is NULL */
    CHANRT_MODEL("chanleak:ctx_background");
ctx_t  *ctx_with_cancel(ctx_t *parent)              /* one reference, the caller's */
    CHANRT_MODEL("chanleak:ctx_make");
ctx_t  *ctx_with_timeout(ctx_t *parent, int64_t timeout) CHANRT_MODEL("chanleak:ctx_make_timeout");
void    ctx_cancel(ctx_t *ctx)                      /* any number of times */
    CHANRT_MODEL("chanleak:ctx_cancel");
chan_t *ctx_done(ctx_t *ctx)                        /* closed once cancelled;
                                                       borrowed, lives as long as ctx */
    CHANRT_MODEL("chanleak:ctx_done");
int     ctx_err(ctx_t *ctx)                         /* 0, ECANCELED or ETIMEDOUT */
    CHANRT_MODEL("chanleak:ctx_err");
ctx_t  *ctx_retain(ctx_t *ctx) CHANRT_MODEL("chanleak:ctx_retain");
void    ctx_release(ctx_t *ctx) CHANRT_MODEL("chanleak:ctx_release");

/* ctx_t *c ctx_scoped = ctx_with_cancel(parent);  - cancelled and released at
 * the end of the scope, on every path ("defer cancel()"). */
#define ctx_scoped __attribute__((cleanup(ctx_scope_end)))
void ctx_scope_end(ctx_t **ctx) CHANRT_MODEL("chanleak:ctx_scope_end");

/* ---- waiting and locking ---------------------------------------------- */
/* All may be zero-initialised. Waiting parks a task, never its OS thread. Locks
 * are not reentrant, have no owner (any task may unlock), and abort when
 * unlocked while not locked. No waiter starves: one that has waited 1 ms is
 * handed the lock. Readers waiting when a writer unlocks go before the next
 * writer. A condition never wakes spuriously. A second task_once on the same
 * once waits until the first one's fn has returned; from inside fn it waits
 * forever. */

/* An add from zero must happen before the wait that is meant to see it; from
 * above zero it may come at any time. A wait group may be used again once its
 * wait has returned. */
typedef struct wait_group { uint64_t opaque[4]; } wait_group_t;
void wait_group_add(wait_group_t *wg, int delta) CHANRT_MODEL("chanleak:wg_add");
void wait_group_done(wait_group_t *wg) CHANRT_MODEL("chanleak:wg_done");
void wait_group_wait(wait_group_t *wg) CHANRT_MODEL("chanleak:wg_wait");

typedef struct task_mutex { uint64_t opaque[4]; } task_mutex_t;
void task_mutex_lock(task_mutex_t *m) CHANRT_MODEL("chanleak:lock");
bool task_mutex_trylock(task_mutex_t *m) CHANRT_MODEL("chanleak:trylock");
void task_mutex_unlock(task_mutex_t *m) CHANRT_MODEL("chanleak:unlock");

typedef struct task_rwlock { uint64_t opaque[6]; } task_rwlock_t;  /* a waiting writer */
void task_rwlock_rdlock(task_rwlock_t *l)                          /* blocks new readers */
    CHANRT_MODEL("chanleak:rdlock");
void task_rwlock_rdunlock(task_rwlock_t *l) CHANRT_MODEL("chanleak:rdunlock");
void task_rwlock_wrlock(task_rwlock_t *l) CHANRT_MODEL("chanleak:wrlock");
void task_rwlock_wrunlock(task_rwlock_t *l) CHANRT_MODEL("chanleak:wrunlock");

typedef struct task_cond { uint64_t opaque[4]; } task_cond_t;
void task_cond_wait(task_cond_t *c, task_mutex_t *m) CHANRT_MODEL("chanleak:cond_wait");
void task_cond_signal(task_cond_t *c) CHANRT_MODEL("chanleak:cond_signal");
void task_cond_broadcast(task_cond_t *c) CHANRT_MODEL("chanleak:cond_broadcast");

typedef struct task_once { uint64_t opaque[2]; } task_once_t;
void task_once(task_once_t *once, void (*fn)(void *), void *arg) CHANRT_MODEL("chanleak:once");

/* A group of tasks that fail together ("errgroup"): the first non-zero result
 * cancels the group's context and is what task_group_wait returns. At the limit
 * task_group_spawn blocks until a task of the group has finished. The context
 * lives until task_group_wait, which must be called once, has returned. */
typedef struct task_group task_group_t;
task_group_t *task_group_create(ctx_t *parent, size_t limit)      /* 0: no limit */
    CHANRT_MODEL("chanleak:group_make");
ctx_t        *task_group_ctx(task_group_t *g) CHANRT_MODEL("chanleak:group_ctx");
void          task_group_spawn(task_group_t *g, int (*fn)(void *), void *arg)
    CHANRT_MODEL("chanleak:group_spawn");
int           task_group_wait(task_group_t *g)                    /* waits and frees */
    CHANRT_MODEL("chanleak:group_wait");

/* ---- leak checking ---------------------------------------------------- */

/* leak_check_t lc = leak_check_begin();  ...code under test...
 * leak_check_end(lc, TASK_SECOND, stderr) waits up to timeout for the tasks
 * spawned since to finish, prints each that did not ("leaked task 7 [chan
 * receive]: ... spawned at file:line", then its stack as task_dump does) and returns
 * how many. With the environment variable CHANRT_LEAKCHECK=1 the same runs when main
 * returns or calls exit, waiting up to CHANRT_LEAKCHECK_MS milliseconds (1000), or when
 * main itself is blocked and nothing has been able to move for that long; leaks
 * make the exit status 23 (as LeakSanitizer's do). */
typedef struct leak_check { uint64_t opaque[2]; } leak_check_t;
leak_check_t leak_check_begin(void) CHANRT_MODEL("chanleak:leak_check_begin");
size_t       leak_check_end(leak_check_t lc, int64_t timeout, FILE *out)
    CHANRT_MODEL("chanleak:leak_check_end");

/* Schedules that happen once in a million runs can be had at will. With the
 * environment variable CHANRT_SEED=n a run is decided by n alone: main and all
 * tasks take turns on main's thread, and at every call of this file the seed says
 * who goes on, which of several ready cases a select takes, and which timer fires.
 * Time is virtual: nothing sleeps, a timer may fire at any moment after it was set
 * (but does not overtake one set before it and due no later), and chan_after and
 * tickers send virtual times. rand and drand48 start from n. The same seed gives
 * the same run again, if the program does the same: what it reads from clocks,
 * addresses or the system is its own affair, as are threads it makes itself, which
 * run freely beside. A task that spins without calling anything here hangs.
 * When neither main nor any task can move any more, the run says "all tasks are
 * blocked", prints where each is, and ends with exit status 2 (23 with
 * CHANRT_LEAKCHECK=1). A leak check lets all others go on until none can move; if
 * that takes more than some 65,000 steps (tickers, loops with sleeps), it reports
 * whoever the time wakes again and again, whoever never waits, and whoever has not
 * moved in a long while, but not those that live on what others do.
 *
 * CHANRT_TRACE=file makes it a run that follows a trace, as `chanleak confirm` writes them
 * (src/seed_trace.h has their form): which task moves next, which case a select takes, which
 * timer fires. What the trace leaves open, and what comes after it, CHANRT_SEED decides (1).
 * At the end a line on stderr says "chanrt: trace followed, 23 steps", or that it was
 * "left at step 4 of 23" as that step did not come. CHANRT_RUNS means nothing then.
 *
 * With CHANRT_RUNS=k and CHANRT_LEAKCHECK=1 the program is run under the seeds 1 to
 * k (from CHANRT_SEED on if that is set) in child processes, as many at a time as
 * there are CPUs. Each place that leaked, at the end or in a leak_check_end of the
 * program's, is reported once, "..., first seen with CHANRT_SEED=17 (31 of 200
 * runs)"; so is each other bad end, such as a send on a closed channel. A run that
 * takes longer than CHANRT_RUN_MS milliseconds (10,000) is killed and reported;
 * three of these end the whole. The exit status is 23 when anything leaked, else
 * that of the first run that did not end with 0 (124 if it was killed). stdout is
 * shown of the first run only, stderr also of the first that ends in a new bad way.
 * A pipe at stdin is read to its end first, and every run reads the same (who waits for
 * that end is told after a second); from a terminal none reads anything.
 *
 * leak_check_explore does so inside one test: it runs fn(arg) as a task under each
 * of the runs seeds from first_seed on, with all that fn spawns, on the calling
 * thread, and returns once the last has ended; meanwhile other threads and tasks
 * run freely, but are not waited for: when only one of these could wake what fn has
 * begun, that is reported. It prints each place that leaked once, with the first seed that showed
 * it, to out, and returns how many different places. first_seed 17 and runs 1 show
 * one schedule again. fn that does not return is given up when nothing moves any
 * more, or after some 4 million steps, and reported; misuse aborts and names the
 * seed; a longjmp out of it is not allowed. fn must make what it uses anew
 * each time: tasks that are left never move again, and keep what they hold. */
size_t leak_check_explore(task_fn *fn, void *arg, uint64_t first_seed, unsigned runs, FILE *out)
    CHANRT_MODEL("chanleak:spawn");

/* Of a program that runs: print the tasks that can never go on, grouped as task_dump does
 * and with "leaked " before each group, and return how many. These are the tasks blocked
 * on channels, locks and so on of which nothing alive has the address any more; on NULL
 * channels; and in selects without cases. Tasks that something might still wake are not
 * reported, however long they have been blocked.
 *
 * Alive is all memory of the process, whoever mapped it: variables, thread-locals, the stacks
 * and registers of all threads, stacks of tasks that run, can run, or sleep, and what
 * timers, pending signals, epoll sets, eventfds, unread pipes and local sockets hold. Only two kinds of memory must
 * be reached to be alive: blocks of glibc's malloc, and the stack of a blocked task, by
 * an address in it or through what the task waits for. Any word that could be an address
 * is taken for one, also inside a block and at odd places.
 * So a leak is missed when an address of its channel is left anywhere by chance, in a freed
 * block that is reachable or in a dead variable; and when the channel was made or is held in
 * memory that is not glibc's malloc's (another allocator, the program's own pools over
 * mmap). In a statically linked program, or while other threads are in malloc without end,
 * only leaks that hang on no block are found.
 * A task is wrongly reported only if the last address of its channel is hidden from
 * any reader of the process's memory: packed into a part of a word or combined with other
 * bits, in a register saved by setjmp that is mangled, in a file, another process,
 * a device, a network connection or a message queue of the kernel, or in pages that are
 * not readable at that moment.
 *
 * All threads are stopped once, and for a second look when something was found; calls they
 * are in go on afterwards, only epoll_wait and the few others that signal(7) lists for
 * a process stopped and continued return EINTR. The pause grows with the memory in use:
 * 25 ms with 10,000 blocked tasks, 0.1 s with these and 100 MB in small blocks. The
 * second look takes about as long again. Meanwhile some 2 GB of addresses (not of memory) are
 * reserved; where ulimit -v forbids that, there is no profile ("out of memory").
 * Where threads cannot be stopped (no ptrace, a debugger), under valgrind, in a build with a
 * sanitizer, with io_uring or Linux AIO, or while a thread waits in the kernel for more than
 * 100 ms where it cannot be stopped (in vfork, for a disk), a line that begins "no leak
 * profile: " says so, and 0 is returned. A PR_SET_PTRACER that the program made is lost.
 * Linux only; one profile at a time, others wait. */
size_t task_leak_profile(FILE *out) CHANRT_MODEL("chanleak:pure");

/* Serve /tasks/count (a number), /tasks/stacks (task_dump), /tasks/stacks?debug=2
 * (task_dump_full) and /tasks/leaks (task_leak_profile, then a line "n leaked") over HTTP on
 * a loopback address such as "127.0.0.1:6060"; 0 or an errno. */
int  task_debug_serve(const char *address) CHANRT_MODEL("chanleak:pure");
void task_debug_stop(void) CHANRT_MODEL("chanleak:pure");

/* ---- call sites ------------------------------------------------------- */

/* Each function name_at is name with the place of the call, "file:line", as its
 * last argument; it is what reports and dumps name. Calls are turned into it by
 * the macros below, which are variadic so that a compound literal's commas do no
 * harm. name itself, called as (name)(...) or through a pointer, reports its
 * return address as "program(+0xoffset)", which addr2line understands.
 * A call over several lines has the line of its name with gcc, and that of its
 * closing parenthesis with clang, whose __LINE__ and __builtin_LINE() both mean
 * the end of a macro call. */
#define CHANRT_STRING_(x) #x
#define CHANRT_STRING(x)  CHANRT_STRING_(x)
#define CHANRT_SITE       __FILE__ ":" CHANRT_STRING(__LINE__)

void task_spawn_at(task_fn *fn, void *arg, const char *site) CHANRT_MODEL("chanleak:spawn");
void task_spawn_copy_at(task_fn *fn, const void *arg, size_t size, const char *site)
    CHANRT_MODEL("chanleak:spawn_copy");
void task_sleep_at(int64_t duration, const char *site) CHANRT_MODEL("chanleak:sleep");
chan_t *chan_create_at(size_t elem_size, size_t capacity, const char *site)
    CHANRT_MODEL("chanleak:make");
void chan_send_at(chan_t *ch, const void *value, const char *site) CHANRT_MODEL("chanleak:send");
void chan_send_sized_at(chan_t *ch, const void *value, size_t size, const char *site)
    CHANRT_MODEL("chanleak:send_sized");
bool chan_recv_at(chan_t *ch, void *value, const char *site) CHANRT_MODEL("chanleak:recv");
void chan_close_at(chan_t *ch, const char *site) CHANRT_MODEL("chanleak:close");
bool chan_try_send_at(chan_t *ch, const void *value, const char *site)
    CHANRT_MODEL("chanleak:try_send");
bool chan_try_recv_at(chan_t *ch, void *value, const char *site) CHANRT_MODEL("chanleak:try_recv");
int chan_select_n_at(chan_case_t *cases, size_t n, const char *site)
    CHANRT_MODEL("chanleak:select");
static inline int chan_poll_n_at(chan_case_t *cases, size_t n, const char *site)
    CHANRT_MODEL("chanleak:poll");
int chan_select_timeout_n_at(chan_case_t *cases, size_t n, int64_t timeout, const char *site)
    CHANRT_MODEL("chanleak:select_timeout");
chan_t *chan_after_at(int64_t duration, const char *site) CHANRT_MODEL("chanleak:after");
ticker_t *ticker_create_at(int64_t period, const char *site) CHANRT_MODEL("chanleak:ticker_make");
ctx_t *ctx_with_cancel_at(ctx_t *parent, const char *site) CHANRT_MODEL("chanleak:ctx_make");
ctx_t *ctx_with_timeout_at(ctx_t *parent, int64_t timeout, const char *site)
    CHANRT_MODEL("chanleak:ctx_make_timeout");
void wait_group_add_at(wait_group_t *wg, int delta, const char *site)
    CHANRT_MODEL("chanleak:wg_add");
void wait_group_done_at(wait_group_t *wg, const char *site) CHANRT_MODEL("chanleak:wg_done");
void wait_group_wait_at(wait_group_t *wg, const char *site) CHANRT_MODEL("chanleak:wg_wait");
void task_mutex_lock_at(task_mutex_t *m, const char *site) CHANRT_MODEL("chanleak:lock");
bool task_mutex_trylock_at(task_mutex_t *m, const char *site) CHANRT_MODEL("chanleak:trylock");
void task_mutex_unlock_at(task_mutex_t *m, const char *site) CHANRT_MODEL("chanleak:unlock");
void task_rwlock_rdlock_at(task_rwlock_t *l, const char *site) CHANRT_MODEL("chanleak:rdlock");
void task_rwlock_rdunlock_at(task_rwlock_t *l, const char *site) CHANRT_MODEL("chanleak:rdunlock");
void task_rwlock_wrlock_at(task_rwlock_t *l, const char *site) CHANRT_MODEL("chanleak:wrlock");
void task_rwlock_wrunlock_at(task_rwlock_t *l, const char *site) CHANRT_MODEL("chanleak:wrunlock");
void task_cond_wait_at(task_cond_t *c, task_mutex_t *m, const char *site)
    CHANRT_MODEL("chanleak:cond_wait");
void task_cond_signal_at(task_cond_t *c, const char *site) CHANRT_MODEL("chanleak:cond_signal");
void task_cond_broadcast_at(task_cond_t *c, const char *site)
    CHANRT_MODEL("chanleak:cond_broadcast");
void task_once_at(task_once_t *once, void (*fn)(void *), void *arg, const char *site)
    CHANRT_MODEL("chanleak:once");
task_group_t *task_group_create_at(ctx_t *parent, size_t limit, const char *site)
    CHANRT_MODEL("chanleak:group_make");
void task_group_spawn_at(task_group_t *g, int (*fn)(void *), void *arg, const char *site)
    CHANRT_MODEL("chanleak:group_spawn");
int task_group_wait_at(task_group_t *g, const char *site) CHANRT_MODEL("chanleak:group_wait");
leak_check_t leak_check_begin_at(const char *site) CHANRT_MODEL("chanleak:leak_check_begin");
size_t leak_check_end_at(leak_check_t lc, int64_t timeout, FILE *out, const char *site)
    CHANRT_MODEL("chanleak:leak_check_end");
size_t leak_check_explore_at(task_fn *fn, void *arg, uint64_t first_seed, unsigned runs,
                             FILE *out, const char *site) CHANRT_MODEL("chanleak:spawn");

/* ---- a poll that finds nothing, without a call ------------------------- */

/* What a channel begins with: by enum chan_op, not 0 when that operation could go ahead.
 * Written by the runtime; no part of the contract. */
struct chan_could_ { uint32_t could[2]; };

/* Not 0 as long as somebody may wait for a turn that a poll in vain must give it, or a
 * seed decides. Written by the runtime; no part of the contract. */
extern uint32_t chanrt_others_;

/* chan_poll_n_at when one of the cases could go ahead, or that cannot be told here. */
int chan_poll_some_n_at(chan_case_t *cases, size_t n, const char *site)
    CHANRT_MODEL("chanleak:poll");

static inline bool chan_case_idle_(const chan_case_t *c)
{
    if (c->op == CHAN_OP_SEND && !c->value)
        return false;                       /* perhaps misuse */
    return !c->ch || !__atomic_load_n(&((struct chan_could_ *)c->ch)->could[c->op],
                                      __ATOMIC_ACQUIRE);
}

static inline int chan_poll_n_at(chan_case_t *cases, size_t n, const char *site)
{
    if (n <= 4 && !__atomic_load_n(&chanrt_others_, __ATOMIC_RELAXED) &&
        (n <= 0 || chan_case_idle_(&cases[0])) && (n <= 1 || chan_case_idle_(&cases[1])) &&
        (n <= 2 || chan_case_idle_(&cases[2])) && (n <= 3 || chan_case_idle_(&cases[3])))
        return -1;
    return chan_poll_some_n_at(cases, n, site);
}

/* Define CHANRT_NO_SITES before the first include to have the plain functions. */
#ifndef CHANRT_NO_SITES
#define task_spawn(...)          task_spawn_at(__VA_ARGS__, CHANRT_SITE)
#define task_spawn_copy(...)     task_spawn_copy_at(__VA_ARGS__, CHANRT_SITE)
#define task_sleep(...)          task_sleep_at(__VA_ARGS__, CHANRT_SITE)
#define chan_create(...)         chan_create_at(__VA_ARGS__, CHANRT_SITE)
#define chan_send(...)           chan_send_at(__VA_ARGS__, CHANRT_SITE)
#define chan_send_sized(...)     chan_send_sized_at(__VA_ARGS__, CHANRT_SITE)
#define chan_recv(...)           chan_recv_at(__VA_ARGS__, CHANRT_SITE)
#define chan_close(...)          chan_close_at(__VA_ARGS__, CHANRT_SITE)
#define chan_try_send(...)       chan_try_send_at(__VA_ARGS__, CHANRT_SITE)
#define chan_try_recv(...)       chan_try_recv_at(__VA_ARGS__, CHANRT_SITE)
#define chan_after(...)          chan_after_at(__VA_ARGS__, CHANRT_SITE)
#define ticker_create(...)       ticker_create_at(__VA_ARGS__, CHANRT_SITE)
#define ctx_with_cancel(...)     ctx_with_cancel_at(__VA_ARGS__, CHANRT_SITE)
#define ctx_with_timeout(...)    ctx_with_timeout_at(__VA_ARGS__, CHANRT_SITE)
#define wait_group_add(...)      wait_group_add_at(__VA_ARGS__, CHANRT_SITE)
#define wait_group_done(...)     wait_group_done_at(__VA_ARGS__, CHANRT_SITE)
#define wait_group_wait(...)     wait_group_wait_at(__VA_ARGS__, CHANRT_SITE)
#define task_mutex_lock(...)     task_mutex_lock_at(__VA_ARGS__, CHANRT_SITE)
#define task_mutex_trylock(...)  task_mutex_trylock_at(__VA_ARGS__, CHANRT_SITE)
#define task_mutex_unlock(...)   task_mutex_unlock_at(__VA_ARGS__, CHANRT_SITE)
#define task_rwlock_rdlock(...)  task_rwlock_rdlock_at(__VA_ARGS__, CHANRT_SITE)
#define task_rwlock_rdunlock(...) task_rwlock_rdunlock_at(__VA_ARGS__, CHANRT_SITE)
#define task_rwlock_wrlock(...)  task_rwlock_wrlock_at(__VA_ARGS__, CHANRT_SITE)
#define task_rwlock_wrunlock(...) task_rwlock_wrunlock_at(__VA_ARGS__, CHANRT_SITE)
#define task_cond_wait(...)      task_cond_wait_at(__VA_ARGS__, CHANRT_SITE)
#define task_cond_signal(...)    task_cond_signal_at(__VA_ARGS__, CHANRT_SITE)
#define task_cond_broadcast(...) task_cond_broadcast_at(__VA_ARGS__, CHANRT_SITE)
#define task_once(...)           task_once_at(__VA_ARGS__, CHANRT_SITE)
#define task_group_create(...)   task_group_create_at(__VA_ARGS__, CHANRT_SITE)
#define task_group_spawn(...)    task_group_spawn_at(__VA_ARGS__, CHANRT_SITE)
#define task_group_wait(...)     task_group_wait_at(__VA_ARGS__, CHANRT_SITE)
#define leak_check_begin()       leak_check_begin_at(CHANRT_SITE)
#define leak_check_end(...)      leak_check_end_at(__VA_ARGS__, CHANRT_SITE)
#define leak_check_explore(...)  leak_check_explore_at(__VA_ARGS__, CHANRT_SITE)
#endif

#ifdef __cplusplus
}
#endif

#endif
