/* machine.c - what the machine's part of a task must keep: the registers that a call preserves,
 * the stack, the floating-point state. Needs nothing but the runtime, so that it can be
 * built for another machine; some operations of every kind are here for the same reason. */
#include "chanrt.h"

#include <fenv.h>
#include <stdlib.h>
#include <string.h>

static void check(bool fine, const char *what)
{
    if (!fine) {
        fprintf(stderr, "machine: %s\n", what);
        abort();
    }
}

/* ---- registers ---- */

/* What is in the registers before task_yield and after. */
#if defined(__x86_64__)
enum { REGISTERS = 5 };

static void yield_with_registers(const uint64_t *before, uint64_t *after)
{
    __asm__ volatile("movq %%rsp, %%rax\n\t"
                     "subq $256, %%rsp\n\t"
                     "andq $-16, %%rsp\n\t"
                     "movq %%rax, 0(%%rsp)\n\t"
                     "movq %%rsi, 8(%%rsp)\n\t"
                     "movq 0(%%rdi), %%rbx\n\t"
                     "movq 8(%%rdi), %%r12\n\t"
                     "movq 16(%%rdi), %%r13\n\t"
                     "movq 24(%%rdi), %%r14\n\t"
                     "movq 32(%%rdi), %%r15\n\t"
                     "call task_yield\n\t"
                     "movq 8(%%rsp), %%rsi\n\t"
                     "movq %%rbx, 0(%%rsi)\n\t"
                     "movq %%r12, 8(%%rsi)\n\t"
                     "movq %%r13, 16(%%rsi)\n\t"
                     "movq %%r14, 24(%%rsi)\n\t"
                     "movq %%r15, 32(%%rsi)\n\t"
                     "movq 0(%%rsp), %%rsp"
                     : "+D"(before), "+S"(after)
                     :
                     : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                       "r15", "cc", "memory");
}
#elif defined(__aarch64__)
enum { REGISTERS = 18 };

static void yield_with_registers(const uint64_t *before, uint64_t *after)
{
    register const uint64_t *in __asm__("x0") = before;
    register uint64_t *out __asm__("x1") = after;

    __asm__ volatile("stp x1, x1, [sp, #-16]!\n\t"
                     "ldp x19, x20, [x0, #0]\n\t"
                     "ldp x21, x22, [x0, #16]\n\t"
                     "ldp x23, x24, [x0, #32]\n\t"
                     "ldp x25, x26, [x0, #48]\n\t"
                     "ldp x27, x28, [x0, #64]\n\t"
                     "ldp d8, d9, [x0, #80]\n\t"
                     "ldp d10, d11, [x0, #96]\n\t"
                     "ldp d12, d13, [x0, #112]\n\t"
                     "ldp d14, d15, [x0, #128]\n\t"
                     "bl task_yield\n\t"
                     "ldp x1, x0, [sp], #16\n\t"
                     "stp x19, x20, [x1, #0]\n\t"
                     "stp x21, x22, [x1, #16]\n\t"
                     "stp x23, x24, [x1, #32]\n\t"
                     "stp x25, x26, [x1, #48]\n\t"
                     "stp x27, x28, [x1, #64]\n\t"
                     "stp d8, d9, [x1, #80]\n\t"
                     "stp d10, d11, [x1, #96]\n\t"
                     "stp d12, d13, [x1, #112]\n\t"
                     "stp d14, d15, [x1, #128]"
                     : "+r"(in), "+r"(out)
                     :
                     : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
                       "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23",
                       "x24", "x25", "x26", "x27", "x28", "x30", "v0", "v1", "v2", "v3", "v4",
                       "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
                       "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",
                       "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
}
#endif

static void keep_registers(void *arg)
{
    wait_group_t *wg = *(wait_group_t **)arg;
    uint64_t before[REGISTERS], after[REGISTERS];

    for (int turn = 0; turn < 500; turn++) {
        for (int i = 0; i < REGISTERS; i++)
            before[i] = (uint64_t)(uintptr_t)before * UINT64_C(0x9e3779b97f4a7c15) +
                        (uint64_t)(turn * REGISTERS + i);
        memset(after, 0, sizeof after);
        yield_with_registers(before, after);
        check(memcmp(before, after, sizeof before) == 0, "a register was not preserved");
    }
    wait_group_done(wg);
}

static void run_many(task_fn *fn, int tasks)
{
    wait_group_t wg = { { 0 } }, *shared = &wg;

    wait_group_add(&wg, tasks);
    for (int i = 0; i < tasks; i++)
        task_spawn_copy(fn, &shared, sizeof shared);
    wait_group_wait(&wg);
}

/* ---- the stack ---- */

/* Sums of quarters are exact, in whatever order and however fused. */
static double climb(int depth, double x)
{
    double here = x + depth * 0.25;
    long double wide = (long double)here * 3;

    task_yield();
    if (depth > 0)
        here += climb(depth - 1, here);
    task_yield();
    check(wide == ((long double)x + depth * 0.25L) * 3, "a value changed");
    return here - x;
}

static double climb_alone(int depth, double x)
{
    double here = x + depth * 0.25;

    if (depth > 0)
        here += climb_alone(depth - 1, here);
    return here - x;
}

static void keep_the_stack(void *arg)
{
    wait_group_t *wg = *(wait_group_t **)arg;

    for (int depth = 1; depth <= 60; depth += 7)
        check(climb(depth, depth) == climb_alone(depth, depth),
              "a deep chain of calls came to another result");
    wait_group_done(wg);
}

/* ---- floating-point control words: they belong to the thread, not to the task ---- */

static volatile double one = 1;

/* Not inlined, so that the division stays where it is called. */
static __attribute__((noinline)) double third(void)
{
    return one / 3;
}

/* Between two operations a task may round as it likes. */
static void round_for_a_while(void *arg)
{
    wait_group_t *wg = *(wait_group_t **)arg;
    double near = third(), up;

    for (int i = 0; i < 100; i++) {
        fesetround(FE_UPWARD);
        up = third();
        fesetround(FE_TONEAREST);
        check(up > near && third() == near, "rounding was not the task's own meanwhile");
        task_yield();
        check(fegetround() == FE_TONEAREST, "rounding changed across a switch");
    }
    wait_group_done(wg);
}

static void read_rounding(void *arg)
{
    int *mode = *(int **)arg;

    *mode = fegetround();
}

/* On the one worker the next task finds what the last one left. */
static void leave_rounding(void *arg)
{
    wait_group_t *wg = *(wait_group_t **)arg;
    int mode = -1, *at = &mode;

    fesetround(FE_UPWARD);
    task_spawn_copy(read_rounding, &at, sizeof at);
    while (mode == -1)
        task_yield();
    fesetround(FE_TONEAREST);
    check(mode == FE_UPWARD, "the switch has changed the control words");
    wait_group_done(wg);
}

/* ---- some of everything ---- */

struct ring { chan_t *in, *out; };

static void pass_on(void *arg)
{
    struct ring *r = arg;
    int v;

    while (chan_recv(r->in, &v)) {
        v++;
        chan_send(r->out, &v);
    }
    chan_close(r->out);
    chan_release(r->in);
}

static void pass_through_many(int tasks)
{
    chan_t *first = chan_make(int, 0), *last = first;
    int v;

    for (int i = 0; i < tasks; i++) {
        chan_t *next = chan_make(int, i % 3);

        task_go(pass_on, (struct ring){ last, next });
        last = next;
    }
    for (int i = 0; i < 10; i++) {
        chan_send(first, &i);
        check(chan_recv(last, &v) && v == i + tasks, "a chain of tasks lost count");
    }
    chan_close(first);
    check(!chan_recv(last, &v), "a chain of tasks did not close");
    chan_release(last);
}

static void time_passes(void)
{
    chan_t *never = chan_make(int, 0), *after = chan_after(2 * TASK_MILLISECOND);
    ctx_t *ctx ctx_scoped = ctx_with_timeout(ctx_background(), TASK_MILLISECOND);
    int64_t fired;
    int v;

    check(chan_select_timeout(TASK_MILLISECOND, CHAN_RECV(never, &v)) == -1, "no timeout");
    check(chan_recv(after, &fired), "chan_after is closed");
    check(!chan_recv(ctx_done(ctx), NULL) && ctx_err(ctx) != 0, "no deadline");
    chan_release(after);
    chan_release(never);
}

int main(void)
{
    const char *threads = getenv("CHANRT_THREADS");

    run_many(keep_registers, 20);
    run_many(keep_the_stack, 20);
    run_many(round_for_a_while, 20);
    if (threads && strcmp(threads, "1") == 0)
        run_many(leave_rounding, 1);
    pass_through_many(500);
    time_passes();
    printf("machine: all preserved\n");
    return 0;
}
