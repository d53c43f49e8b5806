/* CHANRT_SEED: a run that can be had again. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the same again ---- */

static void talk(void *arg)
{
    chan_t **chans = arg;
    int64_t at;

    for (int i = 0; i < 20; i++) {
        int got = 0;

        switch (chan_select_timeout(i * MS, CHAN_SEND(chans[0], &i), CHAN_RECV(chans[1], &got),
                                    CHAN_RECV(chans[0], &got), CHAN_SEND(chans[1], &i))) {
        case -1: fprintf(stderr, "%d-", i); break;
        case 0:  fprintf(stderr, "%da", i); break;
        case 1:  fprintf(stderr, "%db%d", i, got); break;
        case 2:  fprintf(stderr, "%dc%d", i, got); break;
        case 3:  fprintf(stderr, "%dd", i); break;
        }
        if (i % 5 == 0) {
            chan_t *ch = chan_after(MS);

            chan_recv(ch, &at);
            chan_release(ch);
            fprintf(stderr, "@%lld", (long long)at);
        }
        free(malloc((size_t)rand() % 100));
        fprintf(stderr, " ");
    }
}

/* A run in which nearly everything is chance. */
static void chatter(void)
{
    chan_t *chans[2] = { chan_make(int, 0), chan_make(int, 2) };

    for (int i = 0; i < 4; i++)
        task_spawn(talk, chans);
    task_sleep(TASK_SECOND);
    fprintf(stderr, "%d tasks left\n", (int)task_count());
    chan_release(chans[0]);
    chan_release(chans[1]);
}

/* Each child has its own layout of the address space. */
static void a_seed_is_a_run(void **state)
{
    struct ended runs[4];
    bool differ = false;

    (void)state;
    for (int i = 0; i < 4; i++) {
        char seed[32];
        struct ended again;

        snprintf(seed, sizeof seed, "CHANRT_SEED=%d", i + 1);
        runs[i] = check_child("chatter", seed, NULL);
        for (int j = 0; j < 3; j++) {
            again = check_child("chatter", seed, NULL);
            assert_string_equal(again.err, runs[i].err);
            assert_int_equal(again.status, runs[i].status);
        }
        differ |= strcmp(runs[i].err, runs[0].err) != 0;
    }
    assert_true(differ);
}

/* ---- all tasks are blocked ---- */

static void block_for_ever(void *arg)
{
    chan_recv(arg, NULL); /* @task_recv */
}

static void all_blocked(void)
{
    chan_t *ch = chan_make(int, 3); /* @made */
    wait_group_t wg = { { 0 } };

    wait_group_add(&wg, 1);
    task_spawn(block_for_ever, ch); /* @spawn */
    wait_group_wait(&wg); /* @main_wait */
}

static void blocked_but_ticking(void)
{
    ticker_create(MS);
    chan_recv(NULL, NULL); /* @ticking */
}

static void *send_late(void *arg)
{
    usleep(100000);
    chan_send(arg, NULL);
    return NULL;
}

static void woken_from_outside(void)
{
    chan_t *ch = chan_create(0, 0);
    pthread_t thread;

    for (int i = 0; i < 3; i++) {
        pthread_create(&thread, NULL, send_late, ch);
        chan_recv(ch, NULL);
        pthread_join(thread, NULL);
    }
    chan_release(ch);
}

static void send_one(void *arg)
{
    chan_send(arg, NULL);
}

static void *spawn_late(void *arg)
{
    usleep(50000);
    task_spawn(send_one, arg);
    return NULL;
}

/* No worker is started for it: it becomes part of the run. */
static void spawned_from_outside(void)
{
    chan_t *ch = chan_create(0, 0);
    pthread_t thread;

    pthread_create(&thread, NULL, spawn_late, ch);
    chan_recv(ch, NULL);
    pthread_join(thread, NULL);
    chan_release(ch);
}

static void exit_from_task(void *arg)
{
    (void)arg;
    exit(4);
}

static void exit_in_task(void)
{
    task_spawn(block_for_ever, chan_make(int, 0));
    task_spawn(exit_from_task, NULL);
    chan_recv(NULL, NULL);
}

static void exit_in_forked_child(void)
{
    chan_t *ch = chan_make(int, 0);
    int status;
    pid_t pid;

    task_spawn(block_for_ever, ch);
    task_sleep(MS);
    pid = fork();
    if (pid == 0)
        exit(6);
    waitpid(pid, &status, 0);
    chan_close(ch);
    task_sleep(MS);
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void sleep_long(void)
{
    int64_t began = now();

    task_sleep(3600 * TASK_SECOND);
    exit(now() - began < 10 * TASK_SECOND ? 0 : 1);
}

static void ends_with(const char *scenario, const char *leakcheck, int status, const char *err)
{
    struct ended ended = check_child(scenario, "CHANRT_SEED=7", leakcheck);

    assert_string_equal(check_headings(ended.err), check_places(__FILE__, err));
    assert_true(WIFEXITED(ended.status));
    assert_int_equal(WEXITSTATUS(ended.status), status);
}

static void blocked_runs_end(void **state)
{
    static const char *const blocked =
        "chanrt: all tasks are blocked (CHANRT_SEED=7)\n"
        "leaked main [wait group wait]: at @main_wait\n"
        "leaked task 1 [chan receive]: at @task_recv on channel made at @made (capacity 3), "
        "spawned at @spawn\n";

    (void)state;
    ends_with("all_blocked", NULL, 2, blocked);
    ends_with("all_blocked", "CHANRT_LEAKCHECK=1", 23, blocked);
    ends_with("blocked_but_ticking", "CHANRT_LEAKCHECK=1", 23,
              "chanrt: all tasks are blocked (CHANRT_SEED=7)\n"
              "leaked main [chan receive (nil chan)]: at @ticking\n");
}

static void others_are_waited_for(void **state)
{
    (void)state;
    ends_with("woken_from_outside", "CHANRT_LEAKCHECK=1", 0, "");
    ends_with("spawned_from_outside", "CHANRT_LEAKCHECK=1", 0, "");
}

static void ends_on_purpose(void **state)
{
    struct ended ended;

    (void)state;
    setenv("CHANRT_LEAKCHECK", "1", 1);
    ended = check_child("exit_in_forked_child", "CHANRT_SEED=7", "ASAN_OPTIONS=detect_leaks=0");
    unsetenv("CHANRT_LEAKCHECK");
    assert_string_equal(ended.err, "");
    assert_int_equal(WEXITSTATUS(ended.status), 6);
    ends_with("exit_in_task", "CHANRT_LEAKCHECK=1", 4, "");
}

static void seeds_are_numbers(void **state)
{
    struct ended ended = check_child("sleep_long", "CHANRT_SEED=x", NULL);

    (void)state;
    assert_string_equal(ended.err, "chanrt: CHANRT_SEED must be a number from 0 to "
                        "18446744073709551615, not 'x'\n");
    assert_int_equal(WEXITSTATUS(ended.status), 2);
}

/* ---- time ---- */

static void nothing_sleeps(void **state)
{
    (void)state;
    ends_with("sleep_long", "CHANRT_LEAKCHECK=1", 0, "");
}

static const struct scenario scenarios[] = {
    { "chatter", chatter },
    { "all_blocked", all_blocked },
    { "blocked_but_ticking", blocked_but_ticking },
    { "woken_from_outside", woken_from_outside },
    { "spawned_from_outside", spawned_from_outside },
    { "exit_in_task", exit_in_task },
    { "exit_in_forked_child", exit_in_forked_child },
    { "sleep_long", sleep_long },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_is_a_run),
        cmocka_unit_test(blocked_runs_end),
        cmocka_unit_test(others_are_waited_for),
        cmocka_unit_test(ends_on_purpose),
        cmocka_unit_test(seeds_are_numbers),
        cmocka_unit_test(nothing_sleeps),
    };

    check_scenarios(argc, argv, scenarios);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
