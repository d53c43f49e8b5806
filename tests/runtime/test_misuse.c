/* Misuse aborts with one line that says what, which channel, where, and who. */
#include "check.h"
#include "refuse.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEEN_COMING = 3 };

static chan_t *closed(void)
{
    chan_t *ch = chan_make(int, 2); /* @closed_made */

    chan_close(ch);
    return ch;
}

static void send_in_task(void *arg)
{
    int v = 1;

    chan_send(arg, &v); /* @send_in_task */
}

static void send_on_closed(void)
{
    task_spawn(send_in_task, closed()); /* @send_spawn */
    task_sleep(10 * TASK_SECOND);
}

/* A worker that has used the channel long enough to own its lock. */
static void use_and_close(void *arg)
{
    int v = 1;

    for (int i = 0; i < 200; i++) {
        chan_send(arg, &v);
        chan_recv(arg, &v);
    }
    chan_close(arg);
    chan_send(arg, &v); /* @owner_sends */
}

static void owner_sends_on_closed(void)
{
    task_spawn(use_and_close, chan_make(int, 2)); /* @owned */
    task_sleep(10 * TASK_SECOND);
}

static void try_send_on_closed(void)
{
    int v = 1;

    chan_try_send(closed(), &v); /* @try_send */
}

static void select_on_closed(void)
{
    chan_t *ch = closed(), *other = chan_make(int, 0);
    int v = 1;

    chan_select(CHAN_RECV(other, &v), /* @select_closed */
                CHAN_SEND(ch, &v));
}

static void poll_on_closed(void)
{
    int v = 1;

    chan_poll(CHAN_SEND(closed(), &v)); /* @poll_closed */
}

static void timeout_on_closed(void)
{
    int v = 1;

    chan_select_timeout(TASK_SECOND, CHAN_SEND(closed(), &v)); /* @timeout_closed */
}

static void sized_on_closed(void)
{
    chan_send_value(closed(), 1); /* @sized_closed */
}

static void close_under_sender(void)
{
    chan_t *ch = chan_make(int, 0); /* @under_made */

    task_spawn(send_in_task, ch); /* @under_spawn */
    wait_until_blocked(1);
    chan_close(ch);
    task_sleep(10 * TASK_SECOND);
}

static void select_in_task(void *arg)
{
    chan_t *other = chan_make(int, 0);
    int v = 1;

    chan_select(CHAN_SEND(arg, &v), CHAN_RECV(other, &v)); /* @select_in_task */
}

static void close_under_select(void)
{
    chan_t *ch = chan_make(int, 0); /* @under_select_made */

    task_spawn(select_in_task, ch); /* @under_select_spawn */
    wait_until_blocked(1);
    chan_close(ch);
    chan_release(ch);
    task_sleep(10 * TASK_SECOND);
}

static void close_twice(void)
{
    chan_close(closed()); /* @close_twice */
}

static void close_null(void)
{
    chan_close(NULL); /* @close_null */
}

static void wrong_size(void)
{
    chan_send_value(chan_make(bool, 1), true); /* @wrong_size */
}

static atomic_bool about_to_send;

static void send_wrong_size(void *arg)
{
    atomic_store(&about_to_send, true);
    chan_send_value(arg, true);
}

/* Ends before the send when it sees in time that this is what comes next. */
static void wrong_size_seen_coming(void)
{
    task_spawn(send_wrong_size, chan_make(int, 1));
    for (int i = 0; i < 20; i++) {
        task_yield();
        if (atomic_load(&about_to_send))
            _exit(SEEN_COMING);
    }
}

static void null_value(void)
{
    chan_send(chan_make(int, 1), NULL); /* @null_value */
}

static void try_null_value(void)
{
    chan_try_send(chan_make(int, 1), NULL); /* @try_null_value */
}

static void select_null_value(void)
{
    chan_select(CHAN_SEND(chan_make(int, 1), NULL)); /* @select_null_value */
}

static void add_negative(void)
{
    wait_group_t wg = { { 0 } };

    wait_group_add(&wg, 2);
    wait_group_add(&wg, -3); /* @add_negative */
}

static void unlock_twice(void)
{
    task_mutex_t m = { { 0 } };

    if (task_mutex_trylock(&m))
        task_mutex_unlock(&m);
    task_mutex_unlock(&m); /* @unlock_twice */
}

static void wrunlock_twice(void)
{
    task_rwlock_t l = { { 0 } };

    task_rwlock_wrlock(&l);
    task_rwlock_wrunlock(&l);
    task_rwlock_wrunlock(&l); /* @wrunlock_twice */
}

static void rdunlock_write_locked(void)
{
    task_rwlock_t l = { { 0 } };

    task_rwlock_wrlock(&l);
    task_rwlock_rdunlock(&l); /* @rdunlock_write */
}

static void group_null_parent(void)
{
    task_group_create(NULL, 0); /* @group_null */
}

static void timeout_null_parent(void)
{
    ctx_with_timeout(NULL, 1); /* @timeout_null */
}

static void negative(void)
{
    wait_group_t wg = { { 0 } };

    wait_group_done(&wg); /* @negative */
}

static void unlock_unlocked(void)
{
    task_mutex_t m = { { 0 } };

    task_mutex_unlock(&m); /* @unlock */
}

static void rdunlock_unlocked(void)
{
    task_rwlock_t l = { { 0 } };

    task_rwlock_rdunlock(&l); /* @rdunlock */
}

static void wrunlock_read_locked(void)
{
    task_rwlock_t l = { { 0 } };

    task_rwlock_rdlock(&l);
    task_rwlock_wrunlock(&l); /* @wrunlock */
}

static void wait_without_lock(void)
{
    task_mutex_t m = { { 0 } };
    task_cond_t c = { { 0 } };

    task_cond_wait(&c, &m); /* @wait_unlocked */
}

static void null_parent(void)
{
    ctx_with_cancel(NULL); /* @null_parent */
}

static void too_big(void)
{
    chan_create(SIZE_MAX / 2, 3);
}

static void plain_function(void)
{
    (chan_close)(NULL);
}

/* The tasks' polls and the worker that looks for tasks want barriers. */
static void give_way_ten_times(void *arg)
{
    for (int i = 0; i < 10; i++)
        task_yield();
    wait_group_done(arg);
}

static void barriers_refused(void)
{
    wait_group_t wg = { { 0 } };

    refuse_barriers();
    for (int i = 0; i < 100; i++) {
        wait_group_add(&wg, 10);
        for (int j = 0; j < 10; j++)
            task_spawn(give_way_ten_times, &wg);
        wait_group_wait(&wg);
        task_sleep(MS);
    }
}

/* 0 when the child was aborted. */
static void wait_in_child(void *arg)
{
    chan_t *never = chan_make(int, 0);
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        chan_recv(never, NULL);
        _exit(0);
    }
    chan_release(never);
    if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
        _exit(1);
    wait_group_done(arg);
}

static void nothing(void *arg)
{
    (void)arg;
}

static void main_forks_and_waits(void)
{
    wait_group_t wg = { { 0 } };

    wait_group_add(&wg, 1);
    task_spawn(nothing, NULL);
    wait_in_child(&wg);
}

static void task_forks_and_waits(void)
{
    wait_group_t wg = { { 0 } };

    wait_group_add(&wg, 1);
    task_spawn(wait_in_child, &wg);
    wait_group_wait(&wg);
}

static void kill_child(void *arg)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        execlp("sleep", "sleep", "20", (char *)NULL);
        _exit(9);
    }
    usleep(100000);
    kill(pid, SIGTERM);
    if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status) || WTERMSIG(status) != SIGTERM)
        _exit(1);
    wait_group_done(arg);
}

static void task_forks_and_kills(void)
{
    wait_group_t wg = { { 0 } };

    wait_group_add(&wg, 1);
    task_spawn(kill_child, &wg);
    wait_group_wait(&wg);
}

static const struct scenario scenarios[] = {
    { "barriers_refused", barriers_refused },
    { "main_forks_and_waits", main_forks_and_waits },
    { "task_forks_and_waits", task_forks_and_waits },
    { "task_forks_and_kills", task_forks_and_kills },
    { "send_on_closed", send_on_closed },
    { "owner_sends_on_closed", owner_sends_on_closed },
    { "try_send_on_closed", try_send_on_closed },
    { "select_on_closed", select_on_closed },
    { "close_under_sender", close_under_sender },
    { "close_under_select", close_under_select },
    { "close_twice", close_twice },
    { "close_null", close_null },
    { "wrong_size", wrong_size },
    { "wrong_size_seen_coming", wrong_size_seen_coming },
    { "null_value", null_value },
    { "negative", negative },
    { "unlock_unlocked", unlock_unlocked },
    { "rdunlock_unlocked", rdunlock_unlocked },
    { "wrunlock_read_locked", wrunlock_read_locked },
    { "wait_without_lock", wait_without_lock },
    { "null_parent", null_parent },
    { "too_big", too_big },
    { "poll_on_closed", poll_on_closed },
    { "timeout_on_closed", timeout_on_closed },
    { "sized_on_closed", sized_on_closed },
    { "try_null_value", try_null_value },
    { "select_null_value", select_null_value },
    { "add_negative", add_negative },
    { "unlock_twice", unlock_twice },
    { "wrunlock_twice", wrunlock_twice },
    { "rdunlock_write_locked", rdunlock_write_locked },
    { "group_null_parent", group_null_parent },
    { "timeout_null_parent", timeout_null_parent },
    { "plain_function", plain_function },
    { NULL, NULL },
};

static void aborts_with(const char *scenario, const char *line)
{
    struct ended ended = check_child(scenario, NULL, NULL);

    assert_string_equal(ended.err, check_places(__FILE__, line));
    assert_true(WIFSIGNALED(ended.status));
    assert_int_equal(WTERMSIG(ended.status), SIGABRT);
}

static void channels(void **state)
{
    (void)state;
    aborts_with("send_on_closed",
                "chanrt: send on closed channel (made at @closed_made, capacity 2) "
                "at @send_in_task in task 1 (spawned at @send_spawn)\n");
    aborts_with("owner_sends_on_closed",
                "chanrt: send on closed channel (made at @owned, capacity 2) "
                "at @owner_sends in task 1 (spawned at @owned)\n");
    aborts_with("try_send_on_closed",
                "chanrt: send on closed channel (made at @closed_made, capacity 2) "
                "at @try_send in main\n");
    aborts_with("close_under_sender",
                "chanrt: send on closed channel (made at @under_made, capacity 0) "
                "at @send_in_task in task 1 (spawned at @under_spawn)\n");
    aborts_with("close_under_select",
                "chanrt: send on closed channel (made at @under_select_made, capacity 0) "
                "at @select_in_task in task 1 (spawned at @under_select_spawn)\n");
    aborts_with("close_twice", "chanrt: close of closed channel (made at @closed_made, "
                               "capacity 2) at @close_twice in main\n");
    aborts_with("close_null", "chanrt: close of nil channel at @close_null in main\n");
    aborts_with("wrong_size",
                "chanrt: send of a value that has not the channel's element size (made at "
                "@wrong_size, capacity 1) at @wrong_size in main\n");
    aborts_with("null_value", "chanrt: send of a null value (made at @null_value, capacity 1) "
                              "at @null_value in main\n");
    aborts_with("too_big", "chanrt: out of memory\n");
}

/* In a seeded run, where others get a turn before every send. */
static void misused_send_is_a_step(void **state)
{
    bool seen = false;

    (void)state;
    for (int seed = 1; seed <= 50 && !seen; seed++) {
        char number[16];
        struct ended ended;

        snprintf(number, sizeof number, "%d", seed);
        ended = check_child("wrong_size_seen_coming", "CHANRT_SEED", number);
        seen = WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == SEEN_COMING;
    }
    assert_true(seen);
}

static void every_kind_of_send(void **state)
{
    static const char *const sends[][2] = {
        { "poll_on_closed", "@poll_closed" },
        { "timeout_on_closed", "@timeout_closed" },
        { "sized_on_closed", "@sized_closed" },
    };
    char line[256];

    (void)state;
    for (size_t i = 0; i < sizeof sends / sizeof *sends; i++) {
        snprintf(line, sizeof line,
                 "chanrt: send on closed channel (made at @closed_made, capacity 2) at %s in "
                 "main\n", sends[i][1]);
        aborts_with(sends[i][0], line);
    }
    aborts_with("try_null_value", "chanrt: send of a null value (made at @try_null_value, "
                                  "capacity 1) at @try_null_value in main\n");
    aborts_with("select_null_value", "chanrt: send of a null value (made at @select_null_value, "
                                     "capacity 1) at @select_null_value in main\n");
}

/* clang numbers a macro call by its last line. */
static void calls_over_several_lines(void **state)
{
    (void)state;
#ifdef __clang__
    skip();
#endif
    aborts_with("select_on_closed",
                "chanrt: send on closed channel (made at @closed_made, capacity 2) "
                "at @select_closed in main\n");
}

static void locks_and_others(void **state)
{
    (void)state;
    aborts_with("negative", "chanrt: negative wait group counter at @negative in main\n");
    aborts_with("unlock_unlocked", "chanrt: unlock of unlocked mutex at @unlock in main\n");
    aborts_with("rdunlock_unlocked",
                "chanrt: read unlock of rwlock not locked for reading at @rdunlock in main\n");
    aborts_with("wrunlock_read_locked",
                "chanrt: write unlock of rwlock not locked for writing at @wrunlock in main\n");
    aborts_with("wait_without_lock",
                "chanrt: unlock of unlocked mutex at @wait_unlocked in main\n");
    aborts_with("null_parent", "chanrt: context with a null parent at @null_parent in main\n");
    aborts_with("timeout_null_parent",
                "chanrt: context with a null parent at @timeout_null in main\n");
    aborts_with("group_null_parent",
                "chanrt: context with a null parent at @group_null in main\n");
    aborts_with("add_negative",
                "chanrt: negative wait group counter at @add_negative in main\n");
    aborts_with("unlock_twice", "chanrt: unlock of unlocked mutex at @unlock_twice in main\n");
    aborts_with("wrunlock_twice",
                "chanrt: write unlock of rwlock not locked for writing at @wrunlock_twice in "
                "main\n");
    aborts_with("rdunlock_write_locked",
                "chanrt: read unlock of rwlock not locked for reading at @rdunlock_write in "
                "main\n");
}

static void no_more_barriers(void **state)
{
    struct ended ended = check_child("barriers_refused", "CHANRT_THREADS=2", NULL);

    (void)state;
    if (ended.err[0] == '\0')
        skip();                         /* no system call filters, or no membarrier */
    assert_memory_equal(ended.err, "chanrt: membarrier is not permitted any more", 44);
    assert_true(WIFSIGNALED(ended.status));
    assert_int_equal(WTERMSIG(ended.status), SIGABRT);
}

static void child_of_fork_waits(void **state)
{
    static const char *const children[] = { "main_forks_and_waits", "task_forks_and_waits" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct ended ended = check_child(children[i], "CHANRT_THREADS=1",
                                         "ASAN_OPTIONS=detect_leaks=0");

        assert_string_equal(ended.err, "chanrt: a child of fork waits, but tasks run only in its "
                                       "parent: it can exec or _exit\n");
        assert_int_equal(ended.status, 0);
    }
}

/* With the signals blocked that the program has blocked, not those that workers do. */
static void child_of_a_task_gets_signals(void **state)
{
    (void)state;
    assert_int_equal(check_child("task_forks_and_kills", NULL, NULL).status, 0);
}

static void return_address_as_site(void **state)
{
    struct ended ended = check_child("plain_function", NULL, NULL);

    (void)state;
    assert_non_null(strstr(ended.err, "chanrt: close of nil channel at "));
    assert_non_null(strstr(ended.err, "test_misuse(+0x"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels),
        cmocka_unit_test(misused_send_is_a_step),
        cmocka_unit_test(every_kind_of_send),
        cmocka_unit_test(calls_over_several_lines),
        cmocka_unit_test(locks_and_others),
        cmocka_unit_test(no_more_barriers),
        cmocka_unit_test(child_of_fork_waits),
        cmocka_unit_test(child_of_a_task_gets_signals),
        cmocka_unit_test(return_address_as_site),
    };

    check_scenarios(argc, argv, scenarios);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
