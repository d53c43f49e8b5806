/* world.c - the helper process that stops the threads. */
#define _GNU_SOURCE
#include "world.h"
#include "lock.h"
#include "pages.h"

#include <elf.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    HELPER_STACK = 256 << 10,
    THREADS_MOST = 16384,
    STOP_MS = 100,                  /* for a thread that waits for a disk, or in vfork */
    STOP_MS_MOST = 2000,            /* for one that only has no processor */
    PASSES_MOST = 100,
    CPU_SECONDS = 60,
};

struct helper {
    void      (*look)(const struct rt_world *world, void *arg);
    void       *arg;
    pid_t       caller;
    pid_t       process;
    atomic_uint go;                 /* the process lets itself be traced */
    struct rt_world world;
    int        *signals;            /* each thread's, to be handed on */
    bool        grown;              /* in this pass */
    const char *failure;
};

/* ---- one thread ---- */

#if defined(__x86_64__)
static bool read_registers(struct rt_stopped *t)
{
    struct user_regs_struct regs;
    struct iovec general = { &regs, sizeof regs };
    struct iovec vector;

    if (ptrace(PTRACE_GETREGSET, t->tid, NT_PRSTATUS, &general) < 0)
        return false;
    t->pc = regs.rip;
    t->sp = regs.rsp;
    t->syscall = (long)regs.orig_rax;
    memcpy(t->registers, &regs, sizeof regs);
    vector.iov_base = t->registers + sizeof regs / sizeof(uintptr_t);
    vector.iov_len = sizeof t->registers - sizeof regs;
    if (ptrace(PTRACE_GETREGSET, t->tid, NT_X86_XSTATE, &vector) < 0 &&
        ptrace(PTRACE_GETREGSET, t->tid, NT_PRFPREG, &vector) < 0)
        return false;
    t->words = (sizeof regs + vector.iov_len) / sizeof(uintptr_t);
    return true;
}
#else
#ifndef NT_ARM_SYSTEM_CALL
#define NT_ARM_SYSTEM_CALL 0x404
#endif

static bool read_registers(struct rt_stopped *t)
{
    struct user_regs_struct regs;
    int call = -1;
    struct iovec general = { &regs, sizeof regs };
    struct iovec number = { &call, sizeof call };
    struct iovec vector;

    if (ptrace(PTRACE_GETREGSET, t->tid, NT_PRSTATUS, &general) < 0 ||
        ptrace(PTRACE_GETREGSET, t->tid, NT_ARM_SYSTEM_CALL, &number) < 0)
        return false;
    t->pc = regs.pc;
    t->sp = regs.sp;
    t->syscall = call;
    memcpy(t->registers, &regs, sizeof regs);
    vector.iov_base = t->registers + sizeof regs / sizeof(uintptr_t);
    vector.iov_len = sizeof t->registers - sizeof regs;
    if (ptrace(PTRACE_GETREGSET, t->tid, NT_PRFPREG, &vector) < 0)
        return false;
    t->words = (sizeof regs + vector.iov_len) / sizeof(uintptr_t);
    return true;
}
#endif

/* R, S, D... (proc(5)); X when it is gone. */
static char thread_state(struct helper *h, pid_t tid)
{
    char path[64], *text, *name_end, state;
    size_t size;

    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)h->process, (int)tid);
    text = rt_pages_read_file(path, &size);
    name_end = text ? strrchr(text, ')') : NULL;
    state = name_end ? name_end[2] : 'X';
    rt_pages_put(text, size);
    return state;
}

/* A main thread that has called pthread_exit stays as a zombie. */
static bool is_zombie(struct helper *h, pid_t tid)
{
    char state = thread_state(h, tid);

    return state == 'Z' || state == 'X';
}

static int64_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 1 stopped, 0 gone, -1 not in time. */
static int await_stop(struct helper *h, pid_t tid, int *signal)
{
    static const struct timespec pause = { 0, 20000 };
    int64_t start = milliseconds();

    for (int tries = 0;; tries++) {
        int status;
        pid_t got = waitpid(tid, &status, __WALL | WNOHANG);

        if (got == tid && WIFSTOPPED(status)) {
            *signal = status >> 16 ? 0 : WSTOPSIG(status);
            return 1;
        }
        if (got < 0 || got == tid)
            return 0;
        if (milliseconds() - start > STOP_MS &&
            (thread_state(h, tid) == 'D' || milliseconds() - start > STOP_MS_MOST))
            return -1;
        if (tries > 20)
            nanosleep(&pause, NULL);
        else
            sched_yield();
    }
}

static bool known(const struct rt_world *world, pid_t tid)
{
    for (size_t i = 0; i < world->count; i++)
        if (world->threads[i].tid == tid)
            return true;
    return false;
}

static bool seize(struct helper *h, pid_t tid)
{
    struct rt_stopped *t = &h->world.threads[h->world.count];

    if (ptrace(PTRACE_SEIZE, tid, 0, 0) < 0) {
        if (errno == ESRCH || is_zombie(h, tid))
            return true;
        h->failure = "the threads cannot be stopped: ptrace is not permitted, or a debugger is there";
        return false;
    }
    t->tid = tid;
    h->signals[h->world.count++] = 0;
    h->grown = true;
    ptrace(PTRACE_INTERRUPT, tid, 0, 0);
    return true;
}

/* ---- all threads ---- */

static bool seize_new(const char *name, void *arg)
{
    struct helper *h = arg;
    pid_t tid = atoi(name);

    if (tid == h->caller || known(&h->world, tid))
        return true;
    if (h->world.count == THREADS_MOST) {
        h->failure = "there are too many threads";
        return false;
    }
    return seize(h, tid);
}

/* Those from first on are interrupted; wait for them and drop the ones that ended. */
static bool settle(struct helper *h, size_t first)
{
    size_t kept = first;

    for (size_t i = first; i < h->world.count; i++) {
        struct rt_stopped *t = &h->world.threads[i];
        int stopped = await_stop(h, t->tid, &h->signals[i]);

        if (stopped < 0 || (stopped > 0 && !read_registers(t))) {
            h->failure = "a thread cannot be stopped in time";
            return false;
        }
        if (stopped == 0)
            continue;
        if (kept != i) {
            h->world.threads[kept] = *t;
            h->signals[kept] = h->signals[i];
        }
        kept++;
    }
    h->world.count = kept;
    return true;
}

/* Until nothing new is found: only a thread that still ran could have made one. */
static bool stop_all(struct helper *h)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/task", (int)h->process);
    for (int pass = 0; pass < PASSES_MOST; pass++) {
        size_t before = h->world.count;

        h->grown = false;
        if (!rt_pages_list(path, seize_new, h) && !h->failure)
            h->failure = "the threads are not known: /proc cannot be read";
        if (h->failure || !settle(h, before))
            return false;
        if (!h->grown)
            return true;
    }
    h->failure = "new threads start all the time";
    return false;
}

static void continue_all(struct helper *h)
{
    for (size_t i = 0; i < h->world.count; i++)
        ptrace(PTRACE_DETACH, h->world.threads[i].tid, 0, (long)h->signals[i]);
}

static int helper_main(void *arg)
{
    static const struct rlimit seconds = { CPU_SECONDS, CPU_SECONDS };
    struct helper *h = arg;

    setrlimit(RLIMIT_CPU, &seconds);            /* whatever happens, the threads go on */
    while (atomic_load(&h->go) == 0)
        rt_futex_wait(&h->go, 0, INT64_MAX);
    if (stop_all(h))
        h->look(&h->world, h->arg);
    continue_all(h);
    return 0;
}

/* ---- the caller ---- */

/* Signals are blocked, as the helper inherits that: it would run the program's handlers. */
static void run_helper(struct helper *h, char *stack)
{
    sigset_t all, old;
    int status = 0;
    pid_t helper;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    helper = clone(helper_main, stack + HELPER_STACK,
                   CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_UNTRACED, h);
    if (helper < 0) {
        h->failure = "no helper process could be started";
    } else {
        prctl(PR_SET_PTRACER, (unsigned long)helper, 0, 0, 0);
        atomic_store(&h->go, 1);
        rt_futex_wake(&h->go, 1);
        while (waitpid(helper, &status, __WALL) < 0 && errno == EINTR)
            ;
        prctl(PR_SET_PTRACER, 0, 0, 0, 0);
        if (status != 0)
            h->failure = "the helper process died";
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

const char *rt_world_stop(void (*look)(const struct rt_world *world, void *arg), void *arg)
{
    struct helper h = { .look = look, .arg = arg, .caller = gettid(), .process = getpid() };
    size_t threads_size = THREADS_MOST * sizeof *h.world.threads;
    size_t signals_size = THREADS_MOST * sizeof *h.signals;
    char *stack = rt_pages_get(HELPER_STACK);

    h.world.threads = rt_pages_get(threads_size);
    h.signals = rt_pages_get(signals_size);
    if (stack && h.world.threads && h.signals)
        run_helper(&h, stack);
    else
        h.failure = "out of memory";
    rt_pages_put(stack, HELPER_STACK);
    rt_pages_put(h.world.threads, threads_size);
    rt_pages_put(h.signals, signals_size);
    return h.failure;
}
