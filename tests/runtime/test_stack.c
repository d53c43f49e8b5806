/* Stacks: their size, and what is said and done when a task uses one up. */
#define _GNU_SOURCE
#include "check.h"
#include "refuse.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Uses up its stack by itself: what ThreadSanitizer would have it call for every access needs
 * some too, and would be where the stack ends, or not, depending on where it began. */
#if defined(__clang__)
#define UNAIDED __attribute__((noinline, disable_sanitizer_instrumentation))
#else
#define UNAIDED __attribute__((noinline, no_sanitize("thread")))
#endif

/* The asm uses the frame after the call: no compiler makes a loop of this. */
static UNAIDED int deep(int levels)
{
    volatile char frame[1000];
    int below;

    for (size_t i = 0; i < sizeof frame; i++)
        frame[i] = (char)levels;
    below = levels == 0 ? 0 : deep(levels - 1) + 1;
    __asm__ volatile("" ::"r"(frame) : "memory");
    return below;
}

/* A frame much larger than a page, of which the lowest bytes are written. */
static UNAIDED int wide(int levels)
{
    volatile char frame[20000];
    int below;

    frame[0] = (char)levels;
    below = levels == 0 ? 0 : wide(levels - 1) + 1;
    __asm__ volatile("" ::"r"(frame) : "memory");
    return below + frame[0] - (char)levels;
}

static void go_wide(void *arg)
{
    if (wide(20) != 20)
        abort();
    chan_close(arg);
}

static void go_deep(void *arg)
{
    int levels = *(int *)arg;

    if (deep(levels) != levels)
        abort();
}

/* A program that is meant to crash leaves no core behind. */
static void no_core(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

static void run_deep(int levels)
{
    leak_check_t lc = leak_check_begin();

    no_core();
    task_spawn_copy(go_deep, &levels, sizeof levels); /* @deep_spawn */
    if (leak_check_end(lc, 10 * TASK_SECOND, stderr) > 0)
        abort();
}

static void deep_10(void)
{
    run_deep(10);
}

static void deep_900(void)
{
    run_deep(900);
}

static void wait_for_close(void *arg)
{
    chan_recv(arg, NULL);
}

/* Stacks of others lie below. */
static void wide_20(void)
{
    chan_t *end = chan_create(0, 0);

    no_core();
    for (int i = 0; i < 8; i++)
        task_spawn(wait_for_close, end);
    wait_until_blocked(8);
    task_spawn(go_wide, end); /* @wide_spawn */
    chan_recv(end, NULL);
}

/* ---- handlers of the program's own ---- */

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        abort();
}

static void plain_handler(int sig)
{
    (void)sig;
    say("plain handler\n");
    _exit(7);
}

static void *fault_address;

static void detailed_handler(int sig, siginfo_t *info, void *context)
{
    sigset_t now;

    pthread_sigmask(SIG_BLOCK, NULL, &now);
    say(sig == SIGSEGV && context && info->si_addr == fault_address ? "at the address" : "?");
    say(sigismember(&now, SIGUSR1) ? ", masked" : ", not masked");
    say(sigismember(&now, SIGSEGV) ? "\n" : ", deferred not\n");
    _exit(8);
}

static struct sigaction runtime_handler;

static void later_handler(int sig, siginfo_t *info, void *context)
{
    say("later handler\n");
    runtime_handler.sa_sigaction(sig, info, context);
}

static void handle(void (*plain)(int), void (*detailed)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = { .sa_flags = flags };

    if (detailed)
        action.sa_sigaction = detailed;
    else
        action.sa_handler = plain;
    sigaddset(&action.sa_mask, SIGUSR1);
    sigaction(SIGSEGV, &action, &runtime_handler);
}

static void overflow_with_handler(void)
{
    handle(plain_handler, NULL, SA_ONSTACK);
    run_deep(900);
}

static void nothing(void *arg)
{
    (void)arg;
}

static void overflow_with_later_handler(void)
{
    task_spawn(nothing, NULL);
    handle(NULL, later_handler, SA_SIGINFO | SA_ONSTACK);
    run_deep(900);
}

/* ---- faults that are no overflow ---- */

/* UBSan would speak of it before it happens. */
static __attribute__((no_sanitize("undefined"))) void write_to(void *arg)
{
    *(volatile int *)arg = 1;
}

static void fault_in_task(void *address)
{
    no_core();
    fault_address = address;
    task_spawn(write_to, address);
    task_sleep(10 * TASK_SECOND);
}

static void null_in_task(void)
{
    fault_in_task(NULL);
}

static void null_in_main(void)
{
    no_core();
    task_spawn(nothing, NULL);
    write_to(NULL);
}

/* Both ways to run tasks have begun. */
static void null_after_exploring(void)
{
    leak_check_explore(nothing, NULL, 1, 2, stderr);
    leak_check_explore(nothing, NULL, 1, 2, stderr);
    null_in_task();
}

static void read_only_in_task(void)
{
    fault_in_task(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static void null_with_handler(void)
{
    handle(NULL, detailed_handler, SA_SIGINFO);
    fault_in_task(NULL);
}

static void null_with_undeferred_handler(void)
{
    handle(NULL, detailed_handler, SA_SIGINFO | SA_NODEFER);
    fault_in_task(NULL);
}

static void send_the_signal(void)
{
    no_core();
    task_spawn(nothing, NULL);
    kill(getpid(), SIGSEGV);
}

static void send_it_ignored(void)
{
    signal(SIGSEGV, SIG_IGN);
    send_the_signal();
}

static void no_action(int sig)
{
    (void)sig;
}

static void send_it_to_one_time_handler(void)
{
    struct sigaction once = { .sa_flags = (int)SA_RESETHAND };

    once.sa_handler = no_action;
    sigaction(SIGSEGV, &once, NULL);
    send_the_signal();
    say("once\n");
    send_the_signal();
}

/* ---- without guards ---- */

/* A little more than its stack, on return or before it waits. */
static void overrun_and_return(void *arg)
{
    (void)arg;
    if (deep(70) != 70)
        abort();
}

static void overrun_and_wait(void *arg)
{
    overrun_and_return(arg);
    task_sleep(10 * TASK_SECOND);
}

static void wait_long(void *arg)
{
    (void)arg;
    task_sleep(10 * TASK_SECOND);
}

/* The stack that is overrun is not the first, so that what lies below is another. */
static void overrun(task_fn *fn)
{
    no_core();
    refuse_guards(true);
    for (int i = 0; i < 8; i++)
        task_spawn(wait_long, NULL);
    wait_until_blocked(8);              /* none of them still needs what is overrun */
    task_spawn(fn, NULL); /* @overrun_spawn */
    task_sleep(10 * TASK_SECOND);
}

static void canary_on_return(void)
{
    overrun(overrun_and_return);
}

static void canary_on_switch(void)
{
    overrun(overrun_and_wait);
}

static void unguarded_and_fine(void)
{
    refuse_guards(true);
    run_deep(10);
    run_deep(10);
}

static const struct scenario scenarios[] = {
    { "deep_10", deep_10 },
    { "deep_900", deep_900 },
    { "wide_20", wide_20 },
    { "overflow_with_handler", overflow_with_handler },
    { "overflow_with_later_handler", overflow_with_later_handler },
    { "null_in_task", null_in_task },
    { "null_in_main", null_in_main },
    { "null_after_exploring", null_after_exploring },
    { "read_only_in_task", read_only_in_task },
    { "null_with_handler", null_with_handler },
    { "null_with_undeferred_handler", null_with_undeferred_handler },
    { "send_the_signal", send_the_signal },
    { "send_it_ignored", send_it_ignored },
    { "send_it_to_one_time_handler", send_it_to_one_time_handler },
    { "canary_on_return", canary_on_return },
    { "canary_on_switch", canary_on_switch },
    { "unguarded_and_fine", unguarded_and_fine },
    { NULL, NULL },
};

/* ---- the tests ---- */

static void size_is_settable(void **state)
{
    (void)state;
    assert_int_equal(check_child("deep_900", "CHANRT_STACK=1M", NULL).status, 0);
    assert_int_equal(check_child("deep_900", "CHANRT_STACK=1048576", NULL).status, 0);
    assert_int_equal(check_child("deep_10", "CHANRT_STACK=1", NULL).status, 0);
}

static void refused(const char *setting, const char *line)
{
    struct ended ended = check_child("deep_10", setting, NULL);

    assert_true(WIFEXITED(ended.status));
    assert_int_equal(WEXITSTATUS(ended.status), 2);
    assert_string_equal(ended.err, line);
}

static void settings_are_checked(void **state)
{
    static const char *const wrong[] = {
        "-5", "18446744073709551615", "18014398509481985K", "abc", "64KB", "64 K", "0", "2048M",
    };
    char setting[64], line[256];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(setting, sizeof setting, "CHANRT_STACK=%s", wrong[i]);
        snprintf(line, sizeof line, "chanrt: CHANRT_STACK must be a number from 1 to 1073741824, "
                 "or with K or M, not '%s'\n", wrong[i]);
        refused(setting, line);
    }
    refused("CHANRT_THREADS=0", "chanrt: CHANRT_THREADS must be a number from 1 to 256, not '0'\n");
    refused("CHANRT_THREADS=two",
            "chanrt: CHANRT_THREADS must be a number from 1 to 256, not 'two'\n");
    assert_int_equal(check_child("deep_10", "CHANRT_THREADS=", NULL).status, 0);
}

/* Ends with the signal; a sanitizer reports it and exits instead. */
static void assert_segv(struct ended ended)
{
    assert_int_not_equal(ended.status, 0);
    if (!sanitized()) {
        assert_true(WIFSIGNALED(ended.status));
        assert_int_equal(WTERMSIG(ended.status), SIGSEGV);
    }
}

static void assert_says(struct ended ended, const char *text)
{
    if (!strstr(ended.err, text))
        fail_msg("no '%s' in '%s'", text, ended.err);
}

static void assert_says_overflow(struct ended ended, int task, const char *spawned, int size,
                                 int wanted)
{
    char text[512];

    snprintf(text, sizeof text,
             " in task %d (spawned at %s): all %d KiB of its stack are used up, run with "
             "CHANRT_STACK=%dK for more\n", task, check_places(__FILE__, spawned),
             sanitized() ? 4 * size : size, wanted);
    assert_says(ended, "chanrt: stack overflow");
    assert_says(ended, text);
}

static void overflow_says_who_and_how_much(void **state)
{
    struct ended ended = check_child("deep_900", "CHANRT_STACK=64K", NULL);

    (void)state;
    assert_segv(ended);
    assert_says_overflow(ended, 1, "@deep_spawn", 64, 128);
    assert_says(ended, "chanrt: stack overflow at ");
    assert_says(ended, "test_stack(+0x");
    ended = check_child("deep_900", "CHANRT_STACK=100K", NULL);
    assert_segv(ended);
    assert_says_overflow(ended, 1, "@deep_spawn", 100, 200);
}

/* Frames larger than a page do not step over the guard. */
static void wide_frames_meet_the_guard(void **state)
{
    struct ended ended = check_child("wide_20", "CHANRT_STACK=64K", NULL);

    (void)state;
    assert_segv(ended);
    assert_says_overflow(ended, 9, "@wide_spawn", 64, 128);
    assert_int_equal(check_child("wide_20", "CHANRT_STACK=1M", NULL).status, 0);
}

static void overflow_goes_on_to_handlers(void **state)
{
    struct ended ended = check_child("overflow_with_handler", "CHANRT_STACK=64K", NULL);

    (void)state;
    assert_says_overflow(ended, 1, "@deep_spawn", 64, 128);
    assert_says(ended, "plain handler\n");
    assert_int_equal(WEXITSTATUS(ended.status), 7);
    ended = check_child("overflow_with_later_handler", "CHANRT_STACK=64K", NULL);
    assert_segv(ended);
    assert_says(ended, "later handler\nchanrt: stack overflow");
    assert_says_overflow(ended, 2, "@deep_spawn", 64, 128);
}

static void other_faults_are_no_overflow(void **state)
{
    static const char *const faults[] = {
        "null_in_task", "null_in_main", "null_after_exploring", "read_only_in_task", "send_the_signal",
    };

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct ended ended = check_child(faults[i], NULL, NULL);

        assert_segv(ended);
        assert_null(strstr(ended.err, "chanrt:"));
        if (!sanitized())
            assert_string_equal(ended.err, "");
    }
}

static void other_faults_go_on_to_handlers(void **state)
{
    struct ended ended;

    (void)state;
    ended = check_child("null_with_handler", NULL, NULL);
    assert_string_equal(ended.err, "at the address, masked\n");
    assert_int_equal(WEXITSTATUS(ended.status), 8);
    ended = check_child("null_with_undeferred_handler", NULL, NULL);
    assert_string_equal(ended.err, "at the address, masked, deferred not\n");
    assert_int_equal(WEXITSTATUS(ended.status), 8);
    ended = check_child("send_it_ignored", NULL, NULL);
    assert_int_equal(ended.status, 0);
    ended = check_child("send_it_to_one_time_handler", NULL, NULL);
    assert_says(ended, "once\n");
    assert_int_equal(WTERMSIG(ended.status), SIGSEGV);
}

static void canary_stands_in_for_the_guard(void **state)
{
    struct ended ended = check_child("unguarded_and_fine", NULL, NULL);

    (void)state;
    if (sanitized())
        skip();     /* with four times the stack it is not overrun, and guards are theirs */
    if (WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 77) {
        print_message("no system call filter to be had\n");
        skip();
    }
    assert_int_equal(ended.status, 0);
    ended = check_child("canary_on_return", "CHANRT_STACK=64K", NULL);
    assert_segv(ended);
    assert_says_overflow(ended, 9, "@overrun_spawn", 64, 128);
    ended = check_child("canary_on_switch", "CHANRT_STACK=64K", NULL);
    assert_segv(ended);
    assert_says_overflow(ended, 9, "@overrun_spawn", 64, 128);
}

/* ---- memory ---- */

static size_t resident(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    size_t pages;

    assert_non_null(statm);
    assert_int_equal(fscanf(statm, "%*u %zu", &pages), 1);
    fclose(statm);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static chan_t *arrived, *gate;

static void wait_at_gate(void *arg)
{
    (void)arg;
    chan_send(arrived, NULL);
    chan_recv(gate, NULL);
}

/* Returns how much memory was in use when all tasks were there. */
static size_t round_of(int n)
{
    size_t peak;
    leak_check_t lc = leak_check_begin();

    arrived = chan_create(0, 0);
    gate = chan_create(0, 0);
    for (int i = 0; i < n; i++)
        task_spawn(wait_at_gate, NULL);
    for (int i = 0; i < n; i++)
        chan_recv(arrived, NULL);
    peak = resident();
    chan_close(gate);
    assert_all_finished(lc);
    chan_release(arrived);
    chan_release(gate);
    return peak;
}

static void peak_is_given_back(void **state)
{
    int n = 20000;
    int64_t deadline;
    size_t before, peak;

    (void)state;
    if (scaled(100) < 100)
        skip();                     /* there are other things in memory then */
    before = resident();
    peak = round_of(n);
    assert_true(peak - before > (size_t)n * 4096 / 2);
    deadline = now() + 60 * TASK_SECOND;
    while (resident() > before + (peak - before) / 2) {
        assert_true(now() < deadline);
        usleep(10000);
    }
    round_of(n);                    /* and are good for use again */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_is_settable),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(overflow_says_who_and_how_much),
        cmocka_unit_test(wide_frames_meet_the_guard),
        cmocka_unit_test(overflow_goes_on_to_handlers),
        cmocka_unit_test(other_faults_are_no_overflow),
        cmocka_unit_test(other_faults_go_on_to_handlers),
        cmocka_unit_test(canary_stands_in_for_the_guard),
        cmocka_unit_test(peak_is_given_back),
    };

    check_scenarios(argc, argv, scenarios);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
