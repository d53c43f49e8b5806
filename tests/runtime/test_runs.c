/* CHANRT_RUNS: a program under many seeds, in child processes. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- in the children ---- */

static void send_result(void *arg)
{
    int v = 1;

    chan_send(arg, &v); /* @send */
    chan_release(arg);
}

/* Leaks the sender when the time is over first. */
static void give_up_early(void)
{
    chan_t *ch = chan_make(int, 0); /* @result */
    int v;

    task_spawn(send_result, chan_retain(ch)); /* @spawn */
    chan_select_timeout(TASK_SECOND, CHAN_RECV(ch, &v));
    chan_release(ch);
}

struct two_locks {
    task_mutex_t a, b;
    wait_group_t done;
};

static void lock_ab(void *arg)
{
    struct two_locks *l = arg;

    task_mutex_lock(&l->a);
    task_mutex_lock(&l->b); /* @ab */
    task_mutex_unlock(&l->b);
    task_mutex_unlock(&l->a);
    wait_group_done(&l->done);
}

static void lock_ba(void *arg)
{
    struct two_locks *l = arg;

    task_mutex_lock(&l->b);
    task_mutex_lock(&l->a); /* @ba */
    task_mutex_unlock(&l->a);
    task_mutex_unlock(&l->b);
    wait_group_done(&l->done);
}

static void lock_both(void)
{
    struct two_locks l = { .done = { { 0 } } };

    wait_group_add(&l.done, 2);
    task_spawn(lock_ab, &l); /* @spawn_ab */
    task_spawn(lock_ba, &l); /* @spawn_ba */
    wait_group_wait(&l.done); /* @wait */
}

static void give_up_early_twice(void)
{
    give_up_early();
    exit(5);
}

static void hello(void)
{
    char line[16] = "";
    char *got = fgets(line, sizeof line, stdin);

    printf("hello %s", got ? got : "nobody\n");
    exit(0);
}

/* 3 when the input is not what the environment says it is. */
static void read_input(void)
{
    char line[16] = "";
    const char *wanted = getenv("WANTED");

    exit(fgets(line, sizeof line, stdin) && wanted && strcmp(line, wanted) == 0 ? 0 : 3);
}

static void exit_7(void)
{
    exit(7);
}

static void close_soon(void *arg)
{
    chan_close(arg);
    chan_release(arg);
}

static void send_to_closed(void)
{
    chan_t *ch = chan_make(int, 5); /* @closed */
    int v = 1;

    for (int i = 0; i < 3; i++)
        task_yield();
    task_spawn(close_soon, chan_retain(ch));
    chan_send(ch, &v); /* @send_closed */
    task_sleep(MS);
    chan_release(ch);
}

static void spin(void)
{
    for (;;)
        usleep(1000);
}

static void fault(void)
{
    raise(SIGTERM);
}

/* Lets the task go in the end, so that nothing but its own check finds it. */
static void check_itself(void)
{
    chan_t *ch = chan_make(int, 0); /* @own */
    leak_check_t lc = leak_check_begin();
    size_t leaked;
    int v;

    task_spawn(send_result, chan_retain(ch)); /* @own_spawn */
    leaked = leak_check_end(lc, 0, stdout);
    chan_recv(ch, &v);
    chan_release(ch);
    exit(leaked == 1 ? 1 : 0);
}

static const struct scenario scenarios[] = {
    { "give_up_early", give_up_early },
    { "give_up_early_twice", give_up_early_twice },
    { "lock_both", lock_both },
    { "hello", hello },
    { "read_input", read_input },
    { "exit_7", exit_7 },
    { "send_to_closed", send_to_closed },
    { "spin", spin },
    { "fault", fault },
    { "check_itself", check_itself },
    { NULL, NULL },
};

/* ---- what the parent says ---- */

static struct ended runs_of(const char *scenario, int count)
{
    char runs[32];

    snprintf(runs, sizeof runs, "CHANRT_RUNS=%d", count);
    return check_child(scenario, "CHANRT_LEAKCHECK=1", runs);
}

/* The line that begins so, "LINE, first seen with CHANRT_SEED=s (n of k runs)", is there
 * once; s and n of it. */
static void one_line(const char *err, const char *begins, uint64_t *seed, int *times, int of)
{
    char wanted[1024];
    const char *line;
    int k = 0;

    snprintf(wanted, sizeof wanted, "%s, first seen with CHANRT_SEED=",
             check_places(__FILE__, begins));
    line = strstr(err, wanted);
    assert_non_null(line);
    assert_null(strstr(line + 1, wanted));
    assert_int_equal(sscanf(line + strlen(wanted), "%lu (%d of %d runs)\n", seed, times, &k), 3);
    assert_int_equal(k, of);
}

static void exited(struct ended ended, int status)
{
    assert_true(WIFEXITED(ended.status));
    assert_int_equal(WEXITSTATUS(ended.status), status);
}

static const char sender[] = "leaked task [chan send]: at @send on channel made at @result "
                             "(capacity 0), spawned at @spawn";

/* Some schedules leak, others do not; the seed named shows it again and the one before does
 * not, as it would have been named. */
static void leaks_are_united(void **state)
{
    struct ended ended = runs_of("give_up_early", 60), again;
    char seed[40];
    uint64_t first;
    int times;

    (void)state;
    exited(ended, 23);
    one_line(ended.err, sender, &first, &times, 60);
    assert_true(times > 0 && times < 60);
    for (uint64_t s = 1; s <= first; s++) {
        snprintf(seed, sizeof seed, "CHANRT_SEED=%lu", s);
        again = check_child("give_up_early", "CHANRT_LEAKCHECK=1", seed);
        exited(again, s == first ? 23 : 0);
        assert_true((strstr(again.err, check_places(__FILE__, "at @send ")) != NULL) ==
                    (s == first));
    }
}

static void main_is_among_them(void **state)
{
    struct ended ended = runs_of("lock_both", 300);
    uint64_t first, seed;
    int times, n;

    (void)state;
    exited(ended, 23);
    one_line(ended.err, "leaked main [wait group wait]: at @wait", &first, &times, 300);
    one_line(ended.err, "all tasks are blocked", &seed, &n, 300);
    assert_true(seed == first && n == times);
    one_line(ended.err, "leaked task [mutex lock]: at @ab, spawned at @spawn_ab", &seed, &n, 300);
    assert_true(seed == first && n == times);
    one_line(ended.err, "leaked task [mutex lock]: at @ba, spawned at @spawn_ba", &seed, &n, 300);
    assert_true(seed == first && n == times);
}

static void leaks_of_own_checks_count(void **state)
{
    struct ended ended = runs_of("check_itself", 20);
    uint64_t first;
    int times;

    (void)state;
    exited(ended, 23);
    one_line(ended.err, "leaked task [chan send]: at @send on channel made at @own (capacity 0), "
             "spawned at @own_spawn", &first, &times, 20);
    assert_int_equal(times, 20);
}

static void other_ends_are_told(void **state)
{
    struct ended ended = runs_of("send_to_closed", 60);
    uint64_t first;
    int times;

    (void)state;
    one_line(ended.err, "\nchanrt: send on closed channel (made at @closed, capacity 5) at "
             "@send_closed in main", &first, &times, 60);
    assert_true(times > 0 && times < 60);
    assert_true(WIFSIGNALED(ended.status));
    assert_int_equal(WTERMSIG(ended.status), SIGABRT);
    ended = runs_of("exit_7", 4);
    exited(ended, 7);
    one_line(ended.err, "exit status 7", &first, &times, 4);
    ended = runs_of("fault", 4);
    assert_true(WIFSIGNALED(ended.status));
    assert_int_equal(WTERMSIG(ended.status), SIGTERM);
    one_line(ended.err, "killed by signal 15 (Terminated)", &first, &times, 4);
    ended = runs_of("give_up_early_twice", 60);
    exited(ended, 23);
    one_line(ended.err, sender, &first, &times, 60);
    one_line(ended.err, "exit status 5", &first, &times, 60);
}

static void endless_runs_are_killed(void **state)
{
    struct ended ended;
    uint64_t first;
    int times;
    unsigned runs;

    (void)state;
    setenv("CHANRT_RUN_MS", "100", 1);
    ended = runs_of("spin", 100);
    unsetenv("CHANRT_RUN_MS");
    exited(ended, 124);
    assert_int_equal(sscanf(strstr(ended.err, " of ") + 4, "%u", &runs), 1);
    assert_in_range(runs, 3, 100);
    one_line(ended.err, "still running after 0.1 s", &first, &times, (int)runs);
    assert_non_null(strstr(ended.err, "chanrt: stopped after "));
}

static void a_leak_check_is_needed(void **state)
{
    struct ended ended = check_child("exit_7", "CHANRT_RUNS=3", NULL);

    (void)state;
    exited(ended, 2);
    assert_string_equal(ended.err, "chanrt: CHANRT_RUNS needs CHANRT_LEAKCHECK=1\n");
}

static void refused(const char *env1, const char *env2, const char *line)
{
    struct ended ended = check_child("exit_7", env1, env2);

    exited(ended, 2);
    assert_string_equal(ended.err, line);
}

static void settings_are_checked(void **state)
{
    (void)state;
    refused("CHANRT_RUNS=0", "CHANRT_LEAKCHECK=1",
            "chanrt: CHANRT_RUNS must be a number from 1 to 1000000000, not '0'\n");
    refused("CHANRT_SEED= -3", NULL, "chanrt: CHANRT_SEED must be a number from 0 to "
            "18446744073709551615, not ' -3'\n");
    refused("CHANRT_SEED=18446744073709551616", NULL, "chanrt: CHANRT_SEED must be a number from "
            "0 to 18446744073709551615, not '18446744073709551616'\n");
    refused("CHANRT_LEAKCHECK_MS=soon", "CHANRT_LEAKCHECK=1", "chanrt: CHANRT_LEAKCHECK_MS must "
            "be a number from 0 to 1000000000, not 'soon'\n");
    setenv("CHANRT_LEAKCHECK", "1", 1);
    refused("CHANRT_RUNS=5", "CHANRT_RUN_MS=0", "chanrt: CHANRT_RUN_MS must be a number from 1 "
            "to 1000000000, not '0'\n");
    refused("CHANRT_RUNS=5", "CHANRT_RUN_MS=99999999999999999", "chanrt: CHANRT_RUN_MS must be a "
            "number from 1 to 1000000000, not '99999999999999999'\n");
    refused("CHANRT_RUNS=2", "CHANRT_SEED=18446744073709551614",
            "chanrt: CHANRT_SEED plus CHANRT_RUNS must be less than 18446744073709551616\n");
    unsetenv("CHANRT_LEAKCHECK");
}

/* ---- stdin and stdout ---- */

static void shell(const char *before, const char *after, char *text, size_t size)
{
    char program[512], command[1024];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    size_t used;
    FILE *in;

    assert_true(n > 0);
    program[n] = '\0';
    snprintf(command, sizeof command,
             "%s CHANRT_LEAKCHECK=1 CHANRT_RUNS=10 '%s' --scenario %s", before, program, after);
    in = popen(command, "r");
    assert_non_null(in);
    used = fread(text, 1, size - 1, in);
    text[used] = '\0';
    pclose(in);
}

static void output_is_shown_once(void **state)
{
    char text[4096];

    (void)state;
    shell("", "hello 2>&1 </dev/null", text, sizeof text);
    assert_string_equal(text, "hello nobody\n");
}

static void every_run_reads_the_same(void **state)
{
    char text[4096];

    (void)state;
    setenv("WANTED", "same\n", 1);
    shell("echo same |", "read_input 2>&1; echo $?", text, sizeof text);
    assert_string_equal(text, "0\n");
    shell("echo same >runs_input;", "read_input 2>&1 <runs_input; echo $?", text, sizeof text);
    assert_string_equal(text, "0\n");
    shell("echo other |", "read_input 2>&1; echo $?", text, sizeof text);
    assert_string_equal(text, "exit status 3, first seen with CHANRT_SEED=1 (10 of 10 runs)\n3\n");
    unlink("runs_input");
    unsetenv("WANTED");
}

static void waiting_for_input_is_said(void **state)
{
    char text[4096];

    (void)state;
    setenv("WANTED", "late\n", 1);
    shell("(sleep 1.5; echo late) |", "read_input 2>&1; echo $?", text, sizeof text);
    assert_string_equal(text, "chanrt: stdin is read to its end before the first run; it has not "
                              "ended yet\n0\n");
    unsetenv("WANTED");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaks_are_united),
        cmocka_unit_test(main_is_among_them),
        cmocka_unit_test(leaks_of_own_checks_count),
        cmocka_unit_test(other_ends_are_told),
        cmocka_unit_test(endless_runs_are_killed),
        cmocka_unit_test(a_leak_check_is_needed),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(output_is_shown_once),
        cmocka_unit_test(every_run_reads_the_same),
        cmocka_unit_test(waiting_for_input_is_said),
    };

    check_scenarios(argc, argv, scenarios);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
