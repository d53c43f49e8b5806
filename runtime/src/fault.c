/* fault.c - the handler of SIGSEGV.
 *
 * The guard under a stack makes running out of it a fault, and only the runtime knows whose
 * guard it was. The handler runs on an alternate stack, says so, and hands on to whoever
 * handled the signal before: a sanitizer, the program's own handler, or the default action,
 * so that exit status and core dump are what they would have been.
 */
#define _GNU_SOURCE
#include "fault.h"
#include "panic.h"
#include "site.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* A sanitizer's report runs on it too. */
enum { HANDLER_STACK = 256 * 1024 };

static struct sigaction before;

/* ---- what is said ---- */

static uintptr_t program_counter(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#else
    return (uintptr_t)context->uc_mcontext.pc;
#endif
}

/* Formats no floating-point numbers, so that snprintf takes neither memory nor locks. */
static void say_overflow(const struct rt_task *t, const char *at)
{
    char line[512], spawned[RT_SITE_MAX];
    size_t size = rt_stack_size() / 1024, wanted = 2 * rt_stack_setting() / 1024;
    int n = snprintf(line, sizeof line,
                     "chanrt: stack overflow%s%s in task %llu (spawned at %s): all %zu KiB of its "
                     "stack are used up, run with CHANRT_STACK=%zuK for more\n",
                     at ? " at " : "", at ? at : "", (unsigned long long)t->id,
                     rt_site_text(t->spawn_site, spawned), size, wanted);

    if (n > (int)sizeof line - 1)
        n = sizeof line - 1;
    if (write(STDERR_FILENO, line, (size_t)n) < 0)
        return;
}

_Noreturn void rt_fault_overrun(struct rt_task *t)
{
    struct sigaction fatal = { .sa_handler = SIG_DFL };

    say_overflow(t, NULL);
    sigaction(SIGSEGV, &fatal, NULL);
    raise(SIGSEGV);
    abort();
}

/* ---- handing on ---- */

/* A fault comes again when its instruction does, a signal that was sent does not. */
static void die_by_default(const siginfo_t *info)
{
    struct sigaction fatal = { .sa_handler = SIG_DFL };

    sigaction(SIGSEGV, &fatal, NULL);
    if (info->si_code <= 0)
        raise(SIGSEGV);         /* pending until this handler returns */
}

/* Under the mask that the kernel would have given it. */
static void call_handler_before(int sig, siginfo_t *info, void *context)
{
    struct sigaction handler = before;
    sigset_t old, own;

    if (handler.sa_flags & (int)SA_RESETHAND)
        before = (struct sigaction){ .sa_handler = SIG_DFL };
    pthread_sigmask(SIG_BLOCK, &handler.sa_mask, &old);
    if (handler.sa_flags & SA_NODEFER) {
        sigemptyset(&own);
        sigaddset(&own, sig);
        pthread_sigmask(SIG_UNBLOCK, &own, NULL);
    }
    if (handler.sa_flags & SA_SIGINFO)
        handler.sa_sigaction(sig, info, context);
    else
        handler.sa_handler(sig);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
    struct rt_task *t = rt_self_if_known();
    char at[RT_SITE_MAX];

    if (info->si_code > 0 && t && !t->is_thread && rt_stack_is_guard(rt_task_stack(t), info->si_addr))
        say_overflow(t, rt_pc_text(program_counter(context), at));
    if (!(before.sa_flags & SA_SIGINFO) && before.sa_handler == SIG_IGN && info->si_code <= 0)
        return;
    if (!(before.sa_flags & SA_SIGINFO) &&
        (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN))
        die_by_default(info);
    else
        call_handler_before(sig, info, context);
}

/* ---- setting up ---- */

static void install(void)
{
    struct sigaction handler = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

    sigemptyset(&handler.sa_mask);
    sigaction(SIGSEGV, NULL, &before);
    sigaction(SIGSEGV, &handler, NULL);
}

/* A second time would make this handler its own predecessor. */
void rt_fault_install(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, install);
}

/* A sanitizer has given the thread one already. */
void rt_fault_thread(void)
{
    stack_t stack;

    if (sigaltstack(NULL, &stack) == 0 && !(stack.ss_flags & SS_DISABLE))
        return;
    stack = (stack_t){ .ss_size = HANDLER_STACK };
    stack.ss_sp = mmap(NULL, HANDLER_STACK, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL) != 0)
        rt_out_of_memory();
}
